"""One member: role, suspension, removal."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from partners.forms.team import RoleForm
from partners.models import Membership
from partners.queries import team as queries
from partners.rules import team as rules
from partners.services import membership as services
from partners.views.answer import done
from prm.core.errors import DomainError, Reason
from prm.web.guards import require
from prm.web.rendering import page

STEPS = ("change_role", "suspend", "resume", "remove")


@login_required
@require_safe
def member(request: HttpRequest, ref: str) -> HttpResponse:
    """The member's page, with what an admin may do and why not."""
    row = queries.get_membership(request.user, ref)
    locked = {step: _why_not(request, step, row) for step in STEPS}
    context = {
        "row": row,
        "can_manage": not rules.why_not_manage_team(request.user, row.partner),
        "may": {step: not reasons for step, reasons in locked.items()},
        "role_form": RoleForm(initial={"role": row.role}),
        "kept": [reason for reason in locked["remove"] if reason.key == "team.last_admin"],
    }
    return page(request, "partners/team/member.html", context)


@login_required
@require_POST
def member_role(request: HttpRequest, ref: str) -> HttpResponse:
    """Give the member another role."""
    row = queries.get_membership(request.user, ref)
    require(_why_not(request, "change_role", row))
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such role."))
        return redirect("partners:member", ref=ref)
    try:
        row = services.change_role(row, form.cleaned_data["role"], by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("partners:member", ref=ref)
    return done(request, _("%(name)s now has the role %(role)s.") % {"name": row.user, "role": row.get_role_display()})


@login_required
@require_POST
def member_step(request: HttpRequest, ref: str, step: str) -> HttpResponse:
    """Suspend or resume the member."""
    row = queries.get_membership(request.user, ref)
    require(_why_not(request, step, row))
    service, said = {
        "suspend": (services.suspend, _("%(name)s has no access from now on.")),
        "resume": (services.resume, _("%(name)s has access again.")),
    }[step]
    try:
        service(row, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("partners:member", ref=ref)
    return done(request, said % {"name": row.user})


def _why_not(request: HttpRequest, step: str, row: Membership) -> list[Reason]:
    return rules.why_not_step(request.user, step, row, queries.count_other_admins(row))
