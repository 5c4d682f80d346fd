"""The whole load, in the order in which rows point at each other."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from partners.models import Partner
from prm.core.errors import DomainError
from prm.ops.scale.customers import make_customers
from prm.ops.scale.deals import TABLES, make_deals
from prm.ops.scale.loading import guards_off
from prm.ops.scale.network import PARTNERS, ScaleNetwork, make_network
from prm.ops.scale.opportunities import make_opportunities

CUSTOMERS_OF_DEALS = 100_000  # at most; a customer has ten deals or more from a million on


def load(
    deals: int, opportunities: int = 0, tell: Callable[[str], None] = lambda text: None, partners: int = PARTNERS
) -> ScaleNetwork:
    """Fill an empty database. Raises DomainError when it holds partners already."""
    if Partner.objects.exists():
        raise DomainError("This database holds partners already. Point DATABASE_URL at an empty one that was migrated.")
    now = timezone.now()
    network = make_network(partners)
    tell(f"{len(network.partners):,} partners")
    of_deals = min(max(deals // 10, 100), CUSTOMERS_OF_DEALS)
    with guards_off(TABLES):
        make_customers(max(of_deals, opportunities))
        tell(f"{max(of_deals, opportunities):,} customers")
        if deals:
            make_deals(deals, network, of_deals, now)
            tell(f"{deals:,} deals")
        if opportunities:
            make_opportunities(opportunities, network, now.date())
            tell(f"{opportunities:,} opportunities")
    tell("indexes and statistics")
    return network
