"""Joining a team by a mailed link: once, in time, by the person it was sent to."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.enums import InvitationStatus, PartnerStatus, Role
from partners.models import Invitation, Membership, Partner, User
from partners.services import invitation as invitations
from tests.cast import PASSWORD, make_member, make_partner, make_type
from tests.partners.sign_in.conftest import events, mails, sign_in, signed_in_as

pytestmark = pytest.mark.django_db
JOIN = {"name": "Nia New", "password": PASSWORD, "password_again": PASSWORD}


def invite(company, email, role=Role.SALES) -> str:
    """The token, as the mail carries it."""
    boss = User.objects.filter(memberships__partner=company, memberships__role=Role.ADMIN).first()
    boss = boss or make_member("Bo Boss", company, Role.ADMIN)
    invitations.invite(company, email=email, role=role, by=boss, name="Nia")
    return re.search(r"/invitation/([\w-]+)/", mails("partners.invitation")[-1].body.text)[1]


@pytest.fixture
def token(company):
    return invite(company, "nia@northwind.test")


@pytest.fixture
def path(token):
    return reverse("partners:invitation_accept", args=[token])


def nothing_happened() -> bool:
    return (
        not User.objects.filter(email="nia@northwind.test").exists() and not Invitation.objects.filter(status="accepted").exists()
    )


def test_a_new_person_sets_a_password_and_is_in(client, path, company):
    page = client.get(path).content.decode()
    assert "Northwind" in page and "nia@northwind.test" in page and 'value="Nia"' in page
    response = client.post(path, JOIN)
    assert response.status_code == 302
    nia = User.objects.get(email="nia@northwind.test")
    assert signed_in_as(client) == str(nia.pk) and nia.name == "Nia New" and nia.check_password(PASSWORD)
    assert (nia.memberships.get().partner, nia.memberships.get().role) == (company, Role.SALES)
    assert events(nia) == ["partners.user.created", "partners.user.signed_in"]
    client.post(reverse("account_logout"))
    assert sign_in(client, "nia@northwind.test").status_code == 302


def test_it_works_once(client, path):
    client.post(path, JOIN)
    other = Client()
    for response in (other.get(path), other.post(path, JOIN)):
        assert response.status_code == 410 and "accepted already" in response.content.decode()
    assert Membership.objects.filter(user__email="nia@northwind.test").count() == 1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "run out"),
        ({"status": InvitationStatus.EXPIRED}, "run out"),
        ({"status": InvitationStatus.REVOKED}, "taken back"),
    ],
)
def test_a_dead_invitation_says_so(client, path, change, word):
    Invitation.objects.update(**change)
    for response in (client.get(path), client.post(path, JOIN)):
        assert response.status_code == 410 and word in response.content.decode()
    assert nothing_happened()


def test_a_suspended_company_takes_nobody(client, path, company):
    Partner.objects.filter(pk=company.pk).update(status=PartnerStatus.SUSPENDED)
    assert client.post(path, JOIN).status_code == 410
    assert nothing_happened()


@pytest.mark.parametrize("made_up", ["x", "a" * 43, "%00", "%E2%80%AE", "a" * 3000])
def test_a_made_up_link_is_a_page_that_never_was(client, db, made_up):
    response = client.get(f"/invitation/{made_up}/")
    assert response.status_code == 404 and response.content == client.get("/no/such/page/").content


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 151},
        {"name": "a\x00b"},
        {"password": "short", "password_again": "short"},
        {"password": "nia@northwind.test", "password_again": "nia@northwind.test"},
        {"password_again": "something else entirely"},
        {"password": "x" * 300, "password_again": "x" * 300},
        {"password": ""},
    ],
)
def test_bad_input_changes_nothing(client, path, change):
    response = client.post(path, {**JOIN, **change})
    assert response.status_code == 422 and "error-summary" in response.content.decode()
    assert nothing_happened() and signed_in_as(client) is None


def test_somebody_with_a_sign_in_signs_in_first(client, company, person):
    contoso = make_partner("Contoso", make_type("integrator"), country="US")
    path = reverse("partners:invitation_accept", args=[invite(contoso, "NORA.north@northwind.test", Role.ADMIN)])
    page = client.get(path).content.decode()
    assert 'name="password"' not in page and f"?next={path}" in page
    assert client.post(path, JOIN).status_code == 200
    assert sign_in(client, person.email, next=path).url == path
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 302
    assert set(person.memberships.values_list("partner__name", "role")) == {("Northwind", "sales"), ("Contoso", "admin")}


def test_another_persons_sign_in_cannot_take_it(client, path, person):
    sign_in(client, person.email)
    for response in (client.get(path), client.post(path)):
        assert response.status_code == 403 and "somebody else" in response.content.decode()
    assert nothing_happened() and person.memberships.count() == 1
    assert client.post(reverse("account_logout"), {"next": path}).url == path


def test_staff_cannot_take_it(client, company, cast):
    path = reverse("partners:invitation_accept", args=[invite(company, cast.dana.email)])
    client.force_login(cast.dana)
    assert client.post(path).status_code == 403
    assert not cast.dana.memberships.exists()


def test_a_wrong_method(client, path):
    assert client.put(path).status_code in (200, 405)
    assert nothing_happened()


@pytest.mark.django_db(transaction=True)
def test_used_twice_in_the_same_instant(company):
    path = reverse("partners:invitation_accept", args=[invite(company, "nia@northwind.test")])
    start = threading.Barrier(4)
    results = []

    def use():
        client = Client()
        start.wait()
        try:
            response = client.post(path, JOIN)
            results.append((response.status_code, signed_in_as(client)))
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4 and sum(1 for _status, user in results if user) == 1
    assert Membership.objects.filter(user__email="nia@northwind.test").count() == 1
    assert User.objects.filter(email="nia@northwind.test").count() == 1
