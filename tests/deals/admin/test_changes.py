"""Changes of key facts on the staff's side: the queue, the page, the decision."""

from dataclasses import replace

import pytest

from deals.enums import ChangeRequestStatus
from deals.models import ChangeRequest, Deal
from deals.queries.change import key_facts_of
from deals.services.change_request import change_key_facts, withdraw_change
from prm.audit.models import Event
from tests.deals.material import approved

pytestmark = pytest.mark.django_db
QUEUE = "/admin/deals/changes/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def sign_in(client):
    def as_user(user):
        client.force_login(user)
        return client

    return as_user


def ask(partner, by, decider, name="Zumtobel Lighting GmbH", **facts):
    deal = approved(partner, by, decider, name)
    after = replace(key_facts_of(deal), **(facts or {"city": "Lemgo"}))
    return change_key_facts(deal, after, by=by, version=deal.version, reason="They moved there")


def url(change, verb=""):
    return f"{QUEUE}{change.ref}/" + (f"{verb}/" if verb else "")


def test_a_manager_sees_assigned_partners_the_desk_all(sign_in, cast):
    ours, theirs = ask(cast.acme, cast.amir, cast.carla), ask(cast.globex, cast.boris, cast.carl, "Kranz Verlag")
    page = sign_in(cast.carla).get(QUEUE).content.decode()
    assert ours.ref in page and theirs.ref not in page
    assert sign_in(cast.carla).get(url(theirs)).content == sign_in(cast.carla).get(f"{QUEUE}H-00000000/").content
    page = sign_in(cast.dana).get(QUEUE).content.decode()
    assert ours.ref in page and theirs.ref in page
    assert QUEUE in sign_in(cast.dana).get("/admin/").content.decode()


def test_the_page_shows_what_changes_and_the_evidence(sign_in, cast):
    approved(cast.globex, cast.boris, cast.carl, "Kranz Verlag", city="Ulm", website="kranz-verlag.de")
    change = ask(cast.acme, cast.amir, cast.carla, customer_name="Kranz Verlag", city="Passau")
    page = sign_in(cast.carla).get(url(change)).content.decode()
    for text in ("They moved there", "Zumtobel Lighting GmbH", "Kranz Verlag", "Passau", "Globex", "Until now", "Accept"):
        assert text in page, text
    assert "kranz-verlag.de" not in page, "of a rival's deal only holder, dates and manager"
    assert "kranz-verlag.de" in sign_in(cast.dana).get(url(change)).content.decode()


def test_accepting(sign_in, cast):
    change = ask(cast.acme, cast.amir, cast.carla)
    response = sign_in(cast.carla).post(url(change, "decide"), {"decision": "accept", "text": ""})
    assert (response.status_code, response["Location"]) == (302, QUEUE)
    assert (Deal.objects.get().city, ChangeRequest.objects.get().status) == ("Lemgo", ChangeRequestStatus.ACCEPTED)
    page = sign_in(cast.carla).get(f"/admin/deals/review/{change.deal.ref}/").content.decode()
    assert "Change of key facts accepted" in page and "History" in page and "Lemgo" in page


def test_declining_wants_words_and_keeps_them(sign_in, cast):
    change = ask(cast.acme, cast.amir, cast.carla)
    client = sign_in(cast.carla)
    page = client.post(url(change, "decide"), {"decision": "decline", "text": ""})
    assert page.status_code == 422
    page = client.post(url(change, "decide"), {"decision": "decline", "text": "x" * 600})
    assert page.status_code == 422 and "x" * 600 in page.content.decode()
    client.post(url(change, "decide"), {"decision": "decline", "text": "Not shown"})
    found = ChangeRequest.objects.get()
    assert (found.status, found.decision_text, Deal.objects.get().city) == (ChangeRequestStatus.DECLINED, "Not shown", "")


def test_too_late_is_a_message(sign_in, cast):
    change = ask(cast.acme, cast.amir, cast.carla)
    withdraw_change(change, by=cast.amir)
    client = sign_in(cast.carla)
    assert "present status" in client.get(url(change)).content.decode()
    page = client.post(url(change, "decide"), {"decision": "accept"}, follow=True)
    assert page.status_code == 200 and "decided this already" in page.content.decode()
    assert Deal.objects.get().city == ""


@pytest.mark.parametrize("who", ["boris", "alice", "both", "amir", "carl", "sam", "finn"])
def test_nobody_else_decides(sign_in, cast, who):
    change = ask(cast.acme, cast.amir, cast.carla)
    client, events = sign_in(getattr(cast, who)), Event.objects.count()
    for address in (QUEUE, url(change)):
        response = client.get(address)
        assert response.status_code in (302, 403, 404) or change.ref not in response.content.decode()
    assert client.post(url(change, "decide"), {"decision": "accept"}).status_code in (302, 403, 404)
    assert (ChangeRequest.objects.get().status, Event.objects.count()) == (ChangeRequestStatus.IN_REVIEW, events)


def test_decide_wants_a_post(sign_in, cast):
    change = ask(cast.acme, cast.amir, cast.carla)
    client = sign_in(cast.carla)
    assert client.get(url(change, "decide")).status_code == 405
    assert client.post(QUEUE).status_code == 405
    assert client.post(url(change)).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_at_any_length(sign_in, cast, count, django_assert_max_num_queries):
    for name in ["Alpha Werke", "Beta Werke", "Gamma Werke"][:count]:
        ask(cast.acme, cast.amir, cast.carla, name)
    client = sign_in(cast.carla)
    client.get(QUEUE)
    with django_assert_max_num_queries(10):
        assert client.get(QUEUE).content.decode().count('data-label="Clock"') == count
