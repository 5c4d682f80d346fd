"""The registration form: draft kept, errors beside fields, a second click makes no second deal."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.enums import DealStatus
from deals.models import Deal
from prm.core.identifiers import uuid7
from tests.deals.material import draft, opportunity, product, submitted

pytestmark = pytest.mark.django_db


def form(act: str = "submit", **changes: str) -> dict[str, str]:
    values = {
        "key": str(uuid7()),
        "act": act,
        "customer_name": "Zumtobel Lighting GmbH",
        "website": "https://www.zumtobel.com/en/",
        "country": "AT",
        "city": "Dornbirn",
        "currency": "EUR",
        "expected_close": (timezone.localdate() + timedelta(days=60)).isoformat(),
        "nature": "new",
        "done_so_far": "Two meetings",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-product": product().ref,
        "lines-0-quantity": "3",
        "lines-0-amount": "12,500.50",
    }
    return {**values, **changes}


def test_the_empty_form_is_there_for_who_may_register(client, cast):
    client.force_login(cast.amir)
    page = client.get(reverse("deals:new"), {"customer": "Swarovski"})
    assert page.status_code == 200
    assert b'value="Swarovski"' in page.content


@pytest.mark.parametrize("who", ["mona", "tom", "anna"])
def test_without_the_right_it_is_refused_with_a_reason_and_nothing_is_made(client, cast, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("deals:new")).status_code == 403
    assert client.post(reverse("deals:new"), form()).status_code == 403
    assert not Deal.objects.exists()


def test_submitting_registers_and_shows_the_deal(client, cast):
    client.force_login(cast.amir)
    page = client.post(reverse("deals:new"), form(), follow=True)
    deal = Deal.objects.get()
    assert (deal.status, deal.website, str(deal.amount), deal.lines.get().quantity) == (
        "in_review",
        "zumtobel.com",
        "12500.500",
        3,
    )
    assert page.redirect_chain[-1][0] == reverse("deals:detail", args=[deal.ref])
    assert b"In review" in page.content


def test_a_draft_is_kept_with_whatever_is_there(client, cast):
    client.force_login(cast.amir)
    client.post(reverse("deals:new"), form("save", country="", currency="USD", expected_close=""))
    deal = Deal.objects.get()
    assert (deal.status, deal.customer_name, str(deal.country)) == (DealStatus.DRAFT, "Zumtobel Lighting GmbH", "")
    assert client.get(reverse("deals:edit", args=[deal.ref])).status_code == 200


def test_missing_fields_are_named_and_input_is_kept(client, cast):
    client.force_login(cast.amir)
    page = client.post(reverse("deals:new"), form(country="", customer_name="Zümtobel & Söhne"))
    assert page.status_code == 422
    assert "Zümtobel &amp; Söhne" in page.content.decode()
    assert b'href="#id_country"' in page.content
    assert not Deal.objects.exists()


def test_a_second_click_finds_the_first_deal(client, cast):
    client.force_login(cast.amir)
    sent = form()
    first, second = client.post(reverse("deals:new"), sent), client.post(reverse("deals:new"), sent)
    assert first["Location"] == second["Location"]
    assert (Deal.objects.count(), Deal.objects.get().conflicts.count()) == (1, 1)


def test_declined_at_once_shows_rule_and_fields_and_not_the_holder(client, cast):
    opportunity(owner="Otto Owner", domain="zumtobel.com")
    client.force_login(cast.amir)
    page = client.post(reverse("deals:new"), form(), follow=True)
    assert Deal.objects.get().status == DealStatus.DECLINED
    text = page.content.decode()
    assert "Declined as a duplicate" in text
    assert "web domain" in text
    assert "Otto" not in text


@pytest.mark.parametrize(
    "bad",
    [
        {"customer_name": "a\x00b"},
        {"customer_name": "x" * 10_000},
        {"lines-0-amount": "-5"},
        {"lines-0-amount": "9" * 30},
        {"lines-0-amount": "12.5.5"},
        {"lines-0-product": "G-ZZZZZZZZ"},
        {"lines-0-quantity": "0"},
        {"currency": "ZZZ"},
        {"currency": "JPY"},
        {"website": "gmail.com"},
        {"website": "not a web site"},
        {"expected_close": "2020-01-01"},
        {"expected_close": "soon"},
        {"country": "ZZ"},
        {"nature": "other"},
        {"key": "not-a-key"},
        {"lines-TOTAL_FORMS": "100000"},
        {"lines-TOTAL_FORMS": "x"},
        {"customer_name": "GmbH"},
        {"customer_name": "🙂🙂"},
    ],
)
def test_bad_input_gets_a_message_and_nothing_is_submitted(client, cast, bad):
    client.force_login(cast.amir)
    page = client.post(reverse("deals:new"), form(**bad))
    assert page.status_code == 422, bad
    assert not Deal.objects.exclude(status=DealStatus.DRAFT).exists()


def test_globex_cannot_open_or_delete_acmes_draft(client, cast):
    deal = draft(cast.acme, cast.amir)
    client.force_login(cast.boris)
    foreign, missing = client.get(reverse("deals:edit", args=[deal.ref])), client.get(reverse("deals:edit", args=["D-00000000"]))
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert client.post(reverse("deals:delete", args=[deal.ref])).status_code == 404
    assert Deal.objects.count() == 1


def test_deleting_wants_a_draft_and_a_post(client, cast):
    client.force_login(cast.amir)
    sent = submitted(cast.acme, cast.amir)
    assert client.get(reverse("deals:delete", args=[sent.ref])).status_code == 405
    assert client.post(reverse("deals:delete", args=[sent.ref])).status_code == 403
    deal = draft(cast.acme, cast.amir, "Swarovski KG")
    assert client.post(reverse("deals:delete", args=[deal.ref])).status_code == 302
    assert list(Deal.objects.all()) == [sent]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"lines-TOTAL_FORMS": "x"}, "Part of the form did not arrive, so nothing was saved."),
        ({"lines-TOTAL_FORMS": "11"}, "There is room for 10 rows."),
    ],
)
def test_a_broken_set_of_lines_is_told_in_our_words(client, cast, bad, says):
    client.force_login(cast.amir)
    text = client.post(reverse("deals:new"), form(**bad)).content.decode()
    assert says in text
    assert "ManagementForm" not in text
    assert "Please submit" not in text


def test_without_javascript_a_line_more_is_a_page_away_and_the_input_stays(client, cast):
    client.force_login(cast.amir)
    assert b'name="act" value="line"' in client.get(reverse("deals:new")).content
    page = client.post(reverse("deals:new"), form("line", country=""))
    text = page.content.decode()
    assert page.status_code == 200
    assert 'name="lines-1-product"' in text
    assert 'name="lines-TOTAL_FORMS" value="2"' in text
    assert "12,500.50" in text
    assert "error-summary" not in text
    assert not Deal.objects.exists()


def test_no_eleventh_line(client, cast):
    client.force_login(cast.amir)
    text = client.post(reverse("deals:new"), form("line", **{"lines-TOTAL_FORMS": "10"})).content.decode()
    assert 'name="lines-TOTAL_FORMS" value="10"' in text
