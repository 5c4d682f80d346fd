"""What is asked on a deal does not outlive it, however it ends."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.enums import JoinRequestStatus
from deals.models import JoinRequest
from deals.queries.review import extensions_asked
from deals.services import deal as deals
from deals.services import protection
from deals.services.activity import log_activity
from deals.services.decision import decline_deal
from deals.services.extension import ask_extension, grant_extension
from deals.services.join_request import ask_join
from prm.audit.models import Event
from prm.core.errors import DomainError, StaleState
from prm.ops.invariants import problems
from tests.deals.material import approved, submitted

pytestmark = pytest.mark.django_db


def _expire(deal, by):
    protection.expire_deal(deal, now=timezone.now() + timedelta(days=200))


ENDS = {
    "lost": lambda deal, by: protection.lose_deal(deal, by=by, reason="price"),
    "won": lambda deal, by: protection.win_deal(deal, by=by),
    "released": lambda deal, by: protection.release_deal(deal, by=by),
    "expired": _expire,
}


@pytest.fixture
def deal(cast):
    row = approved(cast.acme, cast.amir, cast.carla)
    log_activity(row, by=cast.amir, kind="demo", line="Showed it")
    return row


@pytest.mark.parametrize("end", ENDS)
def test_more_time_asked_for_ends_with_the_deal(client, cast, deal, end):
    extension = ask_extension(deal, by=cast.amir, reason="They decide in May")
    ENDS[end](deal, cast.amir)
    extension.refresh_from_db()
    assert (deal.status, extension.status) == (end, "withdrawn") and extension.decided_at
    assert not extensions_asked(cast.dana).exists() and not problems()
    event = Event.objects.get(name="deals.extension.withdrawn")
    assert event.actor_id == ("" if end == "expired" else str(cast.amir.pk))
    with pytest.raises((StaleState, DomainError)):
        grant_extension(extension, by=cast.carla)
    client.force_login(cast.amir)
    page = client.get(reverse("deals:detail", args=[deal.ref])).content.decode()
    assert "They decide in May" in page and "Closed because the deal ended" in page


@pytest.mark.parametrize("end", ENDS)
def test_what_was_answered_stays_answered(cast, deal, end):
    extension = grant_extension(ask_extension(deal, by=cast.amir, reason="They decide in May"), by=cast.carla)
    ENDS[end](deal, cast.amir)
    extension.refresh_from_db()
    assert extension.status == "granted"


@pytest.mark.parametrize("end", [*ENDS, "withdrawn", "declined"])
def test_a_request_to_join_ends_with_the_deal(client, cast, settings, end):
    settings.REQUIRE_STAFF_MFA = False
    make = approved if end in ENDS else submitted
    deal = make(cast.acme, cast.amir, *([cast.carla] if end in ENDS else []))
    declined = submitted(cast.initech, cast.dieter, deal.customer_name)
    if declined.status != "declined":
        pytest.fail(f"the distributor's is {declined.status}")
    ask_join(declined, by=cast.dieter)
    if end == "withdrawn":
        deals.withdraw_deal(deal, by=cast.amir)
    elif end == "declined":
        decline_deal(deal, by=cast.carla, reason="not_a_customer")
    else:
        ENDS[end](deal, cast.amir)
    assert JoinRequest.objects.get().status == JoinRequestStatus.WITHDRAWN and not problems()
    client.force_login(cast.dieter)
    page = client.get(reverse("deals:detail", args=[declined.ref])).content.decode()
    assert "has not answered yet" not in page and "Ask to join" not in page and "That deal has ended" in page
