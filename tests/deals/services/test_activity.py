"""What the partner keeps current on an approved deal."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals.models import Activity, Deal
from deals.services.activity import PipelineFacts, log_activity, update_pipeline
from prm.audit.models import Event
from prm.core.errors import DomainError, StaleState
from tests.deals.material import approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(cast):
    return approved(cast.acme, cast.amir, cast.carla)


def facts(deal, **changes):
    values = {"stage": "proposal", "amount": deal.amount, "expected_close": deal.expected_close, "next_step": "Offer"}
    return PipelineFacts(**{**values, "version": deal.version, **changes})


def test_the_day_and_kind_of_an_activity(cast, deal):
    row = log_activity(deal, by=cast.amir, kind="call", line="Spoke", done_on=timezone.localdate() - timedelta(days=3))
    assert (row.done_on, row.line) == (timezone.localdate() - timedelta(days=3), "Spoke")
    tomorrow, long_ago = timezone.localdate() + timedelta(days=1), timezone.localdate() - timedelta(days=740)
    for wrong in ({"kind": "dance"}, {"done_on": tomorrow}, {"done_on": long_ago}, {"done_on": date(1900, 1, 1)}, {"line": " "}):
        with pytest.raises(DomainError) as refused:
            log_activity(deal, **{"by": cast.amir, "kind": "call", "line": "x", **wrong})
        assert refused.value.field == next(iter(wrong))
    assert Activity.objects.count() == 1


def test_what_changed_is_stored_once(cast, deal):
    assert update_pipeline(deal, facts(deal), by=cast.amir) is True
    assert (deal.stage, deal.next_step, deal.version) == ("proposal", "Offer", 3)
    assert update_pipeline(deal, facts(deal), by=cast.amir) is False, "nothing new"
    assert Event.objects.get(name="deals.deal.updated").data == {"fields": ["stage", "next_step"]}


def test_an_old_page_changes_nothing(cast, deal):
    old = facts(deal, next_step="Old")
    update_pipeline(deal, facts(deal), by=cast.amir)
    with pytest.raises(StaleState):
        update_pipeline(deal, old, by=cast.alice)
    assert Deal.objects.get().next_step == "Offer"


def test_an_unknown_stage_is_refused(cast, deal):
    with pytest.raises(DomainError) as refused:
        update_pipeline(deal, facts(deal, stage="soon"), by=cast.amir)
    assert refused.value.field == "stage"


@pytest.mark.parametrize(("amount", "allowed"), [("11250", True), ("11250.01", False), ("1", True)])
def test_a_quarter_more_and_not_a_cent_beyond(cast, deal, amount, allowed):
    assert deal.amount == Decimal(9000)
    if allowed:
        assert update_pipeline(deal, facts(deal, amount=Decimal(amount)), by=cast.amir)
    else:
        with pytest.raises(DomainError) as refused:
            update_pipeline(deal, facts(deal, amount=Decimal(amount)), by=cast.amir)
        assert refused.value.key == "needs_change"
    assert Deal.objects.get().amount == (Decimal(amount) if allowed else 9000)
