"""The showcase partner's stage: who plays, and how a registration is written and sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from deals.models import Deal
from deals.services import deal as deals
from deals.services.deal import DealFacts, LineFacts
from partners.models import Partner, User
from prm.audit.services import told_at
from prm.catalog.models import Product
from prm.ops.seed.partners import Network
from prm.ops.seed.staff import Staff


@dataclass
class Stage:
    """Whose deals these are, who decides them, and what they are about."""

    partner: Partner
    seller: User
    manager: User
    network: Network
    staff: Staff
    products: dict[str, Product]
    today: date
    now: datetime


def facts(stage: Stage, customer: str, **changes: Any) -> DealFacts:
    product = changes.pop("product", "gtxpro")
    quantity = changes.pop("quantity", 5)
    chosen = stage.products[product]
    amount = (chosen.list_price * quantity).quantize(Decimal("0.01"))
    values: dict[str, Any] = {
        "customer_name": customer,
        "country": "DE",
        "currency": "USD",
        "expected_close": stage.today + timedelta(days=75),
        "lines": [LineFacts(chosen, quantity, amount)],
        "done_so_far": "First meeting with the head of IT; demo planned.",
        **changes,
    }
    return DealFacts(**values)


def submit(
    stage: Stage, customer: str, hours: float = 3, by: User | None = None, partner: Partner | None = None, **changes: Any
) -> Deal:
    """A registration that came in so many hours ago, begun twenty minutes before that."""
    person, company = by or stage.seller, partner or stage.partner
    came = stage.now - timedelta(hours=hours)
    with told_at(came - timedelta(minutes=20)):
        deal = deals.create_draft(company, facts(stage, customer, **changes), by=person)
    with told_at(came):
        return deals.submit_deal(deal, by=person, now=came)
