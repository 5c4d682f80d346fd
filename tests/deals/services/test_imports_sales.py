"""Booked order lines: loaded once, valued at the day's rate, matched to won deals."""

import csv
import io
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals.enums import DealStatus
from deals.models import Customer, Sale
from deals.queries.sale import won_deals_matching
from deals.services import protection
from deals.services.imports import import_sales
from deals.services.sale import value_sales
from partners.models import Partner
from prm.audit.models import Event
from prm.catalog.models import Product, Rate
from prm.core.tabular import open_table
from prm.record.models import ImportRun
from prm.record.services import import_run
from tests.deals import material

HEADER = [
    "source", "order_ref", "line", "partner_ref", "distributor_ref", "customer", "domain", "product", "ordered_on",
    "term_ends_on", "net_amount", "currency", "deal_ref",
]  # fmt: skip
TODAY = timezone.localdate()


def table(*rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def line(number=1, **changes):
    row = {
        "source": "erp", "order_ref": f"A{number}", "line": "1", "partner_ref": "E-ACME", "customer": f"Umbrella{number}",
        "product": "GTX Pro", "ordered_on": TODAY.isoformat(), "net_amount": "100.00", "currency": "USD",
    }  # fmt: skip
    return row | changes


def counts(report):
    return report.outcome, report.created, report.updated, report.unchanged


def said(report):
    return [(problem.line, problem.column) for problem in report.problems.in_order()]


@pytest.fixture
def shop(cast):
    Partner.objects.filter(pk=cast.acme.pk).update(external_ref="E-ACME")
    material.product("GTX Pro")
    return cast


@pytest.fixture
def won(shop):
    """Acme's won deal of Zumtobel, GTX Pro."""
    deal = material.approved(shop.acme, shop.amir, shop.dana)
    return protection.win_deal(deal, by=shop.amir)


def test_a_line_is_stored_with_partner_customer_product_and_value(shop):
    report = import_sales(
        table(line(distributor_ref=shop.initech.ref, domain="www.umbrella.com", term_ends_on="2027-01-01", net_amount="-100.5"))
    )
    assert counts(report) == ("loaded", 1, 0, 0)
    sale = Sale.objects.get()
    assert (sale.source, sale.order_ref, sale.line) == ("erp", "A1", "1")
    assert (sale.partner, sale.distributor) == (shop.acme, shop.initech)
    assert (sale.customer.name, sale.customer.domain, sale.product.key) == ("Umbrella1", "umbrella.com", "gtxpro")
    assert (sale.ordered_on, sale.term_ends_on) == (TODAY, date(2027, 1, 1))
    assert (sale.net_amount, sale.reporting_amount, sale.reporting_rate) == (Decimal("-100.5"), Decimal("-100.5"), Decimal(1))
    assert sale.deal is None


def test_the_second_time_nothing_changes_and_one_change_is_one_update(shop):
    rows = [line(1), line(2), line(3, customer=""), line(3, line="2", product="")]
    assert counts(import_sales(table(*rows))) == ("loaded", 4, 0, 0)
    before = list(Sale.objects.order_by("id").values())
    assert counts(import_sales(table(*rows))) == ("loaded", 0, 0, 4)
    assert list(Sale.objects.order_by("id").values()) == before
    rows[1]["net_amount"] = "7"
    assert counts(import_sales(table(*rows))) == ("loaded", 0, 1, 3)
    changed = Sale.objects.get(order_ref="A2")
    assert (changed.net_amount, changed.reporting_amount) == (7, 7)
    assert Customer.objects.count() == 3


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("source", ""), ("order_ref", ""), ("line", "x" * 17), ("partner_ref", "E-NOBODY"), ("partner_ref", ""),
        ("distributor_ref", "?"), ("ordered_on", ""), ("ordered_on", "1.2.2026"), ("net_amount", "1,5"), ("net_amount", "1.001"),
        ("currency", "ZZZ"), ("product", "GTX|MG"), ("product", "!!"), ("customer", "a\x00"),
    ],
)  # fmt: skip
def test_a_bad_cell_refuses_the_file(shop, column, value):
    report = import_sales(table(line(1), line(2, **{column: value})))
    assert said(report) == [(3, column)]
    assert report.outcome == "refused"
    assert not Sale.objects.exists()


