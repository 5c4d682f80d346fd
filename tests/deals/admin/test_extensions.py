"""Extensions asked: granted or refused by who looks after the partner."""

from datetime import timedelta

import pytest

from deals.enums import ExtensionStatus
from deals.models import Deal
from deals.services import activity, extension
from tests.deals.material import approved

pytestmark = pytest.mark.django_db
LIST = "/admin/deals/extensions/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def asked(cast, partner, user, customer="Ulmer Mühle"):
    deal = approved(partner, user, cast.dana, customer)
    activity.log_activity(deal, by=user, kind="call", line="Talked to the miller")
    return extension.ask_extension(deal, by=user, reason="The council decides in May")


def decide(client, row, decision, text=""):
    return client.post(f"{LIST}{row.ref}/", {"decision": decision, "text": text})


def test_a_manager_grants_for_own_partners_only(client, cast):
    ours, theirs = asked(cast, cast.acme, cast.amir), asked(cast, cast.globex, cast.boris, "Kranz Verlag")
    client.force_login(cast.carla)
    page = client.get(LIST).content.decode()
    assert "Ulmer Mühle" in page and "Talked to the miller" in page and "Kranz Verlag" not in page
    before = ours.deal.protected_until
    assert decide(client, ours, "grant").status_code == 302
    assert decide(client, theirs, "grant").status_code == 404
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.status, theirs.status) == (ExtensionStatus.GRANTED, ExtensionStatus.ASKED)
    assert Deal.objects.get(pk=ours.deal_id).protected_until == before + timedelta(days=30)


def test_refusing_needs_words(client, cast):
    row = asked(cast, cast.acme, cast.amir)
    client.force_login(cast.dana)
    answer = decide(client, row, "refuse")
    assert answer.status_code == 422 and b"Please fill this in" in answer.content
    assert decide(client, row, "refuse", "a\x00").status_code == 422
    assert decide(client, row, "refuse", "Nothing has happened since").status_code == 302
    row.refresh_from_db()
    assert (row.status, row.decision_text) == (ExtensionStatus.REFUSED, "Nothing has happened since")
    again = client.post(f"{LIST}{row.ref}/", {"decision": "grant"}, follow=True)
    assert b"not possible any more" in again.content


def test_who_may_not_decide(client, cast):
    row = asked(cast, cast.acme, cast.amir)
    client.force_login(cast.sam)
    assert client.get(LIST).status_code == 403
    assert decide(client, row, "grant").status_code == 404
    Deal.objects.filter(pk=row.deal_id).update(owner=cast.dana)
    client.force_login(cast.dana)
    assert b"someone else has to decide" in client.get(LIST).content
    assert decide(client, row, "grant").status_code == 403
    assert client.get(f"{LIST}{row.ref}/").status_code == 405
    row.refresh_from_db()
    assert row.status == ExtensionStatus.ASKED


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_at_any_length(client, cast, count, django_assert_max_num_queries):
    for name in ["Bachmann Optik", "Kranz Verlag", "Ulmer Mühle"][:count]:
        asked(cast, cast.acme, cast.amir, name)
    client.force_login(cast.dana)
    client.get(LIST)
    with django_assert_max_num_queries(11):
        assert client.get(LIST).content.count(b"Talked to the miller") == count
