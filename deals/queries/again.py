"""What one's own company let go a short time ago: registering it again at once keeps an account from others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from deals.enums import DealStatus, MatchedKind
from deals.models import Deal
from deals.queries.in_the_way import products_of
from deals.rules.conflict import Asking, Products, Thing
from deals.rules.policy import PolicyRules

LET_GO = (DealStatus.EXPIRED, DealStatus.RELEASED, DealStatus.REVOKED)
LOOKED_AT = 20


@dataclass(frozen=True)
class LetGo:
    """A protection of one's own that has ended, and the first day on which the same may be registered without a look at it."""

    customer_id: UUID
    thing: Thing
    free_on: date


def let_go_lately(asking: Asking, customers: Collection[UUID], rules: PolicyRules, today: date) -> list[LetGo]:
    """The partner's own expired, released or revoked deals of these customers and overlapping products, newest first.

    Source: DOMAIN.md section 4, squatting: the same partner, customer and product again only after some days.
    """
    if asking.partner_id is None or not customers:
        return []
    since = today - timedelta(days=rules.register_again_days)
    rows = Deal.objects.filter(partner=asking.partner_id, customer__in=customers, status__in=LET_GO, ended_at__date__gt=since)
    newest = rows.prefetch_related("lines__product").order_by("-ended_at", "pk")[:LOOKED_AT]
    found = [(deal, products_of(line.product for line in deal.lines.all())) for deal in newest]
    return [_let_go(deal, products, rules) for deal, products in found if products.overlap(asking.products)]


def _let_go(deal: Deal, products: Products, rules: PolicyRules) -> LetGo:
    assert deal.customer_id is not None and deal.ended_at is not None  # asked for by both
    thing = Thing(MatchedKind.DEAL, deal.pk, deal.ref, products, partner_id=deal.partner_id, status=deal.status)
    return LetGo(deal.customer_id, thing, deal.ended_at.date() + timedelta(days=rules.register_again_days))
