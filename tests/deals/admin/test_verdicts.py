"""The words beside each candidate on the review page."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from deals.enums import DealStatus, Judged, VerdictStatus
from deals.models import Conflict, CustomerAlias, IdentityVerdict
from deals.queries.change import key_facts_of
from deals.services import verdict as services
from deals.services.change_request import change_key_facts
from deals.services.decision import approve_deal, decline_deal
from prm.audit.models import Event
from prm.core.identifiers import uuid7
from prm.web.components.formats import day_text
from tests.deals.material import approved, opportunity, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def deal(cast):
    opportunity("Zumtobel Lighting Systems GmbH")
    return submitted(cast.acme, cast.amir)


def candidate(deal):
    return Conflict.objects.filter(deal=deal).order_by("-created_at").first().candidates.first()


def page_of(deal) -> str:
    return reverse("admin:deals_review_deal", args=[deal.ref])


def url_of(deal) -> str:
    return f"{page_of(deal)}candidates/{candidate(deal).pk}/"


def test_given_shown_and_taken_back(client, cast, deal):
    client.force_login(cast.carla)
    before = client.get(page_of(deal)).content.decode()
    assert "Same customer" in before and "Not the same" in before and "Take it back" not in before
    there = f"{page_of(deal)}?check=x#candidate-1"
    answer = client.post(url_of(deal), {"verdict": "same", "next": there})
    assert (answer.status_code, answer["Location"]) == (302, there)
    row = IdentityVerdict.objects.get()
    shown = client.get(page_of(deal)).content.decode()
    assert "Take it back" in shown and "it was taught this name" in shown and f"/verdicts/{row.ref}/withdraw/" in shown
    assert "Carla Manager" in shown and 'name="verdict"' not in shown
    answer = client.post(f"/admin/deals/verdicts/{row.ref}/withdraw/", {"next": "https://evil.test/"})
    assert answer["Location"] == page_of(deal)
    row.refresh_from_db()
    assert row.status == VerdictStatus.WITHDRAWN and not CustomerAlias.objects.exists()
    again = client.post(f"/admin/deals/verdicts/{row.ref}/withdraw/", follow=True)
    assert b"not possible any more" in again.content


def test_undo_leads_back_to_the_candidate(client, cast, deal):
    client.force_login(cast.carla)
    there = f"{page_of(deal)}?check=x#candidate-1"
    page = client.post(url_of(deal), {"verdict": "same", "next": there}, follow=True).content.decode()
    row = IdentityVerdict.objects.get()
    [undo] = re.findall(rf'action="(/admin/deals/verdicts/{row.ref}/withdraw/[?][^"]*)"', page)
    assert client.post(undo)["Location"] == there
    row.refresh_from_db()
    assert row.status == VerdictStatus.WITHDRAWN
    for other in ("https://evil.test/", "//evil.test/", "nonsense"):
        client.post(url_of(deal), {"verdict": "same"})
        row = IdentityVerdict.objects.standing().get()
        url = f"/admin/deals/verdicts/{row.ref}/withdraw/?{urlencode({'next': other})}"
        assert client.post(url)["Location"] == page_of(deal)


def test_a_candidate_kept_apart_has_no_score_but_says_by_whom(client, cast, deal):
    client.force_login(cast.dana)
    client.post(url_of(deal), {"verdict": "different"})
    word = IdentityVerdict.objects.get()
    second = submitted(cast.globex, cast.boris)
    page = client.get(page_of(second)).content.decode()
    assert f"Unlikely · kept apart by Dana Desk on {day_text(word.at)}" in page
    found = second.conflicts.get().candidates.get(rule="kept_apart")
    score = f"score {found.score:.2f}"
    assert score not in page
    services.withdraw_verdict(word, by=cast.dana)
    page = client.get(page_of(second)).content.decode()
    assert "Unlikely · kept apart by a person" in page and score not in page, "as the check saw it"


def test_another_partner_s_word_is_shown_on_the_next_registration(client, cast, deal):
    client.force_login(cast.dana)
    client.post(url_of(deal), {"verdict": "different"})
    second = submitted(cast.globex, cast.boris)
    page = client.get(page_of(second)).content.decode()
    assert "A person decided that they are not the same" in page and "Take it back" in page and "Unlikely" in page


def test_a_wrong_word_changes_nothing(client, cast, deal):
    client.force_login(cast.carla)
    assert b"Say whether they are the same" in client.post(url_of(deal), {"verdict": "maybe"}, follow=True).content
    assert client.get(url_of(deal)).status_code == 405
    assert client.post(f"{page_of(deal)}candidates/{uuid7()}/", {"verdict": "same"}).status_code == 404
    assert not IdentityVerdict.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("carl", 404), ("sam", 403), ("finn", 404), ("amir", 302), ("boris", 302), ("mona", 302)]
)
def test_who_may_not(client, cast, deal, who, status):
    row = services.judge_candidate(candidate(deal), Judged.SAME, by=cast.carla)
    client.force_login(getattr(cast, who))
    for url in (url_of(deal), f"/admin/deals/verdicts/{row.ref}/withdraw/"):
        assert client.post(url, {"verdict": "different"}).status_code == status, "302: to the sign-in of staff"
    row.refresh_from_db()
    assert row.status == VerdictStatus.STANDING and IdentityVerdict.objects.count() == 1
    assert Event.objects.filter(name__startswith="deals.verdict.").count() == 1


def test_a_foreign_one_is_byte_equal_to_none(client, cast, deal):
    row = services.judge_candidate(candidate(deal), Judged.SAME, by=cast.carla)
    client.force_login(cast.carl)
    one = client.post(f"/admin/deals/verdicts/{row.ref}/withdraw/")
    two = client.post("/admin/deals/verdicts/V-00000000/withdraw/")
    assert (one.status_code, one.content) == (two.status_code, two.content) and one.status_code == 404
    assert client.post(url_of(deal)).content == two.content


def test_the_partner_s_side_never_sees_it(client, cast, deal):
    services.judge_candidate(candidate(deal), Judged.DIFFERENT, by=cast.carla)
    second = submitted(cast.acme, cast.amir)
    client.force_login(cast.amir)
    for row in (deal, second):
        page = client.get(reverse("deals:detail", args=[row.ref])).content.decode()
        assert "person decided" not in page and "Not the same" not in page and "verdict" not in page


def test_the_decision_suggests_but_records_nothing(client, cast, deal):
    client.force_login(cast.carla)
    assert "is-suggested" not in client.get(page_of(deal)).content.decode()
    approve_deal(deal, by=cast.carla)
    assert "approved in spite of this" in client.get(page_of(deal)).content.decode()
    other = submitted(cast.acme, cast.amir, "Zumtobel Lighting System AG")
    other.refresh_from_db()
    if other.status == DealStatus.IN_REVIEW:
        decline_deal(other, by=cast.carla, reason="known_opportunity")
    assert "It was declined for this" in client.get(page_of(other)).content.decode()
    assert not IdentityVerdict.objects.exists()


def test_a_change_request_offers_it_too(client, cast):
    opportunity("Zumtobel Lighting Systems GmbH")
    deal = approved(cast.acme, cast.amir, cast.carla, "Swarovski KG")
    after = replace(key_facts_of(deal), customer_name="Zumtobel Lighting GmbH")
    change = change_key_facts(deal, after, by=cast.amir, version=deal.version)
    client.force_login(cast.carla)
    url = reverse("admin:deals_change", args=[change.ref])
    page = client.get(url).content.decode()
    assert f'value="{url}#candidate-' in page
    pk = change.conflict.candidates.first().pk
    client.post(f"{page_of(deal)}candidates/{pk}/", {"verdict": "same", "next": url})
    assert "Take it back" in client.get(url).content.decode()
    deal.refresh_from_db()
    assert deal.customer.name == "Swarovski KG", "an approved deal keeps its customer"
