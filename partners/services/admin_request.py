"""A new admin for a team whose admin is gone: asked by one person, confirmed by another, real after two business days."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from partners import emails
from partners.enums import ADMIN_REQUEST_STEPS, AdminRequestStatus, MembershipStatus, Role
from partners.models import AdminRequest, Membership, Partner, User
from partners.queries.desk import calendar_of, desk_of
from partners.queries.manager import decider_of
from partners.rules import forget_access
from partners.rules.team import why_not_confirm_admin
from partners.services.membership import change_role
from partners.services.team_lock import lock_team
from prm.audit import services as audit
from prm.core.business_time import Calendar, add_business_time
from prm.core.errors import DomainError, NotAllowed
from prm.core.states import take
from prm.core.text import clean_text

WAIT_DAYS = 2


@transaction.atomic
def ask(partner: Partner, *, candidate: Membership, reason: str, by: User) -> AdminRequest:
    """Ask that a member becomes admin. Raises DomainError while another such request is open."""
    partner = lock_team(partner.pk)
    candidate = Membership.objects.select_related("user").get(pk=candidate.pk)
    reason = clean_text(reason, 500, lines=True, required=True, field="reason")
    if candidate.partner_id != partner.pk or candidate.status != MembershipStatus.ACTIVE or candidate.role == Role.ADMIN:
        raise DomainError(_("Choose an active member who is not an admin yet."), field="candidate")
    try:
        with transaction.atomic():
            request = AdminRequest.objects.create(partner=partner, candidate=candidate, asked_by=by, reason=reason)
    except IntegrityError:
        raise DomainError(_("Somebody asked for a new admin already; that request is still open."), key="open") from None
    audit.record("partners.admin_request.asked", request, by=by, partner=partner, data={"candidate": candidate.pk})
    manager = decider_of(partner)
    emails.admin_request_asked(request, [manager] if manager else [])
    return request


@transaction.atomic
def confirm(request: AdminRequest, *, by: User, now: datetime | None = None) -> AdminRequest:
    """Staff confirm: the member becomes admin two business days of the desk later. The whole team is told."""
    now = now or timezone.now()
    _require_second_person(request, by)
    desk = desk_of(by)
    calendar = calendar_of(desk) if desk else Calendar()
    step = ADMIN_REQUEST_STEPS["confirm"]
    take(step, request, confirmed_by=by, effective_at=add_business_time(calendar, now, days=WAIT_DAYS))
    audit.record(step.event, request, by=by, partner=request.partner, data={"effective_at": request.effective_at})
    emails.admin_request_confirmed(request)
    return request


@transaction.atomic
def refuse(request: AdminRequest, *, by: User | None) -> AdminRequest:
    """Turn it down, also in the two days after it was confirmed."""
    if by is not None:
        _require_second_person(request, by)
    take(ADMIN_REQUEST_STEPS["refuse"], request)
    audit.record(ADMIN_REQUEST_STEPS["refuse"].event, request, by=by, partner=request.partner)
    emails.admin_request_refused(request)
    return request


@transaction.atomic
def grant(request: AdminRequest, *, now: datetime) -> AdminRequest:
    """The two days are over: the member is admin now. A member who is not in the team any more is refused instead."""
    lock_team(request.partner_id)
    request = AdminRequest.objects.select_related("partner", "candidate__user", "asked_by").get(pk=request.pk)
    if request.status == AdminRequestStatus.CONFIRMED and (request.effective_at is None or request.effective_at > now):
        raise DomainError(_("The two business days are not over yet."), key="too_early")
    if request.candidate.status != MembershipStatus.ACTIVE:
        return refuse(request, by=None)
    take(ADMIN_REQUEST_STEPS["grant"], request)
    audit.record(ADMIN_REQUEST_STEPS["grant"].event, request, by=None, partner=request.partner)
    if request.candidate.role != Role.ADMIN:
        change_role(request.candidate, Role.ADMIN, by=None)
    emails.admin_request_granted(request)
    return request


def _require_second_person(request: AdminRequest, by: User) -> None:
    forget_access(by)
    reasons = why_not_confirm_admin(by, request)
    if reasons:
        raise NotAllowed(reasons)
