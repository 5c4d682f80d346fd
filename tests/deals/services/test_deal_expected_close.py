"""One rule for the expected close, wherever it is written: today at the earliest, ten years ahead at the latest."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from deals.forms.paste import read_rows
from deals.rules.deal import why_not_close_on
from deals.services.activity import PipelineFacts, update_pipeline
from prm.core.errors import DomainError
from tests.deals.material import approved, submitted

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("day", "fine"),
    [
        (TODAY, True),
        (TODAY - timedelta(days=1), False),
        (date(2036, 3, 31), True),
        (date(2036, 4, 2), False),
        (date(9999, 12, 31), False),
        (date(2001, 1, 1), False),
    ],
)
def test_the_rule(day, fine):
    assert (not why_not_close_on(day, TODAY)) is fine


@pytest.mark.django_db
@pytest.mark.parametrize("day", [date(2001, 1, 1), date(9999, 12, 31)])
def test_registration_pipeline_and_list_refuse_alike(cast, day):
    with pytest.raises(DomainError, match="expected close lies"):
        submitted(cast.acme, cast.amir, expected_close=day)
    deal = approved(cast.acme, cast.amir, cast.carla, "Gasser Ofenbau")
    with pytest.raises(DomainError, match="expected close lies"):
        update_pipeline(deal, PipelineFacts("proposal", deal.amount, day, "", deal.version), by=cast.amir)
    row = read_rows(f"customer,expected_close\nGasser Ofenbau,{day.isoformat()}", {}).rows[0]
    assert "expected close lies" in dict(row.errors)["Expected close"]


@pytest.mark.django_db
def test_a_day_that_has_passed_meanwhile_may_stay_while_other_things_move(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    later = timezone.now() + timedelta(days=70)
    facts = PipelineFacts("proposal", deal.amount, deal.expected_close, "Call again", deal.version)
    assert update_pipeline(deal, facts, by=cast.amir, now=later)
