"""Reading the decision clock of a deal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from deals.models import Deal
from deals.rules.policy import PolicyRules
from partners.models import Partner, User
from partners.queries.desk import calendar_of, default_desk, desk_of
from partners.queries.manager import manager_of, managers_of
from prm.core.business_time import Calendar, add_business_time
from prm.core.clocks import Clock, Interval, read_clock


def calendar_for(deal: Deal) -> Calendar:
    """The business calendar of the desk that decides deals of this partner."""
    return calendar_of_partner(deal.partner)


def calendar_of_partner(partner: Partner) -> Calendar:
    """The calendar of the manager's desk; of the default desk, or plain office hours, where there is none."""
    desk = desk_of(manager_of(partner))
    return calendar_of(desk) if desk else Calendar()


def calendars_of(partner_ids: Collection[UUID], managers: Mapping[UUID, User] | None = None) -> dict[UUID, Calendar]:
    """The deciding desks' calendars of several partners, in a bounded number of queries; none more with `managers_of` given."""
    managers = managers_of(partner_ids) if managers is None else managers
    desks = {pk: getattr(getattr(managers.get(pk), "staff_member", None), "desk", None) for pk in partner_ids}
    fallback = default_desk() if None in desks.values() else None
    made: dict[UUID | None, Calendar] = {None: Calendar()}
    found: dict[UUID, Calendar] = {}
    for pk, own in desks.items():
        desk = own or fallback
        key = desk.pk if desk else None
        if desk and key not in made:
            made[key] = calendar_of(desk)
        found[pk] = made[key]
    return found


def clocks_of(
    deals: Sequence[Deal], rules: PolicyRules, now: datetime, managers: Mapping[UUID, User] | None = None
) -> dict[UUID, Clock]:
    """The clocks of several deals, whose `clock_runs` are prefetched; deals whose clock never ran are left out."""
    if not deals:
        return {}
    calendars = calendars_of({deal.partner_id for deal in deals}, managers)
    days = {"target_days": rules.target_business_days, "breach_days": rules.breach_business_days}
    found = {}
    for deal in deals:
        intervals = [(run.started_at, run.stopped_at) for run in deal.clock_runs.all()]
        if intervals:
            found[deal.pk] = read_clock(calendars[deal.partner_id], intervals, now, **days)
    return found


def date_after(partner: Partner, now: datetime, business_days: int) -> date:
    """The day on which that many business days of the deciding desk have passed."""
    calendar = calendar_of_partner(partner)
    return add_business_time(calendar, now, days=business_days).astimezone(ZoneInfo(calendar.zone)).date()


def intervals_of(deal: Deal) -> list[Interval]:
    """The runs of the clock in order."""
    return [(run.started_at, run.stopped_at) for run in deal.clock_runs.order_by("started_at")]


def clock_of(deal: Deal, rules: PolicyRules, now: datetime) -> Clock | None:
    """How the clock stands now; None when it never ran."""
    intervals = intervals_of(deal)
    if not intervals:
        return None
    return read_clock(
        calendar_for(deal), intervals, now, target_days=rules.target_business_days, breach_days=rules.breach_business_days
    )
