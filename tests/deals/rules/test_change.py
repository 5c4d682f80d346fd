"""When an amount needs a person: measured from what was approved, in the currency of the limits."""

from decimal import Decimal

import pytest

from deals.models import Deal
from deals.rules.change import amount_approved, needs_change_request
from deals.rules.policy import PolicyRules

LIMITED = PolicyRules(auto_approve=True, auto_approve_below=Decimal(50000))


@pytest.mark.parametrize(
    ("now", "approved", "wanted", "rate", "rules", "needed"),
    [
        (None, None, None, 1, LIMITED, False),
        (9000, None, None, 1, LIMITED, False),
        (9000, None, 9000, 1, LIMITED, False),
        (9000, None, 100, 1, LIMITED, False),
        (9000, None, 11250, 1, LIMITED, False),
        (9000, None, Decimal("11250.01"), 1, LIMITED, True),
        (11000, 9000, 12000, 1, LIMITED, True),
        (11000, 9000, 11250, 1, LIMITED, False),
        (45000, None, 49999, 1, LIMITED, False),
        (45000, None, 50000, 1, LIMITED, True),
        (50000, None, 51000, 1, LIMITED, False),
        (45000, None, 46000, Decimal("1.1"), LIMITED, True),
        (45000, None, 46000, None, LIMITED, True),
        (45000, None, 46000, None, PolicyRules(), False),
        (None, None, 1000, 1, LIMITED, False),
        (None, None, 60000, 1, LIMITED, True),
    ],
)
def test_amounts(now, approved, wanted, rate, rules, needed):
    deal = Deal(amount=now and Decimal(now), approved_amount=approved and Decimal(approved))
    amounts = (wanted and Decimal(wanted), rate and Decimal(rate))
    assert needs_change_request(deal, *amounts, rules) is needed


def test_what_counts_as_approved():
    assert amount_approved(Deal(amount=Decimal(3))) == 3
    assert amount_approved(Deal(amount=Decimal(3), approved_amount=Decimal(2))) == 2
