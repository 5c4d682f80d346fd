"""Queues behind queues: who waits behind a waiting one is not forgotten when that one ends."""

from decimal import Decimal

import pytest

from deals.enums import DealStatus
from deals.services import deal as deals
from deals.services import decision
from deals.services.deal import LineFacts
from deals.services.waiting import identities_at_stake
from tests.deals.material import opportunity, product, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(cast):
    """Initech leads for GTX; Globex wants GTX and MG and waits; Acme wants MG and waits behind Globex."""
    gtx, mg = (LineFacts(product(name, name[:3]), 1, Decimal("9000")) for name in ("GTX Pro", "MG Special"))
    first = submitted(cast.initech, cast.dieter, lines=[gtx])
    second = submitted(cast.globex, cast.boris, lines=[gtx, mg])
    third = submitted(cast.acme, cast.amir, lines=[mg])
    assert (second.status, second.waits_for, third.status, third.waits_for) == ("waiting", first, "waiting", second)
    return first, second, third


def ends(*rows):
    for row in rows:
        row.refresh_from_db()
    return [row.status for row in rows]


def test_an_approval_declines_who_waited_and_moves_up_who_waited_behind_that(cast, chain):
    first, second, third = chain
    assert [identity.name for identity in identities_at_stake(first)] == ["Zumtobel Lighting GmbH"] * 3
    decision.approve_deal(first, by=cast.dana)
    assert ends(first, second, third) == [DealStatus.APPROVED, DealStatus.DECLINED, DealStatus.IN_REVIEW]
    assert (second.reason, third.waits_for) == ("earlier_approved", None)


def test_a_waiting_one_found_to_be_a_duplicate_lets_go_who_waited_behind_it(cast, chain):
    first, second, third = chain
    opportunity(product=product("GTX Pro", "GTX"))
    deals.withdraw_deal(first, by=cast.dieter)
    assert ends(first, second, third) == [DealStatus.WITHDRAWN, DealStatus.DECLINED, DealStatus.IN_REVIEW]
    assert second.reason == "open_opportunity"


def test_a_waiting_one_that_moves_up_keeps_who_waits_behind_it(cast, chain):
    first, second, third = chain
    deals.withdraw_deal(first, by=cast.dieter)
    assert ends(first, second, third) == [DealStatus.WITHDRAWN, DealStatus.IN_REVIEW, DealStatus.WAITING]
    assert third.waits_for_id == second.pk
