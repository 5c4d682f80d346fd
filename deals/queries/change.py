"""Change requests: the key facts of a deal, what a request asks in words, the lists of both sides."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from deals.enums import ChangeRequestStatus
from deals.models import ChangeRequest, Deal, DealLine, Participant
from deals.queries.conflict import identity_of_deal
from deals.rules.change import (
    TEXTS,
    KeyFacts,
    LineWanted,
    amount_approved,
    facts_after,
    facts_before,
    needs_change_request,
)
from deals.rules.policy import PolicyRules
from deals.rules.review import can_see_queue
from deals.rules.wording import FIELD_NAMES, rule_text
from partners.queries import scope_for
from partners.queries.access import one_or_not_visible
from partners.rules import Perm
from prm.catalog.models import Product
from prm.catalog.queries import Reporting, reporting_value
from prm.core.errors import NotVisible
from prm.core.money import convert
from prm.matching import Identity
from prm.web import counts
from prm.web.counts import Bounded

PENDING = ChangeRequestStatus.IN_REVIEW
LABELS = {
    "customer_name": gettext_lazy("Customer"),
    "website": gettext_lazy("Website"),
    "country": gettext_lazy("Country"),
    "registration_number": gettext_lazy("Registration number"),
    "city": gettext_lazy("City or site"),
    "project": gettext_lazy("Project"),
}


def key_facts_of(deal: Deal) -> KeyFacts:
    """What the protection rests on now."""
    texts = {name: str(getattr(deal, name)) for name in TEXTS}
    lines = tuple(LineWanted(line.product_id, line.quantity, line.amount) for line in deal.lines.all())
    return KeyFacts(**texts, amount=deal.amount, lines=lines)


def identity_after(deal: Deal, facts: KeyFacts) -> Identity:
    """The customer as the new facts name it."""
    return identity_of_deal(_with_texts(deal, facts))


def deal_after(deal: Deal, facts: KeyFacts) -> Deal:
    """A copy of the deal as it would stand, with its lines, to show beside the evidence; never saved."""
    products = Product.objects.in_bulk(facts.product_ids)
    there = _with_texts(deal, facts)
    there.amount = facts.amount
    there._prefetched_objects_cache = {  # type: ignore[attr-defined]
        "lines": [
            DealLine(deal=there, product=products[line.product_id], quantity=line.quantity, amount=line.amount)
            for line in facts.lines
            if line.product_id in products
        ]
    }
    return there


def _with_texts(deal: Deal, facts: KeyFacts) -> Deal:
    there = copy.copy(deal)
    for name in TEXTS:
        setattr(there, name, getattr(facts, name))
    return there


def reporting_of(deal: Deal, amount: Decimal | None) -> Reporting | None:
    """An amount of this deal in the reporting currency, at the rate of its submission, whenever the amount is changed."""
    if amount is not None and deal.reporting_rate is not None:
        value = convert(amount, deal.reporting_rate, settings.REPORTING_CURRENCY)
        return Reporting(value, deal.reporting_rate, deal.rate_source)
    return reporting_value(amount, deal.currency, (deal.submitted_at or deal.created_at).date())


def amount_columns(deal: Deal, amount: Decimal | None) -> dict[str, Any]:
    """What changes with the amount of an approved deal: its value, and the amount that was approved is kept."""
    value = reporting_of(deal, amount)
    columns = {"amount": amount, "reporting_amount": value.amount if value else None, "approved_amount": amount_approved(deal)}
    return columns | ({"reporting_rate": value.rate, "rate_source": value.source} if value else {})


def amount_needs_change_request(deal: Deal, amount: Decimal | None, rules: PolicyRules) -> bool:
    """Whether a person decides on this amount; see `needs_change_request`."""
    value = reporting_of(deal, amount)
    return needs_change_request(deal, amount, value.rate if value else None, rules)


def pending_change(deal: Deal) -> ChangeRequest | None:
    """The one request that waits for its decision."""
    return deal.change_requests.filter(status=PENDING).select_related("deal__partner", "conflict", "asked_by").first()


@dataclass(frozen=True)
class ChangedFact:
    """One fact, before and after; `money`: both are (amount, currency)."""

    label: str
    before: Any
    after: Any
    money: bool = False


@dataclass(frozen=True)
class ChangeShown:
    """A request as both sides may read it: the check by rule and fields, never who holds the account."""

    change: ChangeRequest
    facts: list[ChangedFact]
    rule: str
    fields: list[str]
    frees_up_on: Any


def shown(changes: Iterable[ChangeRequest]) -> list[ChangeShown]:
    """Requests in words, with their products in one query."""
    pairs = [(change, facts_before(change), facts_after(change)) for change in changes]
    ids = {pk for _change, before, after in pairs for pk in before.product_ids | after.product_ids}
    names = {pk: product.name for pk, product in Product.objects.in_bulk(ids).items()} if ids else {}
    return [_shown(change, before, after, names) for change, before, after in pairs]


def _shown(change: ChangeRequest, before: KeyFacts, after: KeyFacts, names: dict[UUID, str]) -> ChangeShown:
    facts = [
        ChangedFact(str(LABELS[name]), _text(name, before), _text(name, after))
        for name in TEXTS
        if getattr(before, name) != getattr(after, name)
    ]
    if set(before.lines) != set(after.lines):
        facts.append(ChangedFact(_("Products"), _goods(before, names), _goods(after, names)))
    if before.amount != after.amount:
        currency = change.deal.currency
        facts.append(ChangedFact(_("Amount"), (before.amount, currency), (after.amount, currency), money=True))
    conflict = change.conflict
    return ChangeShown(
        change,
        facts,
        rule_text(conflict.rule) if conflict else "",
        [str(FIELD_NAMES.get(name, name)) for name in conflict.matched_fields] if conflict else [],
        conflict.frees_up_on if conflict else None,
    )


def _text(name: str, facts: KeyFacts) -> str:
    value: str = getattr(facts, name)
    return str(countries.name(value)) if name == "country" else value


def _goods(facts: KeyFacts, names: dict[UUID, str]) -> str:
    return ", ".join(f"{line.quantity} × {names.get(line.product_id, '?')}" for line in facts.lines)


def newest_change(deal: Deal) -> QuerySet[ChangeRequest]:
    """The newest request of one deal, if any, with what `shown` reads of it."""
    rows = deal.change_requests.select_related("deal", "conflict", "asked_by", "decided_by")
    return rows.order_by("-created_at", "-pk")[:1]


def changes_asked(user: Any) -> QuerySet[ChangeRequest]:
    """Requests that this user's desk decides, by their due time."""
    if not user.is_staff:
        return ChangeRequest.objects.none()
    rows = scope_for(user, Perm.REVIEW_DEALS).narrow(ChangeRequest.objects.filter(status=PENDING), "deal__partner")
    return rows.select_related("deal__partner", "asked_by", "conflict").order_by(F("due_at").asc(nulls_last=True), "pk")


def get_change_for_staff(user: Any, ref: str) -> ChangeRequest:
    """The door: a request on a deal that this user's desk decides. Raises NotVisible."""
    if not user.is_staff:
        raise NotVisible
    rows = ChangeRequest.objects.select_related(
        "deal__partner", "deal__owner", "deal__customer", "asked_by", "decided_by", "conflict__policy", "customer"
    ).prefetch_related(Prefetch("deal__participants", queryset=Participant.objects.select_related("partner")))
    return one_or_not_visible(scope_for(user, Perm.REVIEW_DEALS).narrow(rows, "deal__partner"), ref)


def changes_size(user: Any) -> Bounded | None:
    """For the first page of staff; None: this user decides no deals."""
    return counts.bounded(changes_asked(user)) if can_see_queue(user) else None
