"""The list and its downloads for somebody who belongs to two companies: one at a time."""

import pytest
from django.urls import reverse

from partners.acting import KEY
from partners.models import Partner
from tests.deals.material import draft, submitted

pytestmark = pytest.mark.django_db
PAGES = {
    "list": lambda: reverse("deals:list"),
    "chip": lambda: reverse("deals:list") + "?status=todo",
    "csv": lambda: reverse("deals:export", args=["csv"]),
}


def read(client, name):
    response = client.get(PAGES[name]())
    assert response.status_code == 200
    return response.getvalue().decode() if response.streaming else response.content.decode()


@pytest.mark.parametrize("name", ["list", "chip", "csv"])
@pytest.mark.parametrize("company", ["acme", "globex"])
def test_one_company_at_a_time(client, cast, name, company):
    draft(cast.acme, cast.both, "Alpha Werke")
    draft(cast.globex, cast.both, "Gamma Werke")
    client.force_login(cast.both)
    session = client.session
    session[KEY] = getattr(cast, company).ref
    session.save()
    page = read(client, name)
    assert ("Alpha Werke" in page, "Gamma Werke" in page) == (company == "acme", company == "globex")


@pytest.mark.parametrize("name", ["list", "csv"])
def test_a_colleagues_deals_are_not_there_where_each_sees_their_own(client, cast, name):
    Partner.objects.filter(pk=cast.acme.pk).update(deal_sight="own")
    submitted(cast.acme, cast.alice, "Alpha Werke")
    submitted(cast.acme, cast.amir, "Gamma Werke")
    client.force_login(cast.amir)
    page = read(client, name)
    assert ("Alpha Werke" in page, "Gamma Werke" in page) == (False, True)


def test_the_download_has_just_the_rows_that_the_page_shows(client, cast):
    draft(cast.acme, cast.amir, "Alpha Werke")
    submitted(cast.acme, cast.amir, "Beta Werke")
    client.force_login(cast.amir)
    lines = b"".join(client.get(reverse("deals:export", args=["csv"]), {"status": "todo"})).decode().splitlines()
    assert len(lines) == 2 and "Alpha Werke" in lines[1]
