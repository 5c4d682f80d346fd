"""What stands in a manager's lists of records: the rows of their own partners and no others."""

from datetime import date
from decimal import Decimal

import pytest

from deals.models import Sale
from tests.deals.material import submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def sale(partner, order):
    return Sale.objects.create(
        source="erp", order_ref=order, line="1", partner=partner, customer_name="Zumtobel", ordered_on=date(2026, 1, 5),
        net_amount=Decimal(100), currency="USD",
    )  # fmt: skip


@pytest.mark.parametrize(("who", "sees"), [("carla", "SO-OURS"), ("carl", "SO-THEIRS"), ("dana", "SO-OURS SO-THEIRS")])
def test_sales(client, cast, who, sees):
    ours, theirs = sale(cast.acme, "SO-OURS"), sale(cast.globex, "SO-THEIRS")
    client.force_login(getattr(cast, who))
    page = client.get("/admin/deals/sale/").content.decode()
    found = client.get("/admin/deals/sale/?q=SO-THEIRS").content.decode()
    for row in (ours, theirs):
        assert (row.order_ref in page) is (row.order_ref in sees.split())
        status = client.get(f"/admin/deals/sale/{row.pk}/change/").status_code
        assert status == (200 if row.order_ref in sees.split() else 404)
    assert ("Zumtobel" in found) is ("SO-THEIRS" in sees)


@pytest.mark.parametrize("who", ["carla", "carl"])
def test_deals(client, cast, who):
    ours, theirs = submitted(cast.acme, cast.amir), submitted(cast.globex, cast.boris, "Swarovski KG")
    client.force_login(getattr(cast, who))
    page = client.get("/admin/deals/deal/").content.decode()
    assert (ours.ref in page, theirs.ref in page) == (who == "carla", who == "carl")
