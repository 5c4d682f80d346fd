"""Read-only records: deals, opportunities, customers, sales, checks. Each list begins behind its door."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from deals.admin.aliases import names_context
from deals.forms.engine import AliasForm
from deals.models import AccountCheck, Conflict, Customer, Deal, Opportunity, Sale
from deals.queries.customer import living_customer
from deals.queries.merge import merges_of
from deals.queries.review import staff_deals
from deals.rules.review import can_see_records
from deals.rules.verdict import can_merge_customers
from deals.rules.wording import rule_text
from partners.queries import scope_for
from partners.rules import Perm
from prm.core.errors import NotVisible
from prm.web.components.formats import day, money
from prm.web.components.status import badge
from prm.web.record_admin import RecordAdmin


class DealRecords(RecordAdmin):
    """For staff who may look at deals of at least one partner."""

    def sees(self, user: Any) -> bool:
        return can_see_records(user)


@admin.register(Deal)
class DealAdmin(DealRecords):
    """Every deal of the partners in scope; its page is the review page."""

    list_display = ("customer_name", "ref", "partner", "shown_status", "shown_amount", "shown_day")
    list_select_related = ("partner",)
    list_filter = ("status", "nature", "declined_kind")
    exact = ("ref",)
    text = ("customer_name", "partner__name")
    search_help_text = _("Deal number, or a part of the customer's or partner's name")

    def rows_for(self, user: Any) -> QuerySet[Deal]:
        return staff_deals(user)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        deal = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if deal is None:
            raise NotVisible
        return HttpResponseRedirect(reverse("admin:deals_review_deal", args=[deal.ref]))

    @admin.display(description=_("status"))
    def shown_status(self, obj: Deal) -> Any:
        return badge(obj.status, obj.get_status_display())

    @admin.display(description=_("amount"))
    def shown_amount(self, obj: Deal) -> Any:
        return money(obj.amount, obj.currency)

    @admin.display(description=_("submitted"))
    def shown_day(self, obj: Deal) -> Any:
        return day(obj.submitted_at)


@admin.register(Opportunity)
class OpportunityAdmin(DealRecords):
    """The vendor's own pipeline, as imported."""

    list_display = ("customer_name", "external_id", "source", "country", "shown_amount", "stage", "state", "last_activity_on")
    list_filter = ("state",)
    exact = ("ref", "external_id", "domain")
    text = ("customer_name",)
    search_help_text = _("Number, web domain, or a part of the customer's name")

    @admin.display(description=_("amount"))
    def shown_amount(self, obj: Opportunity) -> Any:
        return money(obj.amount, obj.currency)


@admin.register(Customer)
class CustomerAdmin(DealRecords):
    """End customers, one identity each."""

    change_form_template = "deals/engine/customer.html"

    list_display = ("name", "ref", "country", "city", "domain", "registration_number")
    exact = ("ref", "domain", "registration_number")
    text = ("name",)
    search_help_text = _("Number, web domain, or a part of the name")
    facts = (
        "ref", "name", "country", "city", "street", "postcode", "domain", "registration_number", "phone", "parent", "merged_into",
        "known_as", "created_at",
    )  # fmt: skip

    def rows_for(self, user: Any) -> QuerySet[Customer]:
        return Customer.objects.defer("match_keys")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A merged customer leads to the one it went into."""
        obj = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if obj is not None and obj.merged_into_id:
            kept = living_customer(obj.pk)
            said = gettext("%(merged)s was merged into this customer.") % {"merged": f"{obj.name} ({obj.ref})"}
            messages.info(request, said)
            return HttpResponseRedirect(self.url("change", kept.pk))
        return super().change_view(request, object_id, *args, **kwargs)

    def more(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        if not can_merge_customers(request.user):
            return {}
        url = reverse("admin:deals_double", args=[obj.ref])
        actions = [{"url": url, "label": gettext("Merge with another customer")}]
        return {**names_context(obj, AliasForm()), "actions": actions, "merges": merges_of(obj)}

    @admin.display(description=_("also known as"))
    def known_as(self, obj: Customer) -> str:
        return ", ".join(alias.name or alias.domain for alias in obj.aliases.all()[:20])


@admin.register(Sale)
class SaleAdmin(DealRecords):
    """Booked revenue of the partners in scope."""

    list_display = ("order_ref", "line", "partner", "customer_name", "product", "ordered_on", "shown_amount", "deal_ref")
    list_select_related = ("partner", "product", "deal")
    exact = ("order_ref", "deal__ref")
    text = ("customer_name", "partner__name")
    search_help_text = _("Order or deal number, or a part of the customer's or partner's name")

    def rows_for(self, user: Any) -> QuerySet[Sale]:
        return scope_for(user, Perm.VIEW_DEALS).narrow(Sale.objects.all())

    @admin.display(description=_("net amount"))
    def shown_amount(self, obj: Sale) -> Any:
        return money(obj.net_amount, obj.currency)

    @admin.display(description=_("deal"))
    def deal_ref(self, obj: Sale) -> str:
        return obj.deal.ref if obj.deal else ""


@admin.register(Conflict)
class ConflictAdmin(DealRecords):
    """Every duplicate check of the deals in scope; the page is the deal's, opened at this check."""

    list_display = ("shown_deal", "shown_outcome", "shown_rule", "frees_up_on", "engine_version", "policy", "created_at")
    list_select_related = ("deal", "policy")
    list_filter = ("outcome",)
    exact = ("ref", "deal__ref")
    text = ("deal__customer_name",)
    search_help_text = _("Number of the check or deal, or a part of the customer's name")

    def rows_for(self, user: Any) -> QuerySet[Conflict]:
        return scope_for(user, Perm.VIEW_DEALS).narrow(Conflict.objects.all(), "deal__partner")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if row is None:
            raise NotVisible
        return HttpResponseRedirect(reverse("admin:deals_review_deal", args=[row.deal.ref]) + f"?check={row.ref}")

    @admin.display(description=_("deal"))
    def shown_deal(self, obj: Conflict) -> Any:
        return format_html("{} <span class='muted'>{}</span>", obj.deal.customer_name, obj.deal.ref)

    @admin.display(description=_("outcome"))
    def shown_outcome(self, obj: Conflict) -> Any:
        return badge(obj.outcome, obj.get_outcome_display())

    @admin.display(description=_("rule"))
    def shown_rule(self, obj: Conflict) -> str:
        return rule_text(obj.rule)


@admin.register(AccountCheck)
class AccountCheckAdmin(DealRecords):
    """Who asked whether which account is free; kept six months."""

    list_display = ("customer_name", "domain", "country", "answer", "user", "partner", "created_at")
    list_select_related = ("user", "partner")
    exact = ("domain", "user__email")
    text = ("customer_name", "partner__name")
    search_help_text = _("Web domain, the asker's address, or a part of the customer's or partner's name")

    def rows_for(self, user: Any) -> QuerySet[AccountCheck]:
        return scope_for(user, Perm.VIEW_DEALS).narrow(AccountCheck.objects.all())
