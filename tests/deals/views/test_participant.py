"""Who takes part: added and removed by the owner; joining the deal of a linked company."""

import pytest
from django.urls import reverse

from deals.enums import DealStatus, JoinRequestStatus
from deals.models import Deal, JoinRequest, Participant
from prm.audit.models import Event
from prm.mail.models import Message
from tests.deals.material import approved, draft, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def deal(cast):
    return approved(cast.acme, cast.amir, cast.carla, contact_name="Herr Geheim")


def url(deal, act, *more):
    return reverse(f"deals:{act}", args=[deal.ref, *more])


def add(client, deal, partner, role="distributor"):
    return client.post(url(deal, "participant_add"), {"partner": partner.ref, "role": role}, follow=True).content.decode()


def test_a_linked_company_is_added_sees_its_part_and_is_removed(client, cast, deal):
    client.force_login(cast.amir)
    assert "Initech" in client.get(url(deal, "detail")).content.decode()
    assert "takes part now" in add(client, deal, cast.initech)
    part = Participant.objects.get(partner=cast.initech)
    assert (part.role, part.status, part.protected_until) == ("distributor", "approved", deal.protected_until)
    client.force_login(cast.dieter)
    page = client.get(url(deal, "detail")).content.decode()
    assert "Zumtobel" in page and "Geheim" not in page and "Change key facts" not in page
    assert client.post(url(deal, "participant_remove", cast.initech.ref)).status_code == 403
    client.force_login(cast.alice)
    client.post(url(deal, "participant_remove", cast.initech.ref))
    assert not Participant.objects.filter(partner=cast.initech).exists()
    client.force_login(cast.dieter)
    assert client.get(url(deal, "detail")).status_code == 404


@pytest.mark.parametrize("role", ["owner", "reseller", "", "king"])
def test_the_role_fits_the_link(client, cast, deal, role):
    client.force_login(cast.amir)
    add(client, deal, cast.initech, role)
    assert not Participant.objects.filter(partner=cast.initech).exists()


def test_an_unlinked_company_cannot_be_added_and_twice_is_once(client, cast, deal):
    client.force_login(cast.amir)
    add(client, deal, cast.globex, "implementer")
    assert not Participant.objects.filter(partner=cast.globex).exists()
    add(client, deal, cast.initech, "referrer")
    add(client, deal, cast.initech, "distributor")
    assert Participant.objects.get(partner=cast.initech).role == "referrer"


def test_who_may_not_change_who_takes_part(client, cast, deal):
    acts = [
        (url(deal, "participant_add"), {"partner": cast.initech.ref, "role": "distributor"}),
        (url(deal, "participant_remove", cast.acme.ref), {}),
        (url(deal, "join_decide", "J-00000000", "accept"), {}),
    ]
    before = Event.objects.count()
    for who, status in (("boris", 404), ("mona", 404), ("tom", 403), ("anna", 403), ("carla", 403)):
        client.force_login(getattr(cast, who))
        for address, data in acts:
            assert client.post(address, data).status_code == status, (who, address)
    client.force_login(cast.amir)
    for address, _data in acts:
        assert client.get(address).status_code == 405
    assert client.post(acts[1][0]).status_code == 302, "the owner cannot be removed: said, not done"
    assert client.post(acts[2][0]).status_code == 404
    assert client.post(url(deal, "participant_remove", "P-00000000")).status_code == 404
    assert (Participant.objects.count(), Event.objects.count()) == (1, before)


def test_a_draft_and_an_ended_deal_take_nobody(client, cast):
    client.force_login(cast.amir)
    assert client.post(url(draft(cast.acme, cast.amir), "participant_add")).status_code == 403
    lost = approved(cast.acme, cast.amir, cast.carla, "Beta Werke")
    client.post(url(lost, "lose"), {"reason": "price"})
    assert client.post(url(lost, "participant_add")).status_code == 403


@pytest.fixture
def declined(cast, deal):
    """The distributor registers what its reseller has: declined, and told to join."""
    found = submitted(cast.initech, cast.dieter)
    assert (found.status, found.reason) == (DealStatus.DECLINED, "linked_deal")
    return found


