"""When a change of an approved deal must be asked for."""

from __future__ import annotations

from decimal import Decimal

from deals.models import Deal
from deals.rules.policy import PolicyRules


def needs_change_request(deal: Deal, reporting: Decimal | None, amount: Decimal | None, rules: PolicyRules) -> bool:
    """An amount up by more than `change_percent`, or across a limit of the policy (in the reporting currency)."""
    if amount is None or deal.amount is None:
        return False
    if amount > deal.amount * (100 + rules.change_percent) / 100:
        return True
    if reporting is None or deal.reporting_amount is None:
        return False
    return any(deal.reporting_amount < limit <= reporting for limit in rules.limits())
