"""What a duplicate check leads to: declined at once, waiting, in review, or approved by rule."""

from __future__ import annotations

from datetime import datetime

from deals import emails
from deals.enums import DEAL_STEPS, DeclinedKind, Outcome
from deals.models import Deal
from deals.rules.conflict import Verdict
from deals.rules.policy import PolicyRules
from deals.services import protection
from deals.services.clock import start_clock, stop_clock
from deals.services.ended import end_requests
from prm.audit import services as audit
from prm.core.states import take


def settle(deal: Deal, verdict: Verdict, rules: PolicyRules, *, now: datetime) -> None:
    """Carry out what the check says of a submitted deal."""
    if verdict.outcome == Outcome.DECLINE:
        decline_as_duplicate(deal, verdict.rule, now=now)
    elif verdict.outcome == Outcome.WAITING and verdict.leading:
        take(DEAL_STEPS["wait"], deal, waits_for_id=verdict.leading.thing.id)
        audit.record("deals.deal.waiting", deal, by=None, partner=deal.partner)
        emails.deal_received(deal)
    elif verdict.outcome == Outcome.CLEAR and protection.may_approve_by_rule(deal, rules):
        protection.approve_by_rule(deal, rules, now=now)
    else:
        send_to_review(deal, rules, now=now)


def send_to_review(deal: Deal, rules: PolicyRules, *, now: datetime) -> None:
    """Into the deciding desk's queue; the clock starts, or goes on with what was left."""
    due = start_clock(deal, rules, now)
    take(DEAL_STEPS["review"], deal, waits_for=None, question_open=False, **due)
    audit.record("deals.deal.in_review", deal, by=None, partner=deal.partner)
    emails.deal_received(deal)
    emails.deal_in_queue(deal)


def decline_as_duplicate(deal: Deal, rule: str, *, now: datetime) -> None:
    """The one decision the machine takes alone: certain identity and something live in the way."""
    take(
        DEAL_STEPS["decline_duplicate"],
        deal,
        declined_kind=DeclinedKind.DUPLICATE,
        reason=rule,
        decided_at=now,
        ended_at=now,
        waits_for=None,
        **stop_clock(deal, now),
    )
    end_requests(deal, by=None, now=now)
    audit.record("deals.deal.declined_duplicate", deal, by=None, partner=deal.partner, data={"rule": rule})
    emails.deal_declined(deal)
