"""Products, rates, the policy, and the vendor's own pipeline, loaded by the import that customers use."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from deals.rules.policy import PolicyRules
from deals.services.imports.opportunities import import_opportunities
from deals.services.policy import publish_policy
from prm.catalog.models import Product, ProductFamily, Rate
from prm.catalog.queries import product_key
from prm.ops.seed.people import address
from prm.ops.seed.source import PIPELINE_ENDS, days_ago, dice, rows, shifted
from prm.ops.seed.staff import VENDOR, Staff

COUNTRIES = {
    "United States": "US", "Kenya": "KE", "Philipines": "PH", "Japan": "JP", "Italy": "IT", "Norway": "NO", "Korea": "KR",
    "Jordan": "JO", "Brazil": "BR", "Germany": "DE", "Panama": "PA", "Belgium": "BE", "Romania": "RO", "Poland": "PL",
    "China": "CN",
}  # fmt: skip
RATES = {
    "EUR": "1.08",
    "GBP": "1.27",
    "CHF": "1.12",
    "JPY": "0.0066",
    "IDR": "0.000063",
    "AUD": "0.66",
    "CAD": "0.73",
    "SGD": "0.75",
}
POLICY = """Who may register: admins and sales of an active partner.

One registration protects one customer site for one product family. The earliest submission leads.

Declined at once, by rule: the same customer beyond doubt, with an overlapping protection, or an opportunity of our own that was
touched in the last 60 days. Everything less certain is looked at by a person.

We decide within one business day. From the second day on we are late, and each day late is added to your protection.

A protection runs 90 days. It can be extended once by 30 days when you log what you do.

If you disagree with a decision, write to your channel manager with evidence; another person judges it."""


def seed_catalog(today: date) -> dict[str, Product]:
    """Products by key, with families and list prices; two years of weekly and recent daily rates; the first policy."""
    found: dict[str, Product] = {}
    for row in rows("products"):
        family, _new = ProductFamily.objects.get_or_create(key=product_key(row["series"]), defaults={"name": row["series"]})
        key = product_key(row["product"])
        price = Decimal(row["sales_price"])
        found[key] = Product.objects.create(key=key, name=row["product"], family=family, list_price=price, currency="USD")
    lots = dice("rates")
    for currency, start in RATES.items():
        value, made = Decimal(start), []
        for back in [*range(730, 0, -5), 0]:
            value = (value * Decimal(str(1 + lots.uniform(-0.006, 0.006)))).quantize(Decimal("0.000000001"))
            made.append(Rate(day=days_ago(today, back), currency=currency, rate=value, source="demo"))
        Rate.objects.bulk_create(made)
    publish_policy(POLICY, PolicyRules(), None, by=None)
    return found


def seed_opportunities(staff: Staff, today: date, small: bool = False) -> int:
    """8,800 opportunities of the vendor's CRM; answers how many. A third of their customers carry real names and domains."""
    report = import_opportunities(_file(_lines(today, small)), source="crm", by=staff.rita)
    return report.created


def _lines(today: date, small: bool) -> Iterable[dict[str, Any]]:
    lots = dice("pipeline")
    accounts = {row["account"]: COUNTRIES.get(row["office_location"], "US") for row in rows("accounts")}
    organisations, universities = rows("organisations"), rows("universities")
    for row in rows("sales_pipeline", small):
        customer = _customer(row["account"], accounts, organisations, universities, lots)
        opened = shifted(row["engage_date"], PIPELINE_ENDS, today) if row["engage_date"] else days_ago(today, lots.randint(1, 60))
        closed = shifted(row["close_date"], PIPELINE_ENDS, today) if row["close_date"] else None
        touched = closed or max(opened, days_ago(today, lots.choice([2, 5, 9, 20, 35, 50, 75, 110, 160])))
        yield {
            **customer,
            "external_id": row["opportunity_id"],
            "products": row["product"],
            "amount": row["close_value"] or "",
            "currency": "USD" if row["close_value"] else "",
            "stage": row["deal_stage"],
            "owner": row["sales_agent"],
            "owner_email": address(row["sales_agent"], VENDOR),
            "opened_on": min(opened, today).isoformat(),
            "closed_on": closed.isoformat() if closed else "",
            "last_activity_on": min(touched, today).isoformat(),
        }


def _customer(account: str, accounts: dict[str, str], organisations: list, universities: list, lots: Any) -> dict[str, str]:
    lot = lots.random()
    if account and lot < 0.6:
        return {"customer": account, "country": accounts[account], "domain": "", "city": "", "registration_number": ""}
    if lot < 0.85:
        row = lots.choice(organisations)
        return {"customer": row["name"], "country": "US", "domain": "", "city": "", "registration_number": ""}
    row = lots.choice(universities)
    return {"customer": row["name"], "country": row["country"], "domain": row["domain"], "city": "", "registration_number": ""}


def _file(lines: Iterable[dict[str, Any]]) -> io.BytesIO:
    names = [
        "external_id",
        "customer",
        "domain",
        "country",
        "city",
        "registration_number",
        "products",
        "amount",
        "currency",
        "stage",
        "owner",
        "opened_on",
        "closed_on",
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, "last_activity_on", "owner_email"])
    writer.writeheader()
    writer.writerows(lines)
    return io.BytesIO(text.getvalue().encode())
