"""What deal tests are made of: products, opportunities, facts, and registrations taken to a status by the services."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from deals.models import Customer, Deal, Opportunity, OpportunityProduct
from deals.services import deal as deals
from deals.services import decision
from deals.services.customer import resolve_customer
from deals.services.deal import DealFacts, LineFacts
from partners.models import Partner, User
from prm.catalog.models import Product, ProductFamily
from prm.matching import Identity


def product(name: str = "GTX Pro", family: str = "GTX") -> Product:
    group, _new = ProductFamily.objects.get_or_create(key=family.lower(), defaults={"name": family})
    key = name.lower().replace(" ", "")
    return Product.objects.get_or_create(key=key, defaults={"name": name, "family": group})[0]


def facts(customer: str = "Zumtobel Lighting GmbH", **changes: Any) -> DealFacts:
    """A complete registration in Austria of one product."""
    values: dict[str, Any] = {
        "customer_name": customer,
        "website": "",
        "country": "AT",
        "city": "",
        "currency": "USD",
        "expected_close": timezone.localdate() + timedelta(days=60),
        "lines": [LineFacts(product(), 2, Decimal("9000"))],
        "done_so_far": "Two meetings",
        **changes,
    }
    return DealFacts(**values)


def draft(partner: Partner, by: User, customer: str = "Zumtobel Lighting GmbH", **changes: Any) -> Deal:
    return deals.create_draft(partner, facts(customer, **changes), by=by)


def submitted(partner: Partner, by: User, customer: str = "Zumtobel Lighting GmbH", **changes: Any) -> Deal:
    """Submitted and settled: in review, waiting, declined or approved by rule."""
    return deals.submit_deal(draft(partner, by, customer, **changes), by=by)


def approved(partner: Partner, by: User, decider: User, customer: str = "Zumtobel Lighting GmbH", **changes: Any) -> Deal:
    return decision.approve_deal(submitted(partner, by, customer, **changes), by=decider)


def opportunity(customer: str = "Zumtobel Lighting GmbH", *, touched: date | None = None, **fields: Any) -> Opportunity:
    """An open opportunity of the vendor for GTX Pro, touched today unless said otherwise."""
    identity = Identity(
        name=customer,
        domain=fields.get("domain", ""),
        country=fields.get("country", "AT"),
        city=fields.get("city", ""),
        registration_number=fields.get("registration_number", ""),
    )
    owner, _new = resolve_customer(identity, by=None)
    assert isinstance(owner, Customer)
    goods = fields.pop("product", None) or product()
    row = Opportunity.objects.create(
        **{
            "source": "crm",
            "external_id": f"X{Opportunity.objects.count() + 1}",
            "customer": owner,
            "customer_name": customer,
            "country": "AT",
            "last_activity_on": touched or timezone.localdate(),
            **fields,
        }
    )
    OpportunityProduct.objects.create(opportunity=row, product=goods)
    return row
