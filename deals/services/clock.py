"""The decision clock of a deal: runs, stops, and what it comes to. The arithmetic is prm.core.clocks."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from deals import emails
from deals.enums import DEAL_STEPS
from deals.models import ClockRun, Deal
from deals.queries.clock import calendar_for, intervals_of
from deals.rules.policy import PolicyRules
from prm.audit import services as audit
from prm.core.clocks import read_clock
from prm.core.states import take


def start_clock(deal: Deal, rules: PolicyRules, now: datetime) -> dict[str, datetime | None]:
    """Open a run (unless one is open) and answer the due instants to store with the step."""
    if not deal.clock_runs.filter(stopped_at=None).exists():
        ClockRun.objects.create(deal=deal, started_at=now)
    return due_instants(deal, rules, now)


def stop_clock(deal: Deal, now: datetime) -> dict[str, datetime | None]:
    """Close the open run; nothing is due while the clock stands."""
    deal.clock_runs.filter(stopped_at=None).update(stopped_at=now)
    return {"due_at": None, "breach_at": None}


def due_instants(deal: Deal, rules: PolicyRules, now: datetime) -> dict[str, datetime | None]:
    """When target and breach fall, counted over all runs so far."""
    clock = read_clock(
        calendar_for(deal),
        intervals_of(deal),
        now,
        target_days=rules.target_business_days,
        breach_days=rules.breach_business_days,
    )
    return {"due_at": clock.target_at or now, "breach_at": clock.breach_at or now}


@transaction.atomic
def escalate_deal(deal: Deal, *, now: datetime) -> Deal:
    """The decision is late: note it once and pass it on to the channel lead."""
    take(DEAL_STEPS["escalate"], deal, escalated_at=now)
    audit.record("deals.deal.escalated", deal, by=None, partner=deal.partner)
    emails.clock_breached(deal)
    return deal
