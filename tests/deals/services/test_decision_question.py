"""A question ends with the registration it was about."""

import pytest

from deals.services import deal as deals
from deals.services import decision
from prm.ops.invariants import problems
from tests.deals.material import submitted

pytestmark = pytest.mark.django_db
ENDINGS = {
    "approve": lambda deal, cast: decision.approve_deal(deal, by=cast.carla),
    "return": lambda deal, cast: decision.return_deal(deal, by=cast.carla, reason="products"),
    "decline": lambda deal, cast: decision.decline_deal(deal, by=cast.carla, reason="not_a_customer"),
    "withdraw": lambda deal, cast: deals.withdraw_deal(deal, by=cast.amir),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_decision_and_a_withdrawal_ends_it(cast, ending):
    deal = decision.ask_question(submitted(cast.acme, cast.amir), by=cast.carla, text="Which site?")
    assert ENDINGS[ending](deal, cast).question_open is False
    deal.refresh_from_db()
    assert deal.question_open is False
    assert problems() == []
