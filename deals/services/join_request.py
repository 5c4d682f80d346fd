"""Joining the deal of a linked company that made one's own registration a duplicate."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals import emails
from deals.enums import JOIN_REQUEST_STEPS, OPEN
from deals.models import Deal, JoinRequest
from deals.queries.participant import deal_to_join, linked_role
from deals.services.participant import add_participant
from partners.models import User
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.states import take


@transaction.atomic
def ask_join(declined: Deal, *, by: User) -> JoinRequest:
    """Ask the owner of the other deal to take part, in the role the link between the two companies gives.

    Raises DomainError when there is no such deal any more, or one's company takes part or asks already.
    """
    deal = deal_to_join(declined)
    if deal is not None:  # held, so that it cannot end unseen: its end closes what is asked on it
        deal = Deal.objects.select_for_update(of=("self",)).filter(pk=deal.pk, status__in=OPEN).select_related("partner").first()
    role = linked_role(deal.partner, declined.partner_id, timezone.localdate()) if deal else None
    if deal is None or role is None:
        raise DomainError(_("There is no deal any more that you could join."), key="gone")
    if deal.participants.filter(partner=declined.partner_id).exists():
        raise DomainError(_("Your company takes part in that deal already."), key="already")
    try:
        with transaction.atomic():
            join = JoinRequest.objects.create(deal=deal, partner=declined.partner, role=role, declined=declined, asked_by=by)
    except IntegrityError:
        raise DomainError(_("Your company has asked already."), key="already")
    audit.record("deals.join_request.asked", join, by=by, partner=declined.partner, data={"deal": str(deal.pk)})
    emails.join_asked(join)
    return join


@transaction.atomic
def accept_join(join: JoinRequest, *, by: User, now: datetime | None = None) -> JoinRequest:
    """The owner's side says yes: the company takes part. Raises StaleState, DomainError when the link or the deal has ended."""
    take(JOIN_REQUEST_STEPS["accept"], join, decided_by=by, decided_at=now or timezone.now())
    add_participant(join.deal, join.partner, join.role, by=by, member=join.asked_by)
    audit.record("deals.join_request.accepted", join, by=by, partner=join.deal.partner, data={"deal": str(join.deal_id)})
    emails.join_decided(join)
    return join


@transaction.atomic
def refuse_join(join: JoinRequest, *, by: User, now: datetime | None = None) -> JoinRequest:
    """The owner's side says no. Raises StaleState."""
    take(JOIN_REQUEST_STEPS["refuse"], join, decided_by=by, decided_at=now or timezone.now())
    audit.record("deals.join_request.refused", join, by=by, partner=join.deal.partner, data={"deal": str(join.deal_id)})
    emails.join_decided(join)
    return join


@transaction.atomic
def withdraw_join(join: JoinRequest, *, by: User) -> JoinRequest:
    """Who asked no longer wants it. Raises StaleState."""
    take(JOIN_REQUEST_STEPS["withdraw"], join)
    audit.record("deals.join_request.withdrawn", join, by=by, partner=join.partner, data={"deal": str(join.deal_id)})
    return join
