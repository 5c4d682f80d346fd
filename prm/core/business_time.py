"""Business time: what a desk's open hours make of two instants. `now` is always passed in; all results are UTC.

Two measures. Hours are open hours. Days are working days: every open day counts one, spread evenly over its open hours,
so that a short Friday is a day too. Monday 15:00 plus one day is Tuesday 15:00 when both have the same hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import ceil
from zoneinfo import ZoneInfo

import holidays

Hours = tuple[tuple[time, time], ...]  # the windows of one weekday; an end of 00:00 is midnight, the end of the day
Amount = int | float | Fraction
OFFICE_HOURS: Hours = ((time(9), time(17)),)
SEARCH_DAYS = 3660
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Calendar:
    """When a desk works: windows per weekday (Monday first), time zone, public holidays, closing days."""

    hours: tuple[Hours, ...] = (OFFICE_HOURS,) * 5 + ((), ())
    zone: str = "UTC"
    country: str = ""  # ISO 3166-1 alpha-2; empty: no public holidays
    subdivision: str = ""
    closing_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if len(self.hours) != 7 or not any(self.hours):
            raise ValueError("a calendar needs windows for seven weekdays, and at least one of them open")
        if not all(map(_in_order, self.hours)):
            raise ValueError("the windows of a day must follow each other, each with its end after its start")

    @classmethod
    def weekly(
        cls,
        hours: Mapping[int, Sequence[tuple[str, str]]],
        zone: str = "UTC",
        *,
        country: str = "",
        subdivision: str = "",
        closing_days: Iterable[date] = (),
    ) -> Calendar:
        """From weekday (0 = Monday) → [("09:00", "17:00"), …]; "24:00" is midnight. Raises ValueError when it makes no sense."""
        week = tuple(tuple((_clock(start), _clock(end)) for start, end in sorted(hours.get(day, ()))) for day in range(7))
        return cls(week, zone, country, subdivision, frozenset(closing_days))

    def is_open_on(self, day: date) -> bool:
        """Whether this is a working day."""
        return bool(open_windows(self, day))

    def holiday_on(self, day: date) -> str | None:
        """The name of the public holiday, or None."""
        return _holidays(self.country, self.subdivision, day.year).get(day)


def known_country(country: str, subdivision: str = "") -> bool:
    """Whether the public holidays of this place are known."""
    known = holidays.list_supported_countries()
    return country in known and (not subdivision or subdivision in known[country])


@lru_cache(maxsize=4096)
def open_windows(calendar: Calendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The open windows of one local day as UTC instants; none on holidays and closing days."""
    if day in calendar.closing_days or calendar.holiday_on(day):
        return ()
    zone = ZoneInfo(calendar.zone)
    windows = []
    for start, end in calendar.hours[day.weekday()]:
        last = day + timedelta(days=1) if end == time.min else day
        begins = datetime.combine(day, start, zone).astimezone(UTC)
        ends = datetime.combine(last, end, zone).astimezone(UTC)
        if begins < ends:  # a window inside the hour that summer time skips is empty
            windows.append((begins, ends))
    return tuple(windows)


def add_business_time(calendar: Calendar, start: datetime, *, days: Amount = 0, hours: Amount = 0) -> datetime:
    """The instant when this much business time has passed since `start`; days first, then hours.

    Raises ValueError on a negative amount, or when the desk does not open for ten years.
    """
    if days < 0 or hours < 0:
        raise ValueError("business time only runs forward")
    moment = start.astimezone(UTC)
    if days:
        moment = _advance(calendar, moment, Fraction(days), None)
    if hours:
        moment = _advance(calendar, moment, Fraction(hours), timedelta(hours=1))
    return moment


def business_elapsed(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Open time between two instants; zero when the end is not after the start."""
    return sum((b - a for a, b, _unit in _pieces(calendar, start, end)), timedelta())


def business_days(calendar: Calendar, start: datetime, end: datetime) -> Fraction:
    """Working days between two instants, in exact fractions; zero when the end is not after the start."""
    return sum((_ratio(b - a, unit) for a, b, unit in _pieces(calendar, start, end)), Fraction())


def _in_order(windows: Hours) -> bool:
    edges = [(start.isoformat(), end.isoformat() if end != time.min else "24:00") for start, end in windows]
    return all(start < end for start, end in edges) and all(a[1] <= b[0] for a, b in pairwise(edges))


def _clock(text: str) -> time:
    return time.min if text == "24:00" else time.fromisoformat(text)


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str, year: int) -> dict[date, str]:
    if not known_country(country):
        return {}
    region = subdivision if known_country(country, subdivision) else None
    return dict(holidays.country_holidays(country, subdiv=region or None, years=year))


def _ratio(part: timedelta, whole: timedelta) -> Fraction:
    return Fraction(part // MICROSECOND, whole // MICROSECOND)


def _day_length(windows: Iterable[tuple[datetime, datetime]]) -> timedelta:
    return sum((end - start for start, end in windows), timedelta())


def _advance(calendar: Calendar, moment: datetime, left: Fraction, unit: timedelta | None) -> datetime:
    """Walk the open windows until `left` units are used; without a unit, one unit is that day's own length."""
    day = moment.astimezone(ZoneInfo(calendar.zone)).date()
    for offset in range(SEARCH_DAYS):
        windows = open_windows(calendar, day + timedelta(days=offset))
        length = unit or _day_length(windows)
        for start, end in windows:
            start = max(start, moment)
            if start >= end:
                continue
            there = _ratio(end - start, length)
            if there >= left:
                return start + ceil(left * (length // MICROSECOND)) * MICROSECOND
            left -= there
    raise ValueError("this calendar does not open often enough")


def _pieces(calendar: Calendar, start: datetime, end: datetime) -> Iterable[tuple[datetime, datetime, timedelta]]:
    """The open pieces between two instants, each with the open length of its whole day."""
    zone = ZoneInfo(calendar.zone)
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        windows = open_windows(calendar, day)
        for a, b in windows:
            a, b = max(a, start), min(b, end)
            if a < b:
                yield a, b, _day_length(windows)
        day += timedelta(days=1)
