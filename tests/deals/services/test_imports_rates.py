"""Exchange rates after the amounts that wanted them: sales and deals get their value, once."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deals.models import Deal, Sale
from deals.services.imports import import_rates
from prm.record.models import ImportRun
from tests.deals import material

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def rates(*rows):
    lines = "".join(f"{day},{currency},{rate},ECB\n" for day, currency, rate in rows)
    return io.BytesIO(f"date,currency,rate,source\n{lines}".encode())


def sale(partner, number, currency="EUR", day=TODAY, amount="10.555"):
    return Sale.objects.create(
        source="erp", order_ref=f"A{number}", line="1", partner=partner, customer_name="Umbrella",
        ordered_on=day, net_amount=Decimal(amount), currency=currency,
    )  # fmt: skip


@pytest.fixture
def waiting(cast):
    """Two sales and two deals without a rate, one of each in a currency that gets none, and a draft."""
    deals = [
        material.submitted(cast.acme, cast.amir, name, currency=money) for name, money in (("Swarovski", "EUR"), ("Doka", "GBP"))
    ]
    material.draft(cast.acme, cast.amir, currency="EUR")
    return [sale(cast.acme, 1), sale(cast.acme, 2, "GBP")], deals


def test_amounts_without_a_rate_get_their_value_and_the_report_says_how_many(waiting):
    report = import_rates(rates((TODAY - timedelta(days=7), "EUR", "2")))
    assert (report.facts["sales_valued"], report.facts["deals_valued"], len(report.notes)) == (1, 1, 2)
    assert dict(Sale.objects.values_list("order_ref", "reporting_amount")) == {"A1": Decimal("21.11"), "A2": None}
    values = {deal.customer_name: (deal.reporting_amount, deal.reporting_rate, deal.rate_source) for deal in Deal.objects.all()}
    assert values["Swarovski"] == (18_000, 2, "ECB")
    assert values["Doka"] == values["Zumtobel Lighting GmbH"] == (None, None, "")
    part = waiting[1][0].participants.get()
    assert part.reporting_amount == 18_000, "the lists sort by it"
    assert ImportRun.objects.get(kind="rates").report["deals_valued"] == 1


def test_a_rate_is_that_of_the_day_and_a_value_once_given_stays(cast, waiting):
    import_rates(rates((TODAY + timedelta(days=1), "EUR", "9"), (TODAY - timedelta(days=8), "EUR", "9")))
    assert not Sale.objects.exclude(reporting_amount=None) and not Deal.objects.exclude(reporting_amount=None)
    import_rates(rates((TODAY, "EUR", "2"), (TODAY - timedelta(days=1), "EUR", "3")))
    again = import_rates(rates((TODAY, "EUR", "4"), (TODAY, "GBP", "1.5")))
    assert (again.facts["sales_valued"], again.facts["deals_valued"]) == (1, 1), "only those in pounds"
    assert sorted(Deal.objects.exclude(reporting_amount=None).values_list("reporting_rate", flat=True)) == [Decimal("1.5"), 2]


def test_a_dry_run_says_how_many_and_changes_nothing(waiting):
    report = import_rates(rates((TODAY, "EUR", "2")), dry_run=True)
    assert (report.facts["sales_valued"], report.facts["deals_valued"]) == (1, 1)
    assert not Sale.objects.exclude(reporting_amount=None) and not Deal.objects.exclude(reporting_amount=None)


def test_a_refused_file_values_nothing(waiting):
    report = import_rates(rates((TODAY, "EUR", "2"), (TODAY, "EUR", "-2")))
    assert (report.outcome, report.facts) == ("refused", {})
    assert not Sale.objects.exclude(reporting_amount=None)


def test_the_work_is_two_statements_however_many_wait(cast):
    def statements(count):
        for number in range(count):
            sale(cast.acme, f"{count}-{number}")
        Sale.objects.update(reporting_amount=None, reporting_rate=None)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            import_rates(rates((TODAY, "EUR", "2")))
        return len(seen)

    assert statements(1) >= statements(30)
    assert Sale.objects.exclude(reporting_amount=None).count() == 31
