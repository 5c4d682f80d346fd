"""The platform's records on the staff's side: products, rates, imports, and the audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prm.audit.models import Event
from prm.catalog.models import Product, ProductFamily, Rate
from prm.catalog.services import review_product
from prm.core.errors import DomainError, NotVisible
from prm.ops import queries
from prm.ops.event_labels import choices
from prm.ops.forms import ProductForm
from prm.ops.rules import can_review_products
from prm.record.models import ImportRun
from prm.web import keyset
from prm.web.admin_site import Queue, site
from prm.web.components.status import badge
from prm.web.guards import require
from prm.web.record_admin import RecordAdmin
from prm.web.rendering import page

UNREVIEWED = "?reviewed__exact=0"


@admin.register(Product)
class ProductAdmin(RecordAdmin):
    """Names and families; prices come with the price list."""

    list_display = ("name", "family", "shown_state", "created_at")
    list_select_related = ("family",)
    list_filter = ("reviewed", "active")
    ordering = ("name", "pk")
    exact = ("ref", "key")
    text = ("name",)
    change_form_template = "ops/product.html"

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, obj: Product) -> Any:
        if not obj.reviewed:
            return badge("new", _("Not reviewed"), tone="wait")
        return badge("active", _("Offered")) if obj.active else badge("closed", _("Not offered"))

    def pages(self) -> list[URLPattern]:
        return [self.page("unreviewed/", unreviewed, "unreviewed"), self.page("<str:ref>/review/", self.review, "review")]

    def more(self, request: HttpRequest, obj: Product) -> dict[str, Any]:
        form = ProductForm(product=obj) if can_review_products(request.user) else None
        return {"form": form, "review_url": self.url("review", obj.ref)}

    def review(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Store what the person said, then the next unreviewed product."""
        require(can_review_products(request.user))
        product = self.get_queryset(request).filter(ref=ref).first() if "\x00" not in ref else None
        if product is None:
            raise NotVisible
        if request.method != "POST":
            return redirect(self.url("change", product.pk))
        form = ProductForm(request.POST, product=product)
        if form.is_valid():
            try:
                review_product(product, by=request.user, **form.cleaned_data)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                messages.success(request, _("%(name)s is reviewed.") % {"name": product})
                return redirect("admin:catalog_product_unreviewed")
        context = {**site.each_context(request), "title": str(product), "opts": self.opts, "object": product, "form": form}
        context |= {"facts": self.facts_of(request, product), "back_url": self.url("changelist")}
        return page(request, "ops/product.html", {**context, "review_url": self.url("review", ref)}, status=422)


def unreviewed(request: HttpRequest) -> HttpResponse:
    """The queue: products that nobody has looked at."""
    return redirect(reverse("admin:catalog_product_changelist") + UNREVIEWED)


@admin.register(ProductFamily)
class ProductFamilyAdmin(RecordAdmin):
    list_display = ("name", "key")
    ordering = ("name",)
    text = ("name",)


@admin.register(Rate)
class RateAdmin(RecordAdmin):
    """Units of the reporting currency per unit, by day."""

    list_display = ("day", "currency", "rate", "source")
    ordering = ("-day", "currency")
    exact = ("currency", "source")
    search_help_text = gettext_lazy("Currency code, or source")


@admin.register(ImportRun)
class ImportRunAdmin(RecordAdmin):
    """What each import did, with the lines it refused."""

    list_display = ("ref", "kind", "shown_outcome", "source", "file_name", "rows", "error_rows", "by", "created_at")
    list_select_related = ("by",)
    list_filter = ("kind", "outcome")
    exact = ("ref", "source")
    text = ("file_name",)

    @admin.display(description=gettext_lazy("outcome"))
    def shown_outcome(self, obj: ImportRun) -> Any:
        tones = {"loaded": "good", "partly": "wait", "refused": "bad"}
        icons = {"loaded": "circle-check", "partly": "triangle-alert", "refused": "circle-x"}
        return badge(obj.outcome, obj.get_outcome_display(), tone=tones[obj.outcome], icon=icons[obj.outcome])


@admin.register(Event)
class EventAdmin(RecordAdmin):
    """The audit trail: who did what to which row, when. Ids and field names only."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Newest first, by noun, object, partner; page 1,000 costs what page 1 costs."""
        asked = {key: request.GET.get(key, "").replace("\x00", "").strip()[:60] for key in ("noun", "object", "partner", "name")}
        rows, known = queries.events_by(request.user, **asked)
        narrow = any(asked[key] for key in ("object", "partner", "name"))
        sort = keyset.Sort("at", "at") if narrow else keyset.Sort("newest", "pk")
        found = keyset.page(request, rows, [sort], f"-{sort.name}")
        context = {
            **site.each_context(request),
            "title": _("Audit"),
            "page": found,
            "rows": queries.with_names(found),
            "nouns": queries.nouns(),
            "events": choices(),
            "asked": asked,
            "unknown": not known,
        }
        return page(request, "ops/events.html", context)

    def get_urls(self) -> list[URLPattern]:
        return [self.page("", self.changelist_view, "changelist")]


site.register_queue(
    Queue(
        key="products",
        label=gettext_lazy("Products to review"),
        url_name="admin:catalog_product_unreviewed",
        icon="package",
        order=40,
        count="prm.ops.queries.products_to_review",
        note=gettext_lazy("Created by imports; until then no rule approves deals for them"),
        seen="prm.ops.rules.can_review_products",
    )
)
