"""Vendor staff, desks and absences; requests for a new admin. Served under the admin site."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from partners.forms.staff import AbsenceForm, ClosingForm, DeskForm, StaffForm
from partners.queries import desk as desks
from partners.queries import staff as queries
from partners.queries.manager import team_led_by
from partners.queries.team import get_admin_request
from partners.rules import staff as rules
from partners.rules import team as team_rules
from partners.services import admin_request, staff
from partners.services import desk as desk_services
from partners.views.staff_page import form_page, posted, run
from prm.web.guards import require


def staff_add(request: HttpRequest) -> HttpResponse:
    """A new colleague, or an existing account made staff."""
    require(rules.can_change_staff(request.user))
    form = StaffForm(posted(request))
    back = reverse("admin:partners_staffmember_changelist")
    return form_page(request, form, lambda data: staff.add_staff(by=request.user, **data), title=_("New colleague"), back=back)


def staff_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Desk, lead and roles of a colleague."""
    require(rules.can_change_staff(request.user))
    row = queries.get_staff(request.user, pk)
    now = {"email": row.user.email, "name": row.user.name, "desk": row.desk, "lead": row.lead, "roles": queries.roles_of(row)}
    form = StaffForm(posted(request), known=row.user, initial=now)

    def act(data: dict) -> None:
        staff.make_staff(row.user, desk=data["desk"], lead=data["lead"], roles=data["roles"], by=request.user)

    back = reverse("admin:partners_staffmember_change", args=[pk])
    return form_page(request, form, act, title=str(row.user), back=back)


@require_POST
def staff_account(request: HttpRequest, pk: UUID, open_: bool) -> HttpResponse:
    """Close a colleague's account, or open it again."""
    require(rules.can_change_staff(request.user))
    row = queries.get_staff(request.user, pk)
    back = reverse("admin:partners_staffmember_change", args=[pk])
    return run(request, lambda: staff.set_account(row.user, open_=open_, by=request.user), back)


def desk_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hours and public holidays of a desk; clocks that run are counted by them from now on."""
    require(rules.can_configure(request.user))
    row = desks.get_desk(request.user, pk)
    back = reverse("admin:partners_desk_change", args=[pk])
    form = DeskForm(posted(request), instance=desks.get_desk(request.user, pk))
    return form_page(
        request, form, lambda data: desk_services.change_desk(row, by=request.user, **data), title=str(row), back=back
    )


def desk_closing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One more day on which the desk is closed."""
    require(rules.can_configure(request.user))
    row = desks.get_desk(request.user, pk)
    back = reverse("admin:partners_desk_change", args=[pk])
    form = ClosingForm(posted(request))
    title = _("Closing day of %(desk)s") % {"desk": row}
    return form_page(request, form, lambda data: desk_services.add_closing(row, by=request.user, **data), title=title, back=back)


def absence_add(request: HttpRequest) -> HttpResponse:
    """Enter an absence with its deputy: one's own, or one of the team."""
    people = team_led_by(request.user)
    form = AbsenceForm(posted(request), people=people, initial={"user": request.user.pk})

    def act(data: dict) -> None:
        require(rules.can_enter_absence(request.user, data["user"]))
        desk_services.add_absence(by=request.user, **data)

    back = reverse("admin:partners_absence_changelist")
    return form_page(request, form, act, title=_("New absence"), back=back)


@require_POST
def absence_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an absence out of the calendar."""
    row = desks.get_absence(request.user, pk)
    require(rules.can_end_absence(request.user, row))
    back = reverse("admin:partners_absence_changelist")
    return run(request, lambda: desk_services.end_absence(row, by=request.user), back)


@require_POST
def admin_request_step(request: HttpRequest, ref: str, step: str) -> HttpResponse:
    """Confirm or refuse a request for a new admin."""
    row = get_admin_request(request.user, ref)
    require(team_rules.why_not_confirm_admin(request.user, row))
    service = {"confirm": admin_request.confirm, "refuse": admin_request.refuse}[step]
    back = reverse("admin:partners_adminrequest_changelist")
    return run(request, lambda: service(row, by=request.user), back)
