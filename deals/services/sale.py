"""Sales after they were loaded: their value in the reporting currency, and the won deals they book."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction

from deals.models import Deal, Sale
from deals.queries.sale import won_deals_matching
from deals.services.booking import book_deal
from prm.catalog.queries import RATE_DAYS, SAME_CURRENCY
from prm.core import bulk
from prm.core.money import minor_digits

VALUE = """
UPDATE {table} AS t SET reporting_rate = r.rate, reporting_amount = round(t.{amount} * r.rate, %(digits)s){more}
FROM (
    SELECT u.id, COALESCE(near.rate, 1) AS rate, COALESCE(near.source, %(same)s) AS source
    FROM {table} AS u
    LEFT JOIN LATERAL (
        SELECT rate, source FROM catalog_rate
        WHERE currency = u.currency AND day <= {day} AND day >= {day} - %(days)s ORDER BY day DESC LIMIT 1
    ) AS near ON u.currency <> %(reporting)s
    WHERE u.reporting_amount IS NULL AND {valued} AND (near.rate IS NOT NULL OR u.currency = %(reporting)s)
) AS r
WHERE t.id = r.id
"""
SALES = VALUE.format(table="deals_sale", amount="net_amount", day="u.ordered_on", valued="true", more="")
DEALS = VALUE.format(
    table="deals_deal",
    amount="amount",
    day="(u.submitted_at AT TIME ZONE 'UTC')::date",
    valued="u.submitted_at IS NOT NULL AND u.amount IS NOT NULL",
    more=", rate_source = r.source",
)


@transaction.atomic
def value_sales() -> int:
    """Give each sale without one its value at the order date's stored rate, or the nearest earlier within seven days.

    Where there is none the value stays empty, which is the flag. A value once given stays. Returns how many were given.
    """
    return bulk.run(SALES, _params())


@transaction.atomic
def value_deals() -> int:
    """The same for submitted deals, at the rate of the day of submission. What was decided meanwhile stays decided."""
    return bulk.run(DEALS, _params())


def _params() -> dict[str, Any]:
    reporting = settings.REPORTING_CURRENCY
    return {"digits": minor_digits(reporting), "days": RATE_DAYS, "reporting": reporting, "same": SAME_CURRENCY}


@transaction.atomic
def book_matching_deals() -> list[str]:
    """Book every won deal that a sale matches; returns their refs. Nobody did it but the import, so no person is named."""
    booked = []
    for deal_id, sale_id in won_deals_matching():
        deal = Deal.objects.select_related("partner").get(pk=deal_id)
        book_deal(deal, by=None, sale=Sale.objects.get(pk=sale_id))
        booked.append(deal.ref)
    return booked
