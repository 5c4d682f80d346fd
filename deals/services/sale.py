"""Sales after they were loaded: their value in the reporting currency, and the won deals they book."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from deals.models import Deal, Sale
from deals.queries.sale import won_deals_matching
from deals.services.booking import book_deal
from prm.catalog.queries import RATE_DAYS
from prm.core import bulk
from prm.core.money import minor_digits

VALUE = """
UPDATE deals_sale AS s SET reporting_rate = r.rate, reporting_amount = round(s.net_amount * r.rate, %(digits)s)
FROM (
    SELECT u.id, COALESCE(near.rate, 1) AS rate
    FROM deals_sale AS u
    LEFT JOIN LATERAL (
        SELECT rate FROM catalog_rate
        WHERE currency = u.currency AND day <= u.ordered_on AND day >= u.ordered_on - %(days)s ORDER BY day DESC LIMIT 1
    ) AS near ON u.currency <> %(reporting)s
    WHERE u.reporting_amount IS NULL AND (near.rate IS NOT NULL OR u.currency = %(reporting)s)
) AS r
WHERE s.id = r.id
"""


@transaction.atomic
def value_sales() -> int:
    """Give each sale without one its value at the order date's stored rate, or the nearest earlier within seven days.

    Where there is none the value stays empty, which is the flag. A value once given stays. Returns how many were given.
    """
    reporting = settings.REPORTING_CURRENCY
    return bulk.run(VALUE, {"digits": minor_digits(reporting), "days": RATE_DAYS, "reporting": reporting})


@transaction.atomic
def book_matching_deals() -> list[str]:
    """Book every won deal that a sale matches; returns their refs. Nobody did it but the import, so no person is named."""
    booked = []
    for deal_id, sale_id in won_deals_matching():
        deal = Deal.objects.select_related("partner").get(pk=deal_id)
        book_deal(deal, by=None, sale=Sale.objects.get(pk=sale_id))
        booked.append(deal.ref)
    return booked
