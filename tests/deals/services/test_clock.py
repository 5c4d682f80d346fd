"""The decision clock's runs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deals.models import ClockRun
from deals.queries.clock import clock_of, clocks_of
from deals.queries.policy import rules_at
from deals.services.clock import start_clock, stop_clock
from tests.deals.material import draft, submitted

pytestmark = pytest.mark.django_db


def test_a_clock_that_runs_is_not_started_again(cast):
    deal, now = submitted(cast.acme, cast.amir), timezone.now()
    rules = rules_at(now)
    first = start_clock(deal, rules, now + timedelta(hours=1))
    assert ClockRun.objects.count() == 1 and first["due_at"] < first["breach_at"]
    assert stop_clock(deal, now + timedelta(hours=2)) == {"due_at": None, "breach_at": None}
    start_clock(deal, rules, now + timedelta(hours=3))
    assert ClockRun.objects.count() == 2


def test_what_never_ran_has_no_clock(cast):
    deal, other = draft(cast.acme, cast.amir), submitted(cast.globex, cast.boris)
    now = timezone.now()
    assert clock_of(deal, rules_at(now), now) is None
    assert list(clocks_of([deal, other], rules_at(now), now)) == [other.pk]
    assert clocks_of([], rules_at(now), now) == {}
