"""Which sale books which won deal."""

from __future__ import annotations

from uuid import UUID

from deals.enums import DealStatus
from prm.core import bulk

# A return books nothing, a sale books one deal at most. Products overlap when one is the same or of the same family, or when
# either side names none.
MATCH = """
SELECT d.id, s.id
FROM deals_deal AS d
CROSS JOIN LATERAL (
    SELECT s.id, s.ordered_on FROM deals_sale AS s
    WHERE s.net_amount > 0 AND (
        s.deal_id = d.id
        OR s.deal_id IS NULL AND s.partner_id = d.partner_id AND s.customer_id = d.customer_id
           AND s.ordered_on >= (d.submitted_at AT TIME ZONE 'UTC')::date
           AND (s.product_id IS NULL OR NOT EXISTS (SELECT FROM deals_dealline AS l WHERE l.deal_id = d.id) OR EXISTS (
                SELECT FROM deals_dealline AS l JOIN catalog_product AS lp ON lp.id = l.product_id
                JOIN catalog_product AS sp ON sp.id = s.product_id
                WHERE l.deal_id = d.id AND (lp.id = sp.id OR lp.family_id = sp.family_id)))
    )
    ORDER BY (s.deal_id IS NULL), s.ordered_on, s.id LIMIT 20
) AS s
WHERE d.status = %(won)s AND (%(sales)s::uuid[] IS NULL OR s.id = ANY(%(sales)s::uuid[]))
ORDER BY d.submitted_at, d.id, s.ordered_on, s.id
"""


def won_deals_matching(sales: list[UUID] | None = None) -> list[tuple[UUID, UUID]]:
    """(deal, sale) for each won deal that a sale shows to be booked: the sale names it, or it is of the same partner and
    customer with overlapping products, ordered on the day of submission or later. `sales`: only these (default: all).

    Oldest submissions choose first; each deal and each sale stands there once.
    """
    pairs: list[tuple[UUID, UUID]] = []
    deals: set[UUID] = set()
    used: set[UUID] = set()
    for deal, sale in bulk.rows(MATCH, {"won": DealStatus.WON, "sales": sales}):
        if deal not in deals and sale not in used:
            deals.add(deal)
            used.add(sale)
            pairs.append((deal, sale))
    return pairs
