"""Ranges of days. Both ends belong to the period."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"period ends before it begins: {self.first} to {self.last}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=offset) for offset in range(self.days))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def overlap(self, other: Period) -> Period | None:
        """The days both have, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Period(first, last) if first <= last else None

    def before(self) -> Period:
        """The period of the same number of days that ends the day before."""
        return Period(self.first - timedelta(days=self.days), self.first - DAY)

    def bounds(self, zone: str = "UTC") -> tuple[datetime, datetime]:
        """[start, end) as instants: midnight to midnight in this time zone."""
        return start_of_day(self.first, zone), end_of_day(self.last, zone)


def start_of_day(day: date, zone: str) -> datetime:
    """00:00 of this day in the zone, as UTC. Where the clock skips midnight: the moment it does."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """24:00 of this day in the zone, as UTC: a date-only deadline is met before this instant."""
    return start_of_day(day + DAY, zone)


def today(now: datetime, zone: str) -> date:
    """The date in this time zone at this instant."""
    return now.astimezone(ZoneInfo(zone)).date()


def add_months(day: date, months: int) -> date:
    """The same day of another month; its last day where that month is shorter."""
    years, index = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, index + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period(first, add_months(first, 1) - DAY)


def fiscal_quarter(day: date, first_month: int = 1) -> Period:
    """The quarter this day is in, in a year that begins with `first_month`."""
    first = add_months(day.replace(day=1), -((day.month - first_month) % 3))
    return Period(first, add_months(first, 3) - DAY)


def fiscal_half(day: date, first_month: int = 1) -> Period:
    """The half-year this day is in, in a year that begins with `first_month`."""
    first = add_months(day.replace(day=1), -((day.month - first_month) % 6))
    return Period(first, add_months(first, 6) - DAY)


def fiscal_year(day: date, first_month: int = 1) -> Period:
    """The year this day is in, when years begin with `first_month`."""
    first = add_months(day.replace(day=1), -((day.month - first_month) % 12))
    return Period(first, add_months(first, 12) - DAY)


def rolling_months(day: date, months: int = 12) -> Period:
    """The last `months` months up to and including this day."""
    return Period(add_months(day + DAY, -months), day)


def last_days(day: date, days: int) -> Period:
    """The last `days` days up to and including this day."""
    return Period(day - timedelta(days=days - 1), day)
