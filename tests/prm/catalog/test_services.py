"""Products by key, rates by day, amounts in the reporting currency."""

import io
from datetime import date
from decimal import Decimal

import pytest

from prm.audit.models import Event
from prm.catalog.models import Product, Rate
from prm.catalog.queries import product_key, reporting_value
from prm.catalog.services import ensure_products, import_rates
from prm.core.tabular import BadFile
from prm.record.models import ImportRun

DAY = date(2026, 3, 10)


def table(text):
    return io.BytesIO(("date,currency,rate,source\n" + text).encode())


def counts(report):
    return report.outcome, report.created, report.updated, report.unchanged


@pytest.mark.parametrize(
    ("name", "key"),
    [("GTX Pro", "gtxpro"), ("gtx-PRO ", "gtxpro"), ("ＧＴＸ", "gtx"), ("Größe", "grösse"), ("!?", ""), ("x" * 300, "x" * 100)],
)
def test_keys(name, key):
    assert product_key(name) == key


@pytest.mark.django_db
def test_unknown_products_are_made_once_and_unreviewed():
    known = Product.objects.create(key="gtxpro", name="GTX Pro")
    ids, new = ensure_products({"gtxpro": "gtx pro", "mg": "MG"})
    assert (ids["gtxpro"], new) == (known.pk, ["MG"])
    assert ensure_products({"mg": "m g"}) == ({"mg": ids["mg"]}, [])
    assert Product.objects.get(key="mg").reviewed is False
    assert Event.objects.get().name == "catalog.product.created_unreviewed"


@pytest.mark.django_db
def test_amounts_are_valued_at_the_nearest_earlier_rate_within_seven_days():
    Rate.objects.create(day=date(2026, 3, 1), currency="EUR", rate=Decimal("1.1"), source="ECB")
    Rate.objects.create(day=date(2026, 3, 4), currency="EUR", rate=Decimal("1.2"), source="ECB")
    Rate.objects.create(day=date(2026, 3, 12), currency="EUR", rate=Decimal("9"), source="ECB")
    found = reporting_value(Decimal("10.05"), "EUR", DAY)
    assert (found.amount, found.rate, found.source) == (Decimal("12.06"), Decimal("1.2"), "ECB")
    assert reporting_value(Decimal(10), "EUR", date(2026, 3, 11)).rate == Decimal("1.2")
    assert reporting_value(Decimal(10), "EUR", date(2026, 2, 28)) is None
    assert reporting_value(Decimal(10), "JPY", DAY) is None
    assert reporting_value(None, "EUR", DAY) is None
    assert reporting_value(Decimal(10), "", DAY) is None
    assert reporting_value(Decimal("1.234"), "USD", DAY).amount == Decimal("1.23")


@pytest.mark.django_db
def test_rates_are_loaded_once_and_corrected():
    rows = "2026-03-10,EUR,1.1,ECB\n2026-03-10,JPY,0.0065,ECB\n2026-03-11,EUR,1.2,ECB\n"
    assert counts(import_rates(table(rows))) == ("loaded", 3, 0, 0)
    assert counts(import_rates(table(rows))) == ("loaded", 0, 0, 3)
    assert counts(import_rates(table(rows.replace("1.2,", "1.25,")))) == ("loaded", 0, 1, 2)
    assert Rate.objects.get(day=date(2026, 3, 11)).rate == Decimal("1.25")
    assert ImportRun.objects.filter(kind="rates").count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("2026-03-10,EUR,0,x\n", 2, "rate"),
        ("2026-03-10,EUR,-1,x\n", 2, "rate"),
        ("2026-03-10,EUR,1.0000000001,x\n", 2, "rate"),
        ("2026-03-10,EUR,10000000000,x\n", 2, "rate"),
        ('2026-03-10,EUR,"1,1",x\n', 2, "rate"),
        ("2026-03-10,USD,1.1,x\n", 2, "rate"),
        ("2026-03-10,XXZ,1,x\n", 2, "currency"),
        ("10.3.2026,EUR,1,x\n", 2, "date"),
        ("2026-03-10,EUR,1,\n", 2, "source"),
        ("2026-03-10,EUR,1,x\n2026-03-10,EUR,1,x\n", 3, "date"),
    ],
)
def test_a_bad_rate_refuses_the_file(text, line, column):
    report = import_rates(table(text))
    assert [(problem.line, problem.column) for problem in report.problems.kept] == [(line, column)]
    assert (report.outcome, Rate.objects.count()) == ("refused", 0)


@pytest.mark.django_db
def test_keep_good_and_dry_run():
    text = "2026-03-10,EUR,1.1,ECB\n2026-03-10,GBP,x,ECB\n"
    assert counts(import_rates(table(text), keep_good=True, dry_run=True)) == ("partly", 1, 0, 0)
    assert not (Rate.objects.exists() or ImportRun.objects.exists())
    assert counts(import_rates(table(text), keep_good=True)) == ("partly", 1, 0, 0)
    with pytest.raises(BadFile):
        import_rates(io.BytesIO(b"day,currency\n"))
