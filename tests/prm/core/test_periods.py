from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core import periods
from prm.core.periods import Period

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1))


def test_both_ends_belong_to_a_period():
    june = periods.month_of(date(2026, 6, 17))
    assert june == Period(date(2026, 6, 1), date(2026, 6, 30))
    assert date(2026, 6, 30) in june
    assert date(2026, 7, 1) not in june
    assert june.days == 30 == len(list(june))
    assert june.before() == Period(date(2026, 5, 2), date(2026, 5, 31))


def test_a_period_does_not_end_before_it_begins():
    with pytest.raises(ValueError, match="ends before"):
        Period(date(2026, 1, 2), date(2026, 1, 1))


def test_overlap():
    a, b = Period(date(2026, 1, 1), date(2026, 1, 10)), Period(date(2026, 1, 10), date(2026, 2, 1))
    assert a.overlap(b) == Period(date(2026, 1, 10), date(2026, 1, 10))
    assert a.overlap(Period(date(2026, 3, 1), date(2026, 3, 2))) is None


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
    ],
)
def test_add_months(day, months, then):
    assert periods.add_months(day, months) == then


def test_fiscal_periods_begin_where_told():
    day = date(2026, 2, 10)
    assert periods.fiscal_year(day, 4) == Period(date(2025, 4, 1), date(2026, 3, 31))
    assert periods.fiscal_half(day, 4) == Period(date(2025, 10, 1), date(2026, 3, 31))
    assert periods.fiscal_quarter(day, 4) == Period(date(2026, 1, 1), date(2026, 3, 31))
    assert periods.fiscal_year(day) == Period(date(2026, 1, 1), date(2026, 12, 31))


def test_rolling():
    assert periods.rolling_months(date(2026, 11, 22)) == Period(date(2025, 11, 23), date(2026, 11, 22))
    assert periods.last_days(date(2026, 11, 22), 7) == Period(date(2026, 11, 16), date(2026, 11, 22))


@given(days, st.integers(1, 12))
def test_every_day_is_in_its_fiscal_periods(day, first_month):
    for period in (
        periods.fiscal_quarter(day, first_month),
        periods.fiscal_half(day, first_month),
        periods.fiscal_year(day, first_month),
    ):
        assert day in period
        assert (period.first.month - first_month) % 3 == 0
        assert period.first.day == 1
        assert (period.last + timedelta(days=1)).day == 1


def test_a_day_ends_at_midnight_of_its_own_zone():
    assert periods.end_of_day(date(2026, 6, 1), "Europe/Berlin") == datetime(2026, 6, 1, 22, tzinfo=UTC)
    assert periods.end_of_day(date(2026, 6, 1), "Pacific/Auckland") == datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert periods.today(datetime(2026, 6, 1, 22, tzinfo=UTC), "Europe/Berlin") == date(2026, 6, 2)


def test_where_summer_time_skips_midnight_the_day_ends_at_the_jump():
    jump = datetime(2018, 11, 4, 3, tzinfo=UTC)  # São Paulo, 00:00 became 01:00
    assert periods.end_of_day(date(2018, 11, 3), "America/Sao_Paulo") == jump
    assert Period(date(2018, 11, 4), date(2018, 11, 4)).bounds("America/Sao_Paulo") == (
        jump,
        datetime(2018, 11, 5, 2, tzinfo=UTC),
    )
