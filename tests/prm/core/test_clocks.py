from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from prm.core.business_time import Calendar
from prm.core.clocks import days_late, reached_at, read_clock, used_days

OFFICE = Calendar()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_running_clock_says_when_it_is_due():
    clock = read_clock(OFFICE, [(at("2026-06-01T15:00"), None)], at("2026-06-01T17:00"))
    assert clock.running
    assert clock.used == Fraction(1, 4)
    assert clock.left == Fraction(3, 4)
    assert clock.target_at == at("2026-06-02T15:00")
    assert clock.breach_at == at("2026-06-03T15:00")
    assert clock.state == "on_time"
    assert clock.days_late == 0


def test_it_stops_while_returned_and_goes_on_with_what_was_left():
    first = (at("2026-06-01T09:00"), at("2026-06-01T15:00"))  # six of eight hours used
    stopped = read_clock(OFFICE, [first], at("2026-06-09T12:00"))
    assert not stopped.running
    assert stopped.target_at is None
    assert stopped.used == Fraction(3, 4)
    again = read_clock(OFFICE, [first, (at("2026-06-10T09:00"), None)], at("2026-06-10T10:00"))
    assert again.running
    assert again.target_at == at("2026-06-10T11:00")
    assert again.breach_at == at("2026-06-11T11:00")


def test_late_days_are_working_days_begun_after_the_breach():
    running = [(at("2026-06-01T09:00"), None)]  # breach: Tuesday 17:00
    assert read_clock(OFFICE, running, at("2026-06-02T12:00")).state == "due"
    assert days_late(OFFICE, running, at("2026-06-02T17:00")) == 0
    assert days_late(OFFICE, running, at("2026-06-03T09:01")) == 1
    assert days_late(OFFICE, running, at("2026-06-03T17:00")) == 1
    assert days_late(OFFICE, running, at("2026-06-05T17:00")) == 3
    assert days_late(OFFICE, running, at("2026-06-07T17:00")) == 3
    assert days_late(OFFICE, running, at("2027-06-07T17:00")) == 30
    assert read_clock(OFFICE, running, at("2026-06-05T17:00")).state == "late"


def test_nothing_has_run_before_the_first_interval():
    clock = read_clock(OFFICE, [], at("2026-06-01T09:00"))
    assert (clock.running, clock.used, clock.target_at) == (False, 0, None)
    future = read_clock(OFFICE, [(at("2026-06-02T09:00"), None)], at("2026-06-01T09:00"))
    assert (future.running, future.used) == (False, 0)


def test_a_clock_that_stopped_early_never_reaches_its_target():
    assert reached_at(OFFICE, [(at("2026-06-01T09:00"), at("2026-06-01T10:00"))], 1) is None


@given(st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 1)), min_size=1, max_size=7, unique=True), st.integers(0, 5))
def test_stops_only_ever_move_the_due_moment_back(moments, days):
    """Whatever the stops, the clock stands at exactly the target when it says it is due."""
    moments = sorted(moment.replace(tzinfo=UTC) for moment in moments)
    moments = moments if len(moments) % 2 else moments[:-1]
    intervals = [(start, end) for start, end in zip(moments[::2], [*moments[1::2], None], strict=True)]
    due = reached_at(OFFICE, intervals, days)
    assert 0 <= used_days(OFFICE, intervals, due) - days < Fraction(1, 1_000_000)
    straight = reached_at(OFFICE, [(moments[0], None)], days)
    assert due >= straight - timedelta(microseconds=1)
