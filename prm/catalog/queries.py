"""Products by key, exchange rates by day."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from prm.catalog.models import Product, Rate
from prm.core.money import convert

RATE_DAYS = 7  # a rate so many days old still serves: weekends and holidays have none
SAME_CURRENCY = "same currency"  # the source of the rate 1


@dataclass(frozen=True)
class Reporting:
    """An amount in the reporting currency, the rate used (reporting units per unit), and where the rate is from."""

    amount: Decimal
    rate: Decimal
    source: str


def product_key(name: str) -> str:
    """The name without case, spaces and punctuation: by this products are the same."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in folded if char.isalnum())[:100]


def products_by_key(keys: Iterable[str]) -> dict[str, UUID]:
    """Ids of the products that exist."""
    return dict(Product.objects.filter(key__in=sorted(set(keys))).values_list("key", "id"))


def reporting_rate(currency: str, day: date) -> tuple[Decimal, str] | None:
    """(rate, source) on that day, or the nearest earlier within `RATE_DAYS`; the reporting currency itself is always 1."""
    if currency == settings.REPORTING_CURRENCY:
        return Decimal(1), SAME_CURRENCY
    row = (
        Rate.objects.filter(currency=currency, day__lte=day, day__gt=day - timedelta(days=RATE_DAYS + 1))
        .order_by("-day")
        .values_list("rate", "source")
        .first()
    )
    return row


def reporting_value(amount: Decimal | None, currency: str, day: date) -> Reporting | None:
    """The amount in the reporting currency at the stored rate of that day; None where there is no amount or no rate."""
    found = reporting_rate(currency, day) if amount is not None and currency else None
    if amount is None or found is None:
        return None
    return Reporting(convert(amount, found[0], settings.REPORTING_CURRENCY), *found)
