"""The decision clock: how long a desk has had something, when its answer is due, how late it is.

The clock runs in the intervals in which the desk could act, and stops while the thing is returned or a question waits for the
partner; then it goes on with what was left. It is a plain function of the calendar and those intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil

from prm.core.business_time import Amount, Calendar, add_business_time, business_days

Interval = tuple[datetime, datetime | None]  # from, until; None: it still runs
MAX_CREDIT = 30


@dataclass(frozen=True)
class Clock:
    """How the clock stands at one instant. Days are working days of the desk."""

    running: bool
    used: Fraction
    target: Fraction
    breach: Fraction
    target_at: datetime | None  # None while stopped, when nothing is due
    breach_at: datetime | None
    days_late: int  # whole days begun after the breach, as credited to the protection

    @property
    def left(self) -> Fraction:
        """Days until the target; negative when past it."""
        return self.target - self.used

    @property
    def state(self) -> str:
        """on_time, due (past the target), late (past the breach), whether the clock runs or not."""
        if self.used > self.breach:
            return "late"
        return "due" if self.used > self.target else "on_time"


def read_clock(
    calendar: Calendar, intervals: Sequence[Interval], now: datetime, *, target_days: Amount = 1, breach_days: Amount = 2
) -> Clock:
    """The clock at `now`. Intervals are in order and do not overlap; what lies after `now` does not count."""
    target, breach = Fraction(target_days), Fraction(breach_days)
    used = used_days(calendar, intervals, now)
    running = bool(intervals) and intervals[-1][0] <= now and (intervals[-1][1] is None or now < intervals[-1][1])
    return Clock(
        running=running,
        used=used,
        target=target,
        breach=breach,
        target_at=reached_at(calendar, intervals, target) if running else None,
        breach_at=reached_at(calendar, intervals, breach) if running else None,
        days_late=credit_days(used, breach),
    )


def used_days(calendar: Calendar, intervals: Sequence[Interval], now: datetime) -> Fraction:
    """Working days the clock has run until `now`."""
    return sum((business_days(calendar, start, min(end or now, now)) for start, end in intervals), Fraction())


def reached_at(calendar: Calendar, intervals: Sequence[Interval], days: Amount) -> datetime | None:
    """When the clock reaches this many working days; None when it stops before that."""
    left = Fraction(days)
    for start, end in intervals:
        here = business_days(calendar, start, end) if end is not None else None
        if here is None or here >= left:
            return add_business_time(calendar, start, days=left)
        left -= here
    return None


def days_late(
    calendar: Calendar, intervals: Sequence[Interval], now: datetime, *, breach_days: Amount = 2, at_most: int = MAX_CREDIT
) -> int:
    """Working days begun after the breach, `at_most` that many: what is added to the protection."""
    return credit_days(used_days(calendar, intervals, now), Fraction(breach_days), at_most)


def credit_days(used: Fraction, breach: Fraction, at_most: int = MAX_CREDIT) -> int:
    return max(0, min(ceil(used - breach), at_most))
