"""Signing in with an address and a password; nobody learns which addresses exist."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import identify_hasher
from django.core.cache import cache
from django.urls import reverse

from partners.enums import UserKind
from partners.models import User
from partners.services import user as users
from prm.audit.models import Event
from tests.cast import PASSWORD
from tests.partners.sign_in.conftest import events, mails, sign_in, signed_in_as

pytestmark = pytest.mark.django_db


def test_right_password_signs_in_and_is_written_down(client, person):
    before = client.get(reverse("account_login")).cookies
    response = sign_in(client, "Nora.North@Northwind.test")
    assert response.status_code == 302 and response.url == "/"
    assert signed_in_as(client) == str(person.pk)
    assert client.cookies["sessionid"].value not in {morsel.value for morsel in before.values()}
    assert events(person) == ["partners.user.signed_in"]
    assert EmailAddress.objects.get().verified


def test_passwords_are_hashed_with_argon2(person):
    assert identify_hasher(person.password).algorithm == "argon2"


@pytest.mark.parametrize(("password", "told"), [("wrong", 1), ("", 0), ("x" * 500, 1), ("a\x00b", 0)])
def test_wrong_password_stays_outside_and_is_written_down_by_nobody(client, person, password, told):
    response = sign_in(client, person.email, password)
    assert response.status_code == 200 and signed_in_as(client) is None
    assert events(person) == ["partners.user.password_failed"] * told
    assert all(event.actor_id == "" and event.data == {"tries": 1} for event in Event.objects.filter(name__contains="password"))


def test_many_wrong_passwords_are_few_events_with_their_number(person):
    for _try in range(26):
        users.note_wrong_password("Nora.North@northwind.test")
    tries = Event.objects.filter(name="partners.user.password_failed").order_by("pk").values_list("data", flat=True)
    assert list(tries) == [{"tries": 1}, {"tries": 5}, {"tries": 25}]
    cache.delete(f"partners.wrong_password.{person.pk}")
    users.note_wrong_password(person.email)
    assert Event.objects.filter(data={"tries": 1}).count() == 2, "an hour later it begins again"


@pytest.mark.parametrize("email", ["nobody@northwind.test", "a\x00@b.test", ""])
def test_an_address_that_nobody_has_leaves_no_trace(person, email):
    before = Event.objects.count()
    users.note_wrong_password(email)
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "email", ["nobody@nowhere.test", "a\x00@b.test", "x" * 400 + "@b.test", "nora.north@northwind.test\u202e"]
)
def test_odd_addresses_stay_outside(client, person, email):
    assert sign_in(client, email).status_code == 200
    assert signed_in_as(client) is None


def test_the_session_ends_with_the_browser_unless_remembered(client, person):
    sign_in(client, person.email)
    assert client.session.get_expire_at_browser_close()
    client.post(reverse("account_logout"))
    sign_in(client, person.email, remember="on")
    assert not client.session.get_expire_at_browser_close()


def test_an_unknown_address_and_a_wrong_password_read_the_same(client, person):
    import re

    def page(email):
        text = sign_in(client, email, "not the password").content.decode().replace(email, "ADDRESS")
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"', "", text)

    assert page(person.email) == page("nobody@northwind.test")


@pytest.mark.parametrize("url_name", ["account_reset_password", "account_request_login_code"])
def test_asking_for_a_mail_tells_nothing_about_the_address(client, person, url_name):
    known = client.post(reverse(url_name), {"email": person.email})
    unknown = client.__class__().post(reverse(url_name), {"email": "nobody@northwind.test"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url) and known.status_code == 302
    assert len(mails()) == 1


def test_failed_tries_are_counted_per_address_in_the_shared_cache(client, person):
    for _try in range(5):
        sign_in(client, person.email, "wrong")
    response = client.__class__(REMOTE_ADDR="10.9.8.7").post(
        reverse("account_login"), {"login": person.email.upper(), "password": PASSWORD}
    )
    assert response.status_code == 200 and b"Too many attempts" in response.content
    other = client.__class__()
    assert sign_in(other, "nobody@northwind.test").status_code == 200


def test_failed_tries_are_counted_per_visitor_behind_a_proxy(client, person, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def try_from(address, email):
        headers = {"HTTP_X_FORWARDED_FOR": f"6.6.6.6, {address}"}
        return client.post(reverse("account_login"), {"login": email, "password": "wrong"}, **headers)

    for n in range(10):
        try_from("203.0.113.5", f"person{n}@northwind.test")
    assert b"Too many attempts" in try_from("203.0.113.5", person.email).content
    assert b"Too many attempts" not in try_from("203.0.113.6", person.email).content


def test_a_request_past_the_proxy_is_not_an_error(client, person, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    response = client.post(
        reverse("account_login"), {"login": person.email, "password": PASSWORD}, HTTP_X_FORWARDED_FOR="1.2.3.4", REMOTE_ADDR=""
    )
    assert response.status_code == 302


def test_a_closed_account_is_told_so_only_with_its_password(client, person):
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert sign_in(client, person.email, "wrong").status_code == 200
    response = sign_in(client, person.email)
    assert response.url == reverse("account_inactive") and signed_in_as(client) is None
    assert client.get(response.url).status_code == 200


def test_a_service_has_no_session(client, person):
    User.objects.filter(pk=person.pk).update(kind=UserKind.SERVICE)
    sign_in(client, person.email)
    assert signed_in_as(client) is None


def test_a_former_address_opens_nothing(client, person):
    sign_in(client, person.email)
    client.post(reverse("account_logout"))
    User.objects.filter(pk=person.pk).update(email="nora.new@northwind.test")
    assert sign_in(client, "nora.north@northwind.test").status_code == 200
    client.post(reverse("account_reset_password"), {"email": "nora.north@northwind.test"})
    assert [message.body.address for message in mails()] in ([], ["nora.new@northwind.test"])
    assert sign_in(client, "nora.new@northwind.test").status_code == 302
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["nora.new@northwind.test"]


def test_nobody_signs_up(client, db):
    url = reverse("account_signup")
    data = {"email": "me@x.test", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get(url).status_code == client.post(url, data).status_code == 200
    assert not User.objects.exists() and mails() == []


def test_signing_out_needs_a_post(client, person):
    sign_in(client, person.email)
    assert client.get(reverse("account_logout")).status_code == 200
    assert signed_in_as(client)
    client.post(reverse("account_logout"))
    assert signed_in_as(client) is None
    assert events(person)[-1] == "partners.user.signed_out"


def test_a_new_password_signs_out_every_other_device(client, person):
    other = client.__class__()
    for one in (client, other):
        sign_in(one, person.email)
    data = {"oldpassword": PASSWORD, "password1": "quite another phrase", "password2": "quite another phrase"}
    assert client.post(reverse("account_change_password"), data).status_code == 302
    assert client.get(reverse("partners:profile")).status_code == 200
    assert other.get(reverse("partners:profile")).status_code == 302
    assert events(person)[-1] == "partners.user.password_changed"
    assert [message.template for message in mails()] == ["partners.account_changed"]


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"])
def test_next_leads_nowhere_else(client, person, target):
    response = sign_in(client, person.email, next=target)
    assert response.url == "/"


def test_too_many_requests_are_a_page_of_ours(client, person, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "2/m/ip"}
    for _try in range(2):
        sign_in(client, person.email, "wrong")
    response = sign_in(client, person.email)
    assert response.status_code == 429 and "Too many attempts" in response.content.decode()


def test_an_hour_that_ends_while_it_is_counted_begins_again(person, monkeypatch):
    monkeypatch.setattr(users, "WRONG_PASSWORD_SECONDS", 0)
    users.note_wrong_password(person.email)
    assert Event.objects.get(name="partners.user.password_failed").data == {"tries": 1}
