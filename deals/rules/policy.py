"""The values a policy version holds. Defaults: DOMAIN.md section 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class PolicyRules:
    """Days are calendar days unless the name says business days; amounts are in the reporting currency."""

    protection_days: int = 90
    extension_days: int = 30
    extensions_allowed: int = 1
    reminder_days: tuple[int, ...] = (30, 14, 7)
    target_business_days: int = 1
    breach_business_days: int = 2
    credit_days_at_most: int = 30
    fresh_days: int = 60
    new_customer_years: int = 3
    returned_business_days: int = 10
    reopen_days: int = 14
    register_again_days: int = 30
    change_percent: int = 25
    minimum_amount: Decimal | None = None
    auto_approve: bool = False
    auto_approve_tier_rank: int = 2
    auto_approve_below: Decimal = Decimal("50000")
    account_checks_per_hour: int = 60  # different customers; more than one pasted list holds

    def limits(self) -> tuple[Decimal, ...]:
        """Amounts at which another rule begins: crossing one on an approved deal is a change request."""
        return tuple(limit for limit in (self.minimum_amount, self.auto_approve_below if self.auto_approve else None) if limit)


def rules_from(values: Mapping[str, Any]) -> PolicyRules:
    """Read stored JSON over the defaults; unknown keys are ignored, so that an old version stays readable."""
    known = {}
    for field in fields(PolicyRules):
        if field.name in values:
            known[field.name] = _typed(field.name, values[field.name])
    return PolicyRules(**known)


def _typed(name: str, value: Any) -> Any:
    if name in {"minimum_amount", "auto_approve_below"}:
        return None if value is None else Decimal(str(value))
    return tuple(value) if isinstance(value, list) else value
