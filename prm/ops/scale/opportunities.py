"""The vendor's own pipeline: one opportunity per customer, which is the hardest case for the duplicate check."""

from __future__ import annotations

from datetime import date

from prm.core import bulk
from prm.ops.scale.loading import sql_id, sql_ref
from prm.ops.scale.network import ScaleNetwork


def make_opportunities(count: int, network: ScaleNetwork, today: date) -> None:
    """So many opportunities, two of five open, touched within the last three years; in SQL from the customers."""
    n = "row_number() OVER (ORDER BY id)"
    bulk.run(
        "INSERT INTO deals_opportunity (id, created_at, ref, source, external_id, customer_id, customer_name, domain, country, "  # noqa: S608
        "city, registration_number, street, postcode, phone, amount, currency, stage, state, owner, owner_email, opened_on, "
        "last_activity_on, deal_ref, lead_ref) "
        f"SELECT {sql_id('c.id', 'opportunity')}, c.created_at, {sql_ref('O', 'c.n')}, 'scale', 'S' || c.n, c.id, c.name, "
        "c.domain, c.country, c.city, '', '', '', '', 1000 + c.n %% 90000, 'USD', 'Prospecting', "
        "CASE WHEN c.n %% 5 < 2 THEN 'open' WHEN c.n %% 5 < 4 THEN 'won' ELSE 'lost' END, 'Scale', '', "
        "%s::date - (c.n %% 1000)::int - 30, %s::date - (c.n %% 1000)::int, '', '' "
        f"FROM (SELECT *, {n} AS n FROM deals_customer ORDER BY id LIMIT %s) AS c",
        [today, today, count],
    )
    bulk.run(
        "INSERT INTO deals_opportunityproduct (opportunity_id, product_id) "  # noqa: S608
        f"SELECT id, (%s::uuid[])[1 + {n} %% %s] FROM deals_opportunity",
        [[product.pk for product in network.products], len(network.products)],
    )
