"""Registrations that wait behind an earlier one of the same thing."""

from __future__ import annotations

from datetime import datetime

from deals.enums import DealStatus, Outcome
from deals.models import Deal
from deals.queries.conflict import identity_of_deal
from deals.queries.policy import policy_at, rules_of
from deals.services.conflict import check_deal, record_earlier_approved
from deals.services.outcome import decline_as_duplicate, send_to_review
from prm.audit import services as audit
from prm.matching import Identity


def identities_at_stake(deal: Deal) -> list[Identity]:
    """The identities of the deal and of all who wait behind it, or behind one of those: locked together, once, so that orders
    never cross."""
    queue = [deal]
    for front in queue:
        queue += _behind(front)
    return [identity_of_deal(other) for other in queue]


def _behind(deal: Deal) -> list[Deal]:
    rows = Deal.objects.filter(waits_for=deal, status=DealStatus.WAITING).select_related("partner")
    return list(rows.order_by("submitted_at", "pk"))


def advance_waiting(deal: Deal, *, now: datetime) -> None:
    """The one in front is gone or changed: check each waiting one again, earliest first, keeping its time. Where that ends one,
    who waited behind it is next."""
    policy = policy_at(now)
    rules = rules_of(policy)
    for other in _behind(deal):
        verdict, _conflict = check_deal(other, policy, rules, now)
        if verdict.outcome == Outcome.DECLINE:
            decline_as_duplicate(other, verdict.rule, now=now)
            advance_waiting(other, now=now)
        elif verdict.outcome == Outcome.WAITING and verdict.leading:
            Deal.objects.filter(pk=other.pk).update(waits_for=verdict.leading.thing.id)
            audit.record("deals.deal.waiting", other, by=None, partner=other.partner)
        else:
            send_to_review(other, rules, now=now)


def decline_waiting(deal: Deal, *, now: datetime) -> None:
    """The one in front was approved: what waited for the same thing is a duplicate now. Who waited behind that for something
    else moves up."""
    for other in _behind(deal):
        record_earlier_approved(other, deal)
        decline_as_duplicate(other, "earlier_approved", now=now)
        advance_waiting(other, now=now)
