"""For whom one acts: chosen, shown on every page, checked in every request."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from partners.models import Absence, AdminRequest, Invitation, Membership
from partners.services import membership
from partners.services.manager import unassign_manager

TEAM = "/team/"


@pytest.fixture
def both(cast, client):
    client.force_login(cast.both)
    return client


def switch(client, partner, **data):
    return client.post(reverse("partners:switch"), {"partner": partner.ref, **data})


def heading(client):
    text = client.get(TEAM).content.decode()
    return "Acme" if "at Acme" in text else "Globex" if "at Globex" in text else None


def test_every_page_says_for_whom_and_offers_the_others(cast, both):
    text = both.get(TEAM).content.decode()
    assert "Acting for" in text
    assert "<strong>Acme</strong>" in text
    assert f'value="{cast.globex.ref}"' in text


def test_switching(cast, both):
    assert heading(both) == "Acme"
    assert both.get(reverse("partners:switch")).status_code == 200
    page = switch(both, cast.globex, next=TEAM)
    assert page.url == TEAM
    assert heading(both) == "Globex"
    assert "Boris Boss" in both.get(TEAM).content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "/team/members/M-00000000/", "\x00", ""]
)
def test_switching_leads_nowhere_else(cast, both, target):
    assert switch(both, cast.globex, next=target).url == "/"


def test_nobody_switches_to_a_company_that_is_not_theirs(cast, both, client):
    for ref in (cast.initech.ref, cast.hooli.ref, "P-00000000", "", "\x00"):
        assert both.post(reverse("partners:switch"), {"partner": ref}).status_code == 404
    client.force_login(cast.alice)
    assert switch(client, cast.globex).status_code == 404
    assert heading(client) == "Acme"


def test_a_lost_membership_does_not_silently_act_for_the_other_company(cast, both):
    switch(both, cast.globex)
    assert both.get(TEAM).status_code == 200
    membership.remove(Membership.objects.get(user=cast.both, partner=cast.globex), by=cast.boris)
    page = both.post("/team/invite/", {"email": "x@y.test", "role": "sales", "acting": cast.globex.ref}, follow=True)
    assert "Nothing was saved" in page.content.decode()
    assert not Invitation.objects.exists()
    assert heading(both) == "Acme"


def test_a_page_made_for_one_company_does_nothing_for_the_other(cast, both):
    switch(both, cast.globex)
    made_for_globex = both.get("/team/invite/").content.decode()
    assert f'name="acting" value="{cast.globex.ref}"' in made_for_globex
    switch(both, cast.acme)
    membership.change_role(Membership.objects.get(user=cast.both, partner=cast.acme), "admin", by=cast.alice)
    page = both.post("/team/invite/", {"email": "x@y.test", "role": "sales", "acting": cast.globex.ref})
    assert page.url == TEAM
    assert not Invitation.objects.exists()
    both.post("/team/invite/", {"email": "x@y.test", "role": "sales", "acting": cast.acme.ref})
    assert Invitation.objects.get().partner == cast.acme


def test_acting_for_one_company_hides_nothing_of_the_other(cast, both):
    boris = Membership.objects.get(user=cast.boris)
    amir = Membership.objects.get(user=cast.amir)
    for row in (boris, amir):
        assert both.get(reverse("partners:member", args=[row.ref])).status_code == 200
    dieter = Membership.objects.get(user=cast.dieter)
    assert both.get(reverse("partners:member", args=[dieter.ref])).status_code == 404


# -- the manager's page ---------------------------------------------------------------------------------------------


def test_my_channel_manager(cast, client):
    cast.carla.phone, cast.carla.meeting_link = "+14155552671", "https://meet.test/carla"
    cast.carla.save()
    client.force_login(cast.mona)
    text = client.get(reverse("partners:channel_manager")).content.decode()
    for part in ("Carla Manager", "tel:+14155552671", "https://meet.test/carla", "carla.manager@vendor.test"):
        assert part in text
    assert "Carl Other" not in text


def test_the_deputy_of_an_absent_manager(cast, client):
    today = timezone.localdate()
    Absence.objects.create(user=cast.carla, deputy=cast.carl, starts_on=today, ends_on=today + dt.timedelta(days=2))
    client.force_login(cast.mona)
    text = client.get(reverse("partners:channel_manager")).content.decode()
    assert "Carl Other" in text
    assert "stands in" in text


def test_no_manager_yet(cast, client):
    unassign_manager(cast.acme, by=cast.rita)
    client.force_login(cast.mona)
    assert "Nobody is assigned yet" in client.get(reverse("partners:channel_manager")).content.decode()
    assert client.post(reverse("partners:channel_manager")).status_code == 405


# -- asking for a new admin -----------------------------------------------------------------------------------------


def test_a_member_asks_for_a_new_admin(cast, client):
    client.force_login(cast.amir)
    address = reverse("partners:ask_for_admin")
    assert "Ask for a new admin" in client.get(TEAM).content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 422
    alice = Membership.objects.get(user=cast.alice)
    assert client.post(address, {"member": alice.ref, "reason": "x"}).status_code == 422
    mine = Membership.objects.get(user=cast.amir)
    assert client.post(address, {"member": mine.ref, "reason": "Alice has left."}).status_code == 302
    assert AdminRequest.objects.get().candidate == mine
    assert "asked on" in client.get(TEAM).content.decode()
    assert client.post(address, {"member": mine.ref, "reason": "Again"}).status_code == 422


def test_not_while_the_admin_is_about(cast, client):
    Membership.objects.filter(user=cast.alice).update(last_seen_on=timezone.localdate())
    client.force_login(cast.amir)
    page = client.get(reverse("partners:ask_for_admin"))
    assert page.status_code == 403
    assert "last two weeks" in page.content.decode()
    assert not AdminRequest.objects.exists()
