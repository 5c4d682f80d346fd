"""Signing in by a mailed code, setting a new password, changing the address."""

import re
import time

import pytest
import time_machine
from django.urls import reverse

from partners.models import User
from partners.services import membership
from tests.cast import PASSWORD, make_member
from tests.partners.sign_in.conftest import code_in, events, link_in, mails, sign_in, signed_in_as

pytestmark = pytest.mark.django_db
NEW = "a phrase nobody would guess"


def test_a_mailed_code_signs_in_once(client, person):
    response = client.post(reverse("account_request_login_code"), {"email": person.email}, follow=True)
    assert response.status_code == 200
    [mail] = mails("partners.login_code")
    assert mail.secret and mail.body.address == person.email and mail.recipient_id == person.pk
    code = code_in(mail)
    assert client.post(reverse("account_confirm_login_code"), {"code": code}).status_code == 302
    assert signed_in_as(client) == str(person.pk)
    other = client.__class__()
    other.post(reverse("account_confirm_login_code"), {"code": code})
    assert signed_in_as(other) is None


def test_three_wrong_codes_end_it(client, person):
    client.post(reverse("account_request_login_code"), {"email": person.email})
    code = code_in(mails("partners.login_code")[0])
    for _try in range(3):
        client.post(reverse("account_confirm_login_code"), {"code": "AAA-AAA"})
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert signed_in_as(client) is None
    assert events(person) == ["partners.user.sign_in_code_rejected"] * 3


def test_a_suspended_person_gets_no_code(client, person):
    membership.suspend(person.memberships.get(), by=None)
    User.objects.filter(pk=person.pk).update(is_active=False)
    client.post(reverse("account_request_login_code"), {"email": person.email})
    assert mails() == []


def test_a_new_password_by_mail(client, person):
    client.post(reverse("account_reset_password"), {"email": person.email}, HTTP_HOST="127.0.0.1")
    [mail] = mails("partners.password_reset")
    assert mail.secret and "127.0.0.1" not in mail.body.text
    path = link_in(mail)
    response = client.get(path, follow=True)
    form = response.redirect_chain[-1][0]
    client.post(form, {"password1": NEW, "password2": NEW})
    assert sign_in(client, person.email, PASSWORD).status_code == 200
    assert sign_in(client, person.email, NEW).status_code == 302
    assert "partners.user.password_reset" in events(person)
    again = client.__class__().get(path, follow=True)
    assert 'name="password1"' not in again.content.decode()


def test_weak_passwords_are_refused(client, person):
    client.post(reverse("account_reset_password"), {"email": person.email})
    form = client.get(link_in(mails()[0]), follow=True).redirect_chain[-1][0]
    for weak in ("short", "1234567890", "password123", person.email):
        client.post(form, {"password1": weak, "password2": weak})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def change_address(client, person, new):
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client.post(reverse("account_email"), {"email": new, "action_add": ""})


def test_a_new_address_is_proven_before_it_counts(client, person):
    sign_in(client, person.email)
    with time_machine.travel(time.time() + 301):
        refused = client.post(reverse("account_email"), {"email": "n@new.test", "action_add": ""})
    assert reverse("account_reauthenticate") in refused.url
    change_address(client, person, "n@new.test")
    [mail] = mails("partners.confirm_address")
    assert mail.body.address == "n@new.test" and mail.recipient_id is None
    person.refresh_from_db()
    assert person.email == "nora.north@northwind.test"
    client.post(reverse("account_email_verification_sent"), {"code": code_in(mail)})
    person.refresh_from_db()
    assert person.email == "n@new.test"
    told = mails("partners.account_changed")
    assert "nora.north@northwind.test" in [mail.body.address for mail in told]
    assert "partners.user.address_changed" in events(person)


def test_an_address_of_somebody_else_is_neither_given_nor_betrayed(client, person, company):
    other = make_member("Olga Other", company, "sales")
    sign_in(client, person.email)
    taken = change_address(client, person, other.email)
    free = change_address(client, person, "free@northwind.test")
    assert (taken.status_code, taken.url) == (free.status_code, free.url)
    assert [mail.body.address for mail in mails("partners.confirm_address")] == ["free@northwind.test"]


def test_every_mail_has_both_bodies_in_the_readers_language(client, person):
    User.objects.filter(pk=person.pk).update(language="de")
    client.post(reverse("account_request_login_code"), {"email": person.email})
    [mail] = mails()
    code = code_in(mail)
    assert mail.language == "de" and code in mail.body.html and code in mail.body.text and code not in mail.body.subject
    assert not re.search(r"[{}]", mail.body.text)
