"""When a change of an approved deal must be asked for, and what changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from deals.enums import CHANGE_REQUEST_STEPS, DealStatus
from deals.models import ChangeRequest, Deal
from deals.rules.deal import NOT_NOW, why_not_register, why_not_review, why_not_work_on
from deals.rules.policy import PolicyRules
from prm.core.errors import Reason

WHO = ("customer_name", "website", "country", "registration_number")
WHERE = ("city", "project")
TEXTS = (*WHO, *WHERE)
OWN_REQUEST = Reason("own_request", _("You asked for this yourself: someone else has to decide."))


def amount_approved(deal: Deal) -> Decimal | None:
    """The amount as last approved, whatever the partner changed since without asking: rises are measured from it."""
    return deal.amount if deal.approved_amount is None else deal.approved_amount


def needs_change_request(deal: Deal, amount: Decimal | None, rate: Decimal | None, rules: PolicyRules) -> bool:
    """Whether a person decides on this amount: up by more than `change_percent` since it was last approved, so that small rises
    never creep past it, or across a limit of the policy. Limits are in the reporting currency, `rate` is what one unit of the
    deal's is worth there; a rise that no rate can compare with them is a person's, too."""
    approved = amount_approved(deal)
    if amount is None or (approved is not None and amount <= approved):
        return False
    if approved is not None and amount > approved * (100 + rules.change_percent) / 100:
        return True
    limits = rules.limits()
    if rate is None:
        return bool(limits)
    return any((approved or 0) * rate < limit <= amount * rate for limit in limits)


@dataclass(frozen=True)
class LineWanted:
    """One product of the deal, in the deal's currency."""

    product_id: UUID
    quantity: int = 1
    amount: Decimal | None = None


@dataclass(frozen=True)
class KeyFacts:
    """The facts a protection rests on. `amount` is the sum over the lines, or the deal's own where no line says one."""

    customer_name: str
    website: str
    country: str
    registration_number: str
    city: str
    project: str
    amount: Decimal | None
    lines: tuple[LineWanted, ...] = ()

    @property
    def product_ids(self) -> frozenset[UUID]:
        return frozenset(line.product_id for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """As `ChangeRequest.changes` keeps it."""
        lines = [
            {"product": str(line.product_id), "quantity": line.quantity, "amount": _plain(line.amount)} for line in self.lines
        ]
        return {**{name: getattr(self, name) for name in TEXTS}, "amount": _plain(self.amount), "lines": lines}

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> KeyFacts:
        lines = (LineWanted(UUID(row["product"]), row["quantity"], _number(row["amount"])) for row in values["lines"])
        return cls(**{name: values[name] for name in TEXTS}, amount=_number(values["amount"]), lines=tuple(lines))


def facts_after(change: ChangeRequest) -> KeyFacts:
    """What is asked for."""
    return KeyFacts.of_json(change.changes["after"])


def facts_before(change: ChangeRequest) -> KeyFacts:
    """What stood when it was asked."""
    return KeyFacts.of_json(change.changes["before"])


def changed_fields(before: KeyFacts, after: KeyFacts) -> list[str]:
    """Names of what differs: the texts, `products`, `lines` (quantities and their amounts), `amount`."""
    names = [name for name in TEXTS if getattr(before, name) != getattr(after, name)]
    if before.product_ids != after.product_ids:
        names.append("products")
    if set(before.lines) != set(after.lines):
        names.append("lines")
    if before.amount != after.amount:
        names.append("amount")
    return names


def new_claims(before: KeyFacts, after: KeyFacts) -> bool:
    """Whether somebody else could be in the way: another customer, place or project, or a product that was not in it."""
    return any(getattr(before, name) != getattr(after, name) for name in TEXTS) or bool(after.product_ids - before.product_ids)


def products_claimed(before: KeyFacts, after: KeyFacts) -> frozenset[UUID]:
    """The products to check: those that are new, as long as customer and place stay; else all."""
    same_place = all(getattr(before, name) == getattr(after, name) for name in TEXTS)
    added = after.product_ids - before.product_ids
    return added if same_place and added else after.product_ids


def why_not_change(user: Any, deal: Deal) -> list[Reason]:
    """Why this user cannot change the key facts of the deal. It is like registering: a leaving partner takes nothing new."""
    return why_not_work_on(user, deal, "update") or why_not_register(user, deal.partner)


def why_not_decide(user: Any, change: ChangeRequest) -> list[Reason]:
    """Why this member of staff cannot decide it: right, interest in the deal, asked for it, status of either."""
    reasons = why_not_review(user, change.deal, step="")
    if change.asked_by_id == user.pk:
        reasons = [*reasons, OWN_REQUEST]
    if not reasons and (change.deal.status != DealStatus.APPROVED or not CHANGE_REQUEST_STEPS.allows("accept", change)):
        reasons = [NOT_NOW]
    return reasons


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.normalize(), "f")


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
