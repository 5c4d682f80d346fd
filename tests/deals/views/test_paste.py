"""Register from a list: rows checked, good ones drafted once, the rest kept."""

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.enums import DealStatus
from deals.models import AccountCheck, Deal
from deals.rules.policy import PolicyRules
from deals.services.deal import submit_deal
from deals.services.policy import publish_policy
from prm.core.identifiers import uuid7
from tests.deals.material import approved, product

pytestmark = pytest.mark.django_db
URL = "/deals/paste/"
LATER = f"{timezone.localdate().year + 1}-03-31"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def amir(client, cast):
    product()
    client.force_login(cast.amir)
    return client


def post(client, text, act="check", key=None):
    return client.post(URL, {"text": text, "act": act, "key": str(key or uuid7())})


def test_the_empty_page_and_the_link(amir):
    assert URL in amir.get(reverse("deals:list")).content.decode()
    assert amir.get(URL).status_code == 200


@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
@pytest.mark.parametrize("header", [True, False])
def test_rows_are_read_in_every_manner(amir, delimiter, header):
    rows = [["Bachmann Optik", "bachmann.at", "Austria", "Wien", "gtx pro", "3", "1200.50", "eur", LATER], ["Kranz Verlag"]]
    if header:
        head = ["Expected close", "Customer", "website", "country", "City or site", "product", "quantity", "Amount", "currency"]
        rows = [head, [LATER, *rows[0][:-1]], ["", "Kranz Verlag"]]
    page = post(amir, "\n".join(delimiter.join(row) for row in rows), "save")
    assert page["Location"] == reverse("deals:list")
    deal = Deal.objects.get(customer_name="Bachmann Optik")
    assert (deal.status, str(deal.country), deal.city, deal.website) == (DealStatus.DRAFT, "AT", "Wien", "bachmann.at")
    assert (str(deal.amount), deal.currency, deal.lines.get().quantity, str(deal.expected_close)) == ("1200.500", "EUR", 3, LATER)
    assert Deal.objects.get(customer_name="Kranz Verlag").lines.count() == 0


def test_each_row_says_what_the_account_check_says(amir, cast):
    approved(cast.globex, cast.boris, cast.carl, "Swarovski KG", website="swarovski.com")
    page = post(amir, "Swarovski KG,swarovski.com,AT\nKranz Verlag,,DE").content.decode()
    assert "Taken" in page and "It may be free from about" in page and "Free" in page and "Make 1 draft" in page
    assert "Globex" not in page
    assert (AccountCheck.objects.count(), Deal.objects.count()) == (2, 1)


def test_good_rows_become_drafts_the_others_stay(amir, cast):
    approved(cast.globex, cast.boris, cast.carl, "Swarovski KG", website="swarovski.com")
    text = "customer;website;country;product;amount;currency\nKranz Verlag;;DE;;;\nSwarovski KG;swarovski.com;AT;;;\n"
    text += "Ulmer Mühle;gmail.com;Atlantis;Nothing;12,5,5;ZZZ\n;;;;1;EUR"
    page = post(amir, text, "save").content.decode()
    assert list(Deal.objects.filter(partner=cast.acme).values_list("customer_name", flat=True)) == ["Kranz Verlag"]
    assert "1 draft made" in page and "Ulmer Mühle;gmail.com;Atlantis" in page and "Kranz Verlag;" not in page
    for column in ("Website:", "Country:", "Product:", "Amount:", "Currency:", "Customer:"):
        assert column in page, column


def test_a_second_click_makes_no_second_draft(amir):
    key = uuid7()
    for _click in range(2):
        post(amir, "Kranz Verlag\nBachmann Optik", "save", key)
    assert Deal.objects.count() == 2


def rows_of(count: int, first: int = 0) -> str:
    return "\n".join(f"Werk{number:02d} Bau" for number in range(first, first + count))


def allow(questions: int) -> None:
    publish_policy("Rules", PolicyRules(account_checks_per_hour=questions), None, by=None)


def test_a_whole_list_fits_into_a_fresh_hour_is_corrected_and_made(amir):
    """As shipped: fifty rows checked, two names corrected, checked again and made into drafts, then one question more."""
    text, key = rows_of(50), uuid7()
    assert "Not checked" not in post(amir, text, key=key).content.decode()
    text = text.replace("Werk1", "Wörk1", 1).replace("Werk2", "Wörk2", 1)
    page = post(amir, text, key=key).content.decode()
    assert "Not checked" not in page and "Make 50 drafts" in page
    assert post(amir, text, "save", key)["Location"] == reverse("deals:list")
    assert Deal.objects.count() == 50
    assert AccountCheck.objects.count() == 52, "rows checked before do not count again"
    assert amir.post("/deals/check/", {"customer": "One More GmbH"}).status_code == 200


