"""What the database refuses of a deal whatever a service, a shell or raw SQL tries (statuses: tests/deals/test_enums.py)."""

import pytest
from django.db import IntegrityError, transaction

from deals.models import ClockRun, Deal, DealLine, Participant, ProtectedLine
from tests.deals.material import approved, product, submitted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"status": "unheard"}, "refused"),
        ({"amount": -1}, "deal_amount_positive"),
        ({"days_credited": 31}, "deal_credit_bounded"),
        ({"customer": None}, "deal_approved_has_protection"),
        ({"protected_from": None}, "deal_approved_has_protection"),
    ],
)
def test_columns_of_an_approved_deal(cast, changes, constraint):
    approved(cast.acme, cast.amir, cast.carla)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Deal.objects.update(**changes)


def test_nobody_decides_what_they_registered(cast):
    submitted(cast.acme, cast.amir)
    with pytest.raises(IntegrityError, match="deal_not_decided_by_registrant"), transaction.atomic():
        Deal.objects.update(decided_by=cast.amir)


def test_waiting_means_waiting_behind_something(cast):
    submitted(cast.globex, cast.boris)
    second = submitted(cast.acme, cast.amir)
    with pytest.raises(IntegrityError, match="deal_waiting_behind_something"), transaction.atomic():
        Deal.objects.filter(pk=second.pk).update(waits_for=None)
    with pytest.raises(IntegrityError, match="deal_declined_says_how"), transaction.atomic():
        Deal.objects.filter(pk=second.pk).update(status="declined")


def test_one_protection_one_clock_one_owner_one_line_each(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    line, other = ProtectedLine.objects.get(), submitted(cast.globex, cast.boris, "Swarovski KG")
    rows = [
        ProtectedLine(deal=other, customer=line.customer, site_key=line.site_key, product=line.product),
        ClockRun(deal=other, started_at=other.submitted_at),
        Participant(deal=deal, partner=cast.globex, role="owner", sort_at=deal.created_at, status=deal.status),
        Participant(deal=deal, partner=cast.acme, role="referrer", sort_at=deal.created_at, status=deal.status),
        DealLine(deal=deal, product=product()),
        DealLine(deal=deal, product=product("MG Special", "MG"), quantity=0),
    ]
    for row in rows:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_a_protection_without_a_product_is_one_too(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    ProtectedLine.objects.create(deal=deal, customer=deal.customer, site_key="x", product=None)
    with pytest.raises(IntegrityError, match="protectedline_one_holder"), transaction.atomic():
        ProtectedLine.objects.create(deal=deal, customer=deal.customer, site_key="x", product=None)
