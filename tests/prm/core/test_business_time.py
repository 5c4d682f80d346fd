from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.business_time import Calendar, add_business_time, business_days, business_elapsed, known_country, open_windows

OFFICE = Calendar()
BERLIN = Calendar.weekly(
    {0: [("09:00", "12:00"), ("13:00", "17:00")], 1: [("09:00", "17:00")], 4: [("09:00", "13:00")], 6: [("00:00", "24:00")]},
    "Europe/Berlin",
    country="DE",
    subdivision="BE",
    closing_days=[date(2026, 12, 28)],
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-06-01T15:00", 1, "2026-06-02T15:00"),  # Monday to Tuesday
        ("2026-06-05T15:00", 1, "2026-06-08T15:00"),  # over the weekend
        ("2026-06-06T12:00", 1, "2026-06-08T17:00"),  # handed in on Saturday: all of Monday
        ("2026-06-01T09:00", 1, "2026-06-01T17:00"),
        ("2026-06-01T17:00", 1, "2026-06-02T17:00"),
        ("2026-06-01T15:00", Fraction(1, 4), "2026-06-01T17:00"),
        ("2026-06-01T15:00", 0, "2026-06-01T15:00"),
    ],
)
def test_days_of_an_office(start, days, end):
    assert add_business_time(OFFICE, at(start), days=days) == at(end)


def test_hours_are_open_hours():
    assert add_business_time(OFFICE, at("2026-06-05T16:00"), hours=2) == at("2026-06-08T10:00")
    assert business_elapsed(OFFICE, at("2026-06-05T16:00"), at("2026-06-08T10:00")) == timedelta(hours=2)


def test_a_short_day_is_a_day_too():
    short_friday = Calendar.weekly({day: [("09:00", "17:00" if day < 4 else "13:00")] for day in range(5)})
    assert add_business_time(short_friday, at("2026-06-04T13:00"), days=1) == at("2026-06-05T11:00")
    assert business_days(short_friday, at("2026-06-05T00:00"), at("2026-06-06T00:00")) == 1
    assert business_elapsed(short_friday, at("2026-06-05T00:00"), at("2026-06-06T00:00")) == timedelta(hours=4)


def test_holidays_and_closing_days_do_not_count():
    assert open_windows(BERLIN, date(2026, 12, 25)) == ()
    assert open_windows(BERLIN, date(2026, 12, 28)) == ()
    assert not BERLIN.is_open_on(date(2026, 3, 9 - 1))  # women's day, in Berlin only
    assert BERLIN.holiday_on(date(2026, 12, 25))
    assert OFFICE.is_open_on(date(2026, 12, 25))


def test_unknown_places_have_no_holidays():
    assert not known_country("QQ")
    assert not known_country("DE", "XX")
    assert Calendar(country="QQ").is_open_on(date(2026, 12, 25))
    assert not Calendar(country="DE", subdivision="XX").is_open_on(date(2026, 12, 25))


def test_the_day_summer_time_begins_is_an_hour_shorter():
    sunday = date(2026, 3, 29)
    (window,) = open_windows(BERLIN, sunday)
    assert window[1] - window[0] == timedelta(hours=23)
    assert business_days(BERLIN, *window) == 1
    (autumn,) = open_windows(BERLIN, date(2026, 10, 25))
    assert autumn[1] - autumn[0] == timedelta(hours=25)


def test_a_window_inside_the_skipped_hour_is_empty():
    night = Calendar.weekly({6: [("02:00", "03:00")], 0: [("09:00", "10:00")]}, "Europe/Berlin")
    assert open_windows(night, date(2026, 3, 29)) == ()


@pytest.mark.parametrize(
    "hours",
    [
        {},
        {0: [("17:00", "09:00")]},
        {0: [("09:00", "12:00"), ("11:00", "13:00")]},
        {0: [("09:00", "09:00")]},
        {0: [("09:00", "24:00"), ("10:00", "11:00")]},
    ],
)
def test_hours_that_make_no_sense_are_refused(hours):
    with pytest.raises(ValueError, match="window"):
        Calendar.weekly(hours)


def test_a_week_has_seven_days():
    with pytest.raises(ValueError, match="seven"):
        Calendar(hours=(((time(9), time(17)),),))


def test_time_does_not_run_backward():
    with pytest.raises(ValueError, match="forward"):
        add_business_time(OFFICE, at("2026-06-01T09:00"), days=-1)


def test_a_desk_that_never_opens_is_said():
    closed = Calendar(closing_days=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(4000)))
    with pytest.raises(ValueError, match="open often enough"):
        add_business_time(closed, at("2026-06-01T09:00"), days=1)


zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"])
instants = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))


@st.composite
def calendars(draw):
    edges = draw(st.lists(st.integers(0, 96), min_size=2, max_size=4, unique=True).map(sorted))
    edges = edges[: len(edges) // 2 * 2]
    clock = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in edges]
    windows = list(zip(clock[::2], clock[1::2], strict=True))
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    return Calendar.weekly(dict.fromkeys(weekdays, windows), draw(zones), country=draw(st.sampled_from(["", "DE", "US"])))


@given(calendars(), instants, st.fractions(min_value=0, max_value=15, max_denominator=50))
def test_what_was_added_has_passed(calendar, start, days):
    end = add_business_time(calendar, start, days=days)
    passed = business_days(calendar, start, end)
    assert 0 <= passed - days < Fraction(1, 1_000_000)
    assert end >= start


@given(calendars(), instants, st.integers(0, 60))
def test_hours_added_have_passed(calendar, start, hours):
    end = add_business_time(calendar, start, hours=hours)
    assert business_elapsed(calendar, start, end) == timedelta(hours=hours)


@given(calendars(), st.lists(instants, min_size=3, max_size=3).map(sorted))
def test_time_between_adds_up(calendar, moments):
    a, b, c = moments
    c = min(c, a + timedelta(days=90))
    b = min(b, c)
    assert business_elapsed(calendar, a, b) + business_elapsed(calendar, b, c) == business_elapsed(calendar, a, c)
    assert business_days(calendar, a, b) + business_days(calendar, b, c) == business_days(calendar, a, c)
    assert business_elapsed(calendar, c, a) == (timedelta() if c > a else business_elapsed(calendar, a, c))


@given(calendars(), instants)
def test_a_due_moment_is_inside_opening_hours(calendar, start):
    end = add_business_time(calendar, start, days=1)
    day = end.astimezone(ZoneInfo(calendar.zone)).date()
    windows = open_windows(calendar, day - timedelta(days=1)) + open_windows(calendar, day)
    assert any(opens < end <= closes for opens, closes in windows)
