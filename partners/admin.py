"""Tenancy on the staff's side: records to look at, and pages that call one service each. No row is edited as a bare row."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from partners.enums import ADMIN_REQUEST_STEPS
from partners.models import Absence, AdminRequest, Desk, Membership, Partner, StaffMember
from partners.queries import partner as partners
from partners.queries import staff as staff_queries
from partners.queries.access import scope_for, visible_partners
from partners.rules import staff as rules
from partners.rules import team as team_rules
from partners.views import photo, staff_partner, staff_people
from prm.web.admin_site import Queue, site
from prm.web.record_admin import RecordAdmin

SUSPENDING = _(
    "Suspend this partner? Its people are refused at once, also those signed in now, and mails to them stop. Its open deals and "
    "protections stay as they are. You can resume it at any time."
)
RESUMING = _("Resume this partner? Its people can sign in again at once, and mails to them go on.")


def action(label: Any, url: str, *, post: bool = False, confirm: Any = "") -> dict[str, Any]:
    """One button of a record page; what posts asks first, and says what follows."""
    return {"label": label, "url": url, "post": post, "confirm": (confirm or _("Are you sure?")) if post else ""}


@admin.register(Partner)
class PartnerAdmin(RecordAdmin):
    list_display = ("name", "ref", "status", "partner_type", "country", "city")
    list_filter = ("status", "partner_type")
    ordering = ("sort_name", "pk")
    list_select_related = ("partner_type",)
    exact = ("ref", "external_ref")
    text = ("sort_name",)
    facts = (
        "ref",
        "status",
        "partner_type",
        "parent",
        "external_ref",
        "size",
        "employees",
        "industry",
        "country",
        "region",
        "city",
        "website",
        "opened_year",
        "time_zone",
        "deal_sight",
        "ends_on",
        "suspended_at",
    )
    change_form_template = "partners/staff/partner.html"
    kept_below = ("manager_assignments", "tier_assignments")
    change_list_template = "partners/staff/changelist.html"

    def rows_for(self, user: Any) -> QuerySet:
        return visible_partners(user)

    def pages(self) -> list[URLPattern]:
        return [
            self.page("add/", staff_partner.partner_add, "add"),
            self.page("links/<uuid:pk>/end/", staff_partner.link_end, "link_end"),
            self.page("<uuid:pk>/edit/", staff_partner.partner_edit, "edit"),
            self.page("<uuid:pk>/suspend/", self.step("suspend"), "suspend"),
            self.page("<uuid:pk>/resume/", self.step("resume"), "resume"),
            self.page("<uuid:pk>/leave/", staff_partner.partner_leave, "leave"),
            self.page("<uuid:pk>/manager/", staff_partner.partner_manager, "manager"),
            self.page("<uuid:pk>/distributor/", staff_partner.partner_link, "distributor"),
            self.page("<uuid:pk>/first-admin/", staff_partner.partner_first_admin, "first_admin"),
            self.page("<uuid:pk>/new-admin/", staff_partner.partner_ask_admin, "ask_admin"),
        ]

    def step(self, name: str) -> Any:
        return lambda request, pk: staff_partner.partner_step(request, pk, name)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        add_url = self.url("add") if rules.can_configure(request.user) else ""
        return super().changelist_view(request, {**(extra_context or {}), "own_add_url": add_url, "own_add": _("New partner")})

    def more(self, request: HttpRequest, obj: Partner) -> dict[str, Any]:
        user, team = request.user, partners.has_members(obj)
        offered = [
            (rules.can_change_partner(user, obj), _("Edit"), "edit", False),
            (rules.can_assign_manager(user, obj), _("Channel manager"), "manager", False),
            (rules.can_configure(user), _("Add a distributor"), "distributor", False),
            (
                rules.can_change_partner(user, obj) and not partners.has_members(obj),
                _("Invite the first admin"),
                "first_admin",
                False,
            ),
            (team_rules.can_ask_for_admin(user, obj) and team, _("New admin"), "ask_admin", False),
            (rules.can_step_partner(user, "leave", obj), _("Leaves"), "leave", False),
            *(
                (rules.can_step_partner(user, name, obj), label, name, True)
                for name, label in (("suspend", _("Suspend")), ("resume", _("Resume")))
            ),
        ]
        asked = {"suspend": SUSPENDING, "resume": RESUMING}
        buttons = [
            action(label, self.url(name, obj.pk), post=post, confirm=asked.get(name))
            for allowed, label, name, post in offered
            if allowed
        ]
        return {"buttons": buttons, "can_configure": rules.can_configure(user), **partners.around(obj)}


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    """Read: teams are changed by their own admins."""

    list_display = ("user", "partner", "role", "status", "last_seen_on")
    list_filter = ("role", "status")
    list_select_related = ("user", "partner")
    exact = ("ref", "user__email")
    text = ("user__name", "partner__sort_name")
    facts = ("ref", "user", "partner", "role", "status", "last_seen_on", "created_at")

    def rows_for(self, user: Any) -> QuerySet:
        return scope_for(user).narrow(Membership.objects.select_related("user", "partner"))


@admin.register(AdminRequest)
class AdminRequestAdmin(RecordAdmin):
    list_display = ("ref", "partner", "candidate", "asked_by", "status", "created_at", "effective_at")
    list_filter = ("status",)
    list_select_related = ("partner", "candidate__user", "candidate__partner", "asked_by")
    exact = ("ref",)
    text = ("partner__sort_name",)
    facts = ("ref", "partner", "candidate", "asked_by", "reason", "status", "confirmed_by", "effective_at", "created_at")
    change_form_template = "partners/staff/record.html"

    def sees(self, user: Any) -> bool:
        return staff_queries.decides_admin_requests(user)

    def rows_for(self, user: Any) -> QuerySet:
        return staff_queries.admin_requests_for(user)

    def pages(self) -> list[URLPattern]:
        return [
            self.page("<str:ref>/confirm/", self.step("confirm"), "confirm"),
            self.page("<str:ref>/refuse/", self.step("refuse"), "refuse"),
        ]

    def step(self, name: str) -> Any:
        return lambda request, ref: staff_people.admin_request_step(request, ref, name)

    def more(self, request: HttpRequest, obj: AdminRequest) -> dict[str, Any]:
        reasons = team_rules.why_not_confirm_admin(request.user, obj)
        steps = [("confirm", _("Confirm")), ("refuse", _("Refuse"))] if not reasons else []
        taken = [(name, label) for name, label in steps if ADMIN_REQUEST_STEPS.allows(name, obj)]
        buttons = [action(label, self.url(name, obj.ref), post=True) for name, label in taken]
        return {"buttons": buttons, "reasons": reasons}


@admin.register(StaffMember)
class StaffMemberAdmin(RecordAdmin):
    list_display = ("user", "desk", "lead")
    list_select_related = ("user", "desk", "lead")
    exact = ("user__email",)
    text = ("user__name",)
    facts = ("user", "address", "roles", "desk", "lead", "account")
    kept_below = ("role_grants",)
    change_form_template = "partners/staff/record.html"
    change_list_template = "partners/staff/changelist.html"

    def rows_for(self, user: Any) -> QuerySet:
        return StaffMember.objects.select_related("user", "desk", "lead").prefetch_related("role_grants")

    @admin.display(description=_("e-mail"))
    def address(self, obj: StaffMember) -> str:
        return obj.user.email

    @admin.display(description=_("roles"))
    def roles(self, obj: StaffMember) -> str:
        return ", ".join(str(grant.get_role_display()) for grant in obj.role_grants.all())

    @admin.display(description=_("account"))
    def account(self, obj: StaffMember) -> str:
        return str(_("open")) if obj.user.is_active else str(_("closed"))

    def pages(self) -> list[URLPattern]:
        return [
            self.page("add/", staff_people.staff_add, "add"),
            self.page("<uuid:pk>/edit/", staff_people.staff_edit, "edit"),
            self.page("<uuid:pk>/photo/", photo.staff_photo, "photo"),
            self.page("<uuid:pk>/close/", lambda request, pk: staff_people.staff_account(request, pk, False), "close"),
            self.page("<uuid:pk>/open/", lambda request, pk: staff_people.staff_account(request, pk, True), "open"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        add_url = self.url("add") if rules.can_change_staff(request.user) else ""
        return super().changelist_view(request, {**(extra_context or {}), "own_add_url": add_url, "own_add": _("New colleague")})

    def more(self, request: HttpRequest, obj: StaffMember) -> dict[str, Any]:
        photos = [action(_("Photo"), self.url("photo", obj.pk))] if rules.can_set_photo(request.user, obj.user) else []
        if not rules.can_change_staff(request.user):
            return {"buttons": photos, "person": obj.user}
        account = action(_("Close the account"), self.url("close", obj.pk), post=True)
        if not obj.user.is_active:
            account = action(_("Open the account"), self.url("open", obj.pk), post=True)
        return {"buttons": [action(_("Edit"), self.url("edit", obj.pk)), *photos, account], "person": obj.user}


@admin.register(Desk)
class DeskAdmin(RecordAdmin):
    list_display = ("name", "time_zone", "opens_at", "closes_at", "holiday_country")
    facts = ("name", "time_zone", "weekdays", "opens_at", "closes_at", "holiday_country", "holiday_subdivision", "closing_days")
    change_form_template = "partners/staff/record.html"

    @admin.display(description=_("closing days"))
    def closing_days(self, obj: Desk) -> str:
        return ", ".join(f"{row.day} {row.why}".strip() for row in obj.closings.order_by("day"))

    def pages(self) -> list[URLPattern]:
        return [
            self.page("<uuid:pk>/edit/", staff_people.desk_edit, "edit"),
            self.page("<uuid:pk>/closing/", staff_people.desk_closing, "closing"),
        ]

    def more(self, request: HttpRequest, obj: Desk) -> dict[str, Any]:
        if not rules.can_configure(request.user):
            return {}
        edit, closing = self.url("edit", obj.pk), self.url("closing", obj.pk)
        return {"buttons": [action(_("Edit"), edit), action(_("Add a closing day"), closing)]}


@admin.register(Absence)
class AbsenceAdmin(RecordAdmin):
    list_display = ("user", "deputy", "starts_on", "ends_on")
    list_select_related = ("user", "deputy")
    ordering = ("-ends_on", "-pk")
    text = ("user__name", "deputy__name")
    facts = ("user", "deputy", "starts_on", "ends_on")
    change_form_template = "partners/staff/record.html"
    change_list_template = "partners/staff/changelist.html"

    def pages(self) -> list[URLPattern]:
        return [
            self.page("add/", staff_people.absence_add, "add"),
            self.page("<uuid:pk>/end/", staff_people.absence_end, "end"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(
            request, {**(extra_context or {}), "own_add_url": self.url("add"), "own_add": _("New absence")}
        )

    def more(self, request: HttpRequest, obj: Absence) -> dict[str, Any]:
        if not rules.can_end_absence(request.user, obj):
            return {}
        return {"buttons": [action(_("Take out of the calendar"), self.url("end", obj.pk), post=True)]}


site.register_queue(
    Queue(
        key="admin_requests",
        label=_("New admins asked for"),
        url_name="admin:partners_adminrequest_changelist",
        icon="shield-check",
        order=500,
        count="partners.queries.staff.count_admin_requests",
        note=_("A member or the manager asked; another person confirms"),
    )
)