def test_asking_to_join_and_one_click_to_accept(client, cast, deal, declined):
    client.force_login(cast.dieter)
    assert "Ask to join" in client.get(url(declined, "detail")).content.decode()
    client.post(url(declined, "join"))
    join = JoinRequest.objects.get()
    assert (join.status, join.deal, join.partner, join.role) == (JoinRequestStatus.ASKED, deal, cast.initech, "distributor")
    page = client.get(url(declined, "detail")).content.decode()
    assert "has not answered yet" in page and "Acme" not in page and deal.ref not in page
    client.post(url(declined, "join"))
    assert JoinRequest.objects.count() == 1
    assert Message.objects.filter(template="deals.join_asked", recipient_id=cast.amir.pk).count() == 1
    client.force_login(cast.amir)
    assert "Initech asks to join" in client.get(url(deal, "detail")).content.decode()
    client.post(url(deal, "join_decide", join.ref, "accept"))
    client.post(url(deal, "join_decide", join.ref, "accept"))
    assert (JoinRequest.objects.get().status, JoinRequest.objects.get().decided_by) == (JoinRequestStatus.ACCEPTED, cast.amir)
    assert Participant.objects.get(partner=cast.initech, deal=deal).member == cast.dieter
    assert Message.objects.filter(template="deals.join_decided", recipient_id=cast.dieter.pk).count() == 1
    client.force_login(cast.dieter)
    assert client.get(url(deal, "detail")).status_code == 200
    assert deal.ref in client.get(url(declined, "detail")).content.decode()


def test_refused_or_withdrawn_nobody_joins(client, cast, deal, declined):
    client.force_login(cast.dieter)
    client.post(url(declined, "join"))
    client.post(url(declined, "join_withdraw"))
    client.post(url(declined, "join"))
    join = JoinRequest.objects.get(status=JoinRequestStatus.ASKED)
    client.force_login(cast.amir)
    assert client.post(url(deal, "join_decide", join.ref, "eat")).status_code == 404
    client.post(url(deal, "join_decide", join.ref, "refuse"))
    assert set(JoinRequest.objects.values_list("status", flat=True)) == {"withdrawn", "refused"}
    assert not Participant.objects.filter(partner=cast.initech, deal=deal).exists()
    client.force_login(cast.dieter)
    assert "refused your request" in client.get(url(declined, "detail")).content.decode()
    assert client.get(url(deal, "detail")).status_code == 404


def test_a_request_of_another_deal_cannot_be_decided_here(client, cast, deal, declined):
    client.force_login(cast.dieter)
    client.post(url(declined, "join"))
    join = JoinRequest.objects.get()
    other = approved(cast.acme, cast.amir, cast.carla, "Beta Werke")
    theirs = approved(cast.globex, cast.boris, cast.carl, "Gamma Werke")
    client.force_login(cast.boris)
    assert client.post(url(theirs, "join_decide", join.ref, "accept")).status_code == 404
    assert client.post(url(deal, "join_decide", join.ref, "accept")).status_code == 404
    client.force_login(cast.amir)
    assert client.post(url(other, "join_decide", join.ref, "accept")).status_code == 404
    client.force_login(cast.dieter)
    assert client.post(url(declined, "join_decide", join.ref, "accept")).status_code == 403
    assert JoinRequest.objects.get().status == JoinRequestStatus.ASKED


def test_only_a_registration_declined_for_a_linked_deal_can_ask(client, cast, deal):
    client.force_login(cast.boris)
    duplicate = submitted(cast.globex, cast.boris)
    assert duplicate.status == DealStatus.DECLINED
    assert "Ask to join" not in client.get(url(duplicate, "detail")).content.decode()
    assert client.post(url(duplicate, "join")).status_code == 403
    assert Deal.objects.count() == 2 and not JoinRequest.objects.exists()


def test_when_the_deal_has_ended_there_is_nothing_to_join(client, cast, deal, declined):
    client.force_login(cast.dieter)
    client.post(url(declined, "join"))
    client.force_login(cast.amir)
    client.post(url(deal, "lose"), {"reason": "price"})
    assert client.post(url(deal, "join_decide", JoinRequest.objects.get().ref, "accept")).status_code == 403
    client.force_login(cast.dieter)
    client.post(url(declined, "join_withdraw"))
    assert "Ask to join" not in client.get(url(declined, "detail")).content.decode()


def test_whoever_takes_part_reads_neither_margin_nor_an_empty_timeline(client, cast, deal):
    Deal.objects.filter(pk=deal.pk).update(margin_points=15)
    client.force_login(cast.amir)
    add(client, deal, cast.initech)
    page = client.get(url(deal, "detail")).content.decode()
    assert "+15 points of margin" in page and "between the deal" not in page
    client.force_login(cast.dieter)
    page = client.get(url(deal, "detail")).content.decode()
    assert "Protected until" in page and "margin" not in page
    assert "Nothing has happened yet" not in page and "between the deal" in page