def test_a_repeated_line_is_an_error_at_its_second_place(shop):
    report = import_sales(table(line(1), line(2), line(1, customer="Other")), keep_good=True)
    assert said(report) == [(4, "line")]
    assert counts(report) == ("partly", 2, 0, 0)


def test_a_dry_run_writes_nothing(won):
    sold = line(customer="Zumtobel Lighting GmbH")
    events = Event.objects.count()
    report = import_sales(table(sold), dry_run=True)
    assert (counts(report), report.facts["booked_deals"]) == (("loaded", 1, 0, 0), [won.ref])
    won.refresh_from_db()
    assert (won.status, Sale.objects.count(), Event.objects.count(), ImportRun.objects.count()) == ("won", 0, events, 0)


@pytest.mark.parametrize(("age", "value"), [(0, 110), (7, 110), (8, None), (-1, None)])
def test_the_value_is_that_of_the_order_day_or_up_to_seven_days_before(shop, age, value):
    Rate.objects.create(day=TODAY - timedelta(days=age), currency="EUR", rate=Decimal("1.1"), source="ECB")
    report = import_sales(table(line(currency="EUR")))
    assert Sale.objects.get().reporting_amount == value
    assert report.facts["without_rate"] == (value is None)
    assert bool(report.notes) == (value is None)


def test_a_value_once_given_stays_and_a_missing_one_is_filled_later(shop):
    Rate.objects.create(day=TODAY, currency="EUR", rate=Decimal("1.1"), source="ECB")
    rows = [line(1, currency="EUR"), line(2, currency="GBP")]
    import_sales(table(*rows))
    Rate.objects.update(rate=2)
    Rate.objects.create(day=TODAY, currency="GBP", rate=Decimal("1.333333333"), source="BoE")
    assert value_sales() == 1
    assert value_sales() == 0
    assert dict(Sale.objects.values_list("order_ref", "reporting_amount")) == {"A1": Decimal("110"), "A2": Decimal("133.33")}
    rows[0]["net_amount"] = "50"
    import_sales(table(*rows))
    assert Sale.objects.get(order_ref="A1").reporting_amount == 100


def test_a_sale_that_names_the_deal_books_it(won):
    report = import_sales(table(line(customer="Written quite otherwise", deal_ref=won.ref, product="Else")))
    won.refresh_from_db()
    assert (won.status, won.order_ref, report.facts["booked_deals"]) == (DealStatus.BOOKED, "A1", [won.ref])
    sale = Sale.objects.get()
    assert (sale.deal, sale.customer) == (won, won.customer)
    event = Event.objects.get(name="deals.deal.booked")
    assert event.actor_kind == "system"


@pytest.mark.parametrize(
    ("changes", "booked"),
    [
        ({}, True),
        ({"product": ""}, True),
        ({"product": "gtx-pro"}, True),
        ({"product": "Sister"}, True),
        ({"product": "Else"}, False),
        ({"customer": "Another"}, False),
        ({"partner_ref": "GLOBEX"}, False),
        ({"ordered_on": "2020-01-01"}, False),
        ({"net_amount": "-5"}, False),
    ],
)
def test_the_same_partner_and_customer_with_overlapping_products_after_submission_book(won, changes, booked):
    Partner.objects.filter(name="Globex").update(external_ref="GLOBEX")
    material.product("Sister", "GTX")
    material.product("Else", "MG")
    Rate.objects.create(day=TODAY, currency="USD", rate=1, source="x")
    report = import_sales(table(line(customer="Zumtobel Lighting GmbH") | changes))
    won.refresh_from_db()
    assert (won.status == DealStatus.BOOKED, bool(report.facts["booked_deals"])) == (booked, booked)
    assert (Sale.objects.get().deal == won) == booked


