"""The page "Change key facts": prefilled, direct or asked for, withdrawn; who sees it and who does not."""

import pytest
from django.urls import reverse

from deals.enums import ChangeRequestStatus, DealStatus
from deals.models import ChangeRequest, Deal
from prm.audit.models import Event
from tests.deals.material import approved, product, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def deal(cast):
    return approved(cast.acme, cast.amir, cast.carla)


def url(deal, act="change"):
    return reverse(f"deals:{act}", args=[deal.ref])


def form(deal, **changes):
    fresh = Deal.objects.get(pk=deal.pk)
    return {
        "customer_name": fresh.customer_name,
        "website": fresh.website,
        "country": str(fresh.country),
        "registration_number": "",
        "city": fresh.city,
        "project": "",
        "reason": "",
        "version": fresh.version,
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "1",
        "lines-0-product": product().ref,
        "lines-0-quantity": "2",
        "lines-0-amount": "9000",
        **changes,
    }


def test_the_page_is_prefilled_and_linked(client, cast, deal):
    client.force_login(cast.amir)
    assert url(deal) in client.get(url(deal, "detail")).content.decode()
    page = client.get(url(deal)).content.decode()
    assert 'value="Zumtobel Lighting GmbH"' in page and 'value="9000"' in page
    page = client.get(url(deal), {"amount": "20000"}).content.decode()
    assert 'value="20000"' in page
    assert client.get(url(deal), {"amount": "x" * 5000 + "\x00"}).status_code == 200


def test_a_small_change_holds_at_once(client, cast, deal):
    client.force_login(cast.amir)
    page = client.post(url(deal), form(deal, **{"lines-0-amount": "9500"}), follow=True)
    assert "holds at once" in page.content.decode()
    assert (Deal.objects.get().amount, ChangeRequest.objects.count()) == (9500, 0)


def test_a_large_one_is_asked_for_shown_and_withdrawn(client, cast, deal):
    client.force_login(cast.amir)
    page = client.post(url(deal), form(deal, city="Lemgo", reason="New hall"), follow=True).content.decode()
    assert "Change of key facts" in page and "Lemgo" in page and "old terms stand" in page
    assert "Withdraw the change" in client.get(url(deal)).content.decode()
    assert client.post(url(deal), form(deal, city="Wien")).status_code == 422
    client.post(url(deal, "change_withdraw"))
    assert ChangeRequest.objects.get().status == ChangeRequestStatus.WITHDRAWN
    assert "No change is waiting" in client.post(url(deal, "change_withdraw"), follow=True).content.decode()


def test_declined_at_once_says_rule_and_fields_and_not_the_holder(client, cast, deal):
    approved(cast.globex, cast.boris, cast.carl, "Swarovski KG", website="swarovski.com")
    client.force_login(cast.amir)
    sent = form(deal, customer_name="Swarovski KG", website="https://swarovski.com/x")
    page = client.post(url(deal), sent, follow=True).content.decode()
    assert "Declined as duplicate" in page and "web domain" in page and "It may become free about" in page
    assert "Globex" not in page and "Boris" not in page


def test_no_op_old_page_and_bad_input(client, cast, deal):
    client.force_login(cast.amir)
    before = Event.objects.count()
    assert "Nothing was changed" in client.post(url(deal), form(deal)).content.decode()
    for bad in (
        {"version": "0"},
        {"version": "x"},
        {"version": str(10**30)},
        {"customer_name": "a\x00b"},
        {"customer_name": "x" * 10_000},
        {"customer_name": ""},
        {"country": "ZZ"},
        {"website": "gmail.com"},
        {"lines-0-amount": "-1"},
        {"lines-0-amount": "9" * 40},
        {"lines-0-product": "G-ZZZZZZZZ"},
        {"lines-0-product": "", "lines-0-amount": ""},
        {"lines-TOTAL_FORMS": "10000000"},
    ):
        assert client.post(url(deal), form(deal, **bad)).status_code == 422, bad
    assert (Event.objects.count(), ChangeRequest.objects.count()) == (before, 0)


def test_who_may_not(client, cast, deal):
    for who, status in (("boris", 404), ("mona", 404), ("tom", 403), ("anna", 403), ("dieter", 404), ("carla", 403)):
        client.force_login(getattr(cast, who))
        assert client.get(url(deal)).status_code == status, who
        assert client.post(url(deal), form(deal, city="Lemgo")).status_code == status, who
        assert client.post(url(deal, "change_withdraw")).status_code == status, who
    client.force_login(cast.boris)
    assert client.get(url(deal)).content == client.get(reverse("deals:change", args=["D-00000000"])).content
    client.force_login(cast.alice)
    assert client.get(url(deal)).status_code == 200, "an admin of the team may"
    assert client.get(url(deal, "change_withdraw")).status_code == 405
    assert not ChangeRequest.objects.exists()


def test_only_approved_deals(client, cast):
    client.force_login(cast.amir)
    assert client.get(url(submitted(cast.acme, cast.amir))).status_code == 403
    assert Deal.objects.get().status == DealStatus.IN_REVIEW


def test_the_pipeline_refusal_leads_here(client, cast, deal):
    client.force_login(cast.amir)
    rows = {
        "rows-TOTAL_FORMS": "1",
        "rows-INITIAL_FORMS": "1",
        "rows-0-ref": deal.ref,
        "rows-0-version": deal.version,
        "rows-0-stage": "proposal",
        "rows-0-amount": "20,000",
        "rows-0-expected_close": "",
        "rows-0-next_step": "",
    }
    page = client.post(reverse("deals:pipeline"), rows)
    assert page.status_code == 422
    assert f"{url(deal)}?amount=20%2C000" in page.content.decode()


def test_the_page_costs_the_same_with_a_change(client, cast, deal, django_assert_max_num_queries):
    client.force_login(cast.amir)
    client.post(url(deal), form(deal, city="Lemgo"))
    client.get(url(deal, "detail"))
    with django_assert_max_num_queries(10):
        client.get(url(deal, "detail"))