def test_the_hourly_limit_holds_and_looking_twice_counts_once(amir, cast):
    allow(30)
    page = post(amir, rows_of(40)).content.decode()
    assert AccountCheck.objects.count() == 30
    assert page.count("Not checked") == 10 and "Make 40 drafts" in page
    post(amir, rows_of(40))
    assert AccountCheck.objects.count() == 30
    page = amir.post("/deals/check/", {"customer": "One More GmbH"})
    assert page.status_code == 422, "the same limit as for single questions"
    assert "You asked about very many customers in the last hour." in page.content.decode()
    assert amir.post("/deals/check/", {"customer": "WERK05 Bau"}).status_code == 200, "asked before"


def test_rows_not_checked_are_told_apart_and_become_drafts_too(amir, cast):
    approved(cast.globex, cast.boris, cast.carl, "Swarovski KG", website="swarovski.com")
    allow(2)
    text, key = "Swarovski KG,swarovski.com,AT\nGmbH\n" + rows_of(4), uuid7()
    page = post(amir, text, key=key).content.decode()
    assert "3 rows were not checked, as you asked about very many customers in the last hour." in page
    assert "They become drafts too and are checked when you submit them." in page
    assert page.count("It is checked when you submit it.") == 3 and "Make 4 drafts" in page
    page = post(amir, text, "save", key).content.decode()
    assert "4 drafts made. Not checked yet: 3. That happens when you submit." in page
    assert "It is checked when you submit it." not in page and "were not checked" not in page, "only the others stay"
    assert Deal.objects.filter(partner=cast.acme, status=DealStatus.DRAFT).count() == 4
    assert "drafts made" not in post(amir, text, "save", key).content.decode()


def test_a_row_that_was_not_checked_is_checked_when_it_is_submitted(amir, cast):
    approved(cast.globex, cast.boris, cast.carl, "Swarovski KG", website="swarovski.com")
    allow(1)
    post(amir, f"Kranz Verlag\nSwarovski KG,swarovski.com,AT,Wattens,GTX Pro,1,100,EUR,{LATER}", "save")
    row = Deal.objects.get(partner=cast.acme, customer_name="Swarovski KG")
    assert submit_deal(row, by=cast.amir).status == DealStatus.DECLINED


def test_without_rows_left_unchecked_nothing_is_said_of_it(amir):
    page = post(amir, "Kranz Verlag\nGmbH", "save").content.decode()
    assert "1 draft made." in page and "ot checked" not in page


@pytest.mark.parametrize(
    "text",
    ["", "   \n ", "customer,website\n", "x\n" * 51, "a\x00b", "y" * 70_000, '"open quote\nand,never,closed' + "z" * 200_000],
)
def test_what_is_no_list_is_said(amir, text):
    assert post(amir, text).status_code == 422
    assert not AccountCheck.objects.exists() and not Deal.objects.exists()


@pytest.mark.parametrize(
    "row",
    [
        "GmbH",
        "🙂🙂",
        "Kranz Verlag,,DE,,GTX Pro,0",
        "Kranz Verlag,,DE,,GTX Pro,1,-5,EUR",
        "Kranz Verlag,,DE,,GTX Pro,1,5.55,JPY",
        "Kranz Verlag,,DE,,GTX Pro,1,5.55",
        "Kranz Verlag,,DE,,,,5,EUR",
        "Kranz Verlag,,DE,,,,,,2020-01-01",
        "Kranz Verlag,,DE,,,,,,someday",
        "Kranz Verlag,,,,,,,,,one,cell,too,many",
        "x" * 400,
    ],
)
def test_a_bad_row_is_kept_with_its_reason(amir, row):
    page = post(amir, row, "save")
    assert "Please correct" in page.content.decode()
    assert not Deal.objects.exists()


def test_who_may_not(client, cast):
    for who in ("mona", "tom", "anna"):
        client.force_login(getattr(cast, who))
        assert client.get(URL).status_code == 403
        assert post(client, "Kranz Verlag", "save").status_code == 403
    client.force_login(cast.carla)
    assert client.get(URL).status_code == 404
    client.force_login(cast.amir)
    assert client.put(URL).status_code == 405
    assert client.post(URL, {"text": "Kranz Verlag", "key": "no"}).status_code == 422
    assert not Deal.objects.exists()
