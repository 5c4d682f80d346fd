"""What the deal forms offer to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from partners.models import Partner
from prm.catalog.models import Product, Rate


def products_on_offer(also: Iterable[Product] = ()) -> dict[str, Product]:
    """Active, reviewed products by ref, and those a deal already has."""
    rows = {row.ref: row for row in Product.objects.filter(active=True, reviewed=True).order_by("name")}
    return rows | {row.ref: row for row in also}


def distributors_of(partner: Partner) -> list[Partner]:
    """The distributors this partner is linked to today."""
    today = timezone.localdate()
    live = Q(reseller_links__ends_on=None) | Q(reseller_links__ends_on__gte=today)
    rows = Partner.objects.working().filter(live, reseller_links__reseller=partner, reseller_links__starts_on__lte=today)
    return list(rows.distinct().order_by("sort_name"))


def currency_choices() -> list[tuple[str, str]]:
    """The reporting currency first, then those a rate is known for, then the usual ones."""
    known = list(Rate.objects.order_by("currency").values_list("currency", flat=True).distinct()[:60])
    usual = ["USD", "EUR", "GBP", "CHF", "JPY", "IDR", "AUD", "CAD", "SGD", "KWD"]
    codes = dict.fromkeys([settings.REPORTING_CURRENCY, *known, *usual])
    return [(code, code) for code in codes]