def test_a_deal_won_after_the_sale_came_is_booked_at_the_next_import(shop):
    deal = material.approved(shop.acme, shop.amir, shop.dana)
    rows = [line(customer="Zumtobel Lighting GmbH")]
    import_sales(table(*rows))
    assert won_deals_matching() == []
    protection.win_deal(deal, by=shop.amir)
    assert [pair[0] for pair in won_deals_matching()] == [deal.pk]
    assert won_deals_matching([]) == []
    assert import_sales(table(*rows)).facts["booked_deals"] == [deal.ref]
    assert counts(import_sales(table(*rows))) == ("loaded", 0, 0, 1)
    assert Sale.objects.get().deal == deal


def test_one_sale_books_one_deal(shop):
    first, _second = [protection.win_deal(material.approved(shop.acme, shop.amir, shop.dana), by=shop.amir) for _ in range(2)]
    assert import_sales(table(line(customer="Zumtobel Lighting GmbH"))).facts["booked_deals"] == [first.ref]


def test_a_deal_of_other_partners_is_not_touched_and_that_is_said(won):
    Partner.objects.filter(name="Globex").update(external_ref="GLOBEX")
    report = import_sales(table(line(partner_ref="GLOBEX", deal_ref=won.ref), line(2, deal_ref="D-NONE")))
    assert [(warning.line, warning.column) for warning in report.warnings.kept] == [(2, "deal_ref"), (3, "deal_ref")]
    won.refresh_from_db()
    assert (won.status, Sale.objects.filter(deal=None).count()) == ("won", 2)


def test_unknown_products_are_made_unreviewed_and_the_run_is_kept(shop):
    report = import_sales(table(line(product="Brand New")), by=shop.rita)
    assert report.facts["new_products"] == ["Brand New"]
    assert Product.objects.get(key="brandnew").reviewed is False
    run = ImportRun.objects.get()
    assert (run.kind, run.by, run.created_rows) == ("sales", shop.rita, 1)
    assert Event.objects.filter(name="record.import_run.finished", actor_id=str(shop.rita.pk)).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"ordered_on": "2036-01-01"}, "ordered_on"),
        ({"ordered_on": (TODAY + timedelta(days=3)).isoformat()}, "ordered_on"),
        ({"term_ends_on": (TODAY - timedelta(days=1)).isoformat()}, "term_ends_on"),
    ],
)
def test_days_that_cannot_be_are_errors_at_their_cell(shop, changes, column):
    report = import_sales(table(line(1), line(2, **changes)))
    assert (report.outcome, said(report)) == ("refused", [(3, column)])
    assert not Sale.objects.exists()


@pytest.mark.django_db
def test_tomorrow_is_a_time_zone_and_a_term_may_end_the_same_day(shop):
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    report = import_sales(table(line(1, ordered_on=tomorrow, term_ends_on=tomorrow)))
    assert counts(report)[:2] == ("loaded", 1)


def test_a_domain_that_is_none_is_left_out_with_a_warning(shop):
    report = import_sales(table(line(domain="http://[")))
    assert (report.outcome, Sale.objects.get().domain) == ("loaded", "")
    assert [(found.line, found.column) for found in report.warnings.in_order()] == [(2, "domain")]


def test_a_dry_run_of_bad_rows_leaves_no_trace(shop):
    report = import_sales(table(line(net_amount="much")), dry_run=True)
    assert (report.outcome, Sale.objects.count(), ImportRun.objects.count()) == ("refused", 0, 0)


def test_reading_tells_how_far_it_is():
    told = []
    job = import_run.ImportJob("sales", progress=lambda *step: told.append(step))
    with closing(open_table(table(line()))) as rows:
        for number in (1, import_run.EVERY):
            job.tell(rows, number)
    assert [step[0] for step in told] == ["read"]
