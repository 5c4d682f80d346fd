"""Authenticator app and recovery codes; staff must have one where the setting says so."""

import io
import json
import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.cast import PASSWORD, make_staff
from tests.partners.sign_in.conftest import events, give_factor, mails, secret_of, sign_in, signed_in_as, totp

pytestmark = pytest.mark.django_db


@pytest.fixture
def carla(cast):
    cast.carla.set_password(PASSWORD)
    cast.carla.save()
    return cast.carla


def test_password_then_code(client, person):
    secret = give_factor(person)
    response = sign_in(client, person.email)
    assert response.url == reverse("mfa_authenticate") and signed_in_as(client) is None
    page = client.get(reverse("mfa_authenticate")).content.decode()
    assert "recovery codes works here too" in page and "Both are lost?" in page and page.count("<form") >= 2
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert signed_in_as(client) is None
    code = totp(secret)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert signed_in_as(client) == str(person.pk)
    assert events(person) == ["partners.user.second_factor_failed", "partners.user.signed_in"]
    other = client.__class__()
    sign_in(other, person.email)
    other.post(reverse("mfa_authenticate"), {"code": code})
    assert signed_in_as(other) is None, "a code counts once"


def test_an_old_code_is_refused(client, person):
    secret = give_factor(person)
    sign_in(client, person.email)
    client.post(reverse("mfa_authenticate"), {"code": totp(secret, time.time() - 90)})
    assert signed_in_as(client) is None


def test_setting_it_up_and_a_recovery_code_used_once(client, person, django_capture_on_commit_callbacks):
    sign_in(client, person.email)
    with time_machine.travel(time.time() + 301):
        assert reverse("account_reauthenticate") in client.get(reverse("mfa_activate_totp")).url
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("mfa_activate_totp"), {"code": totp(secret_of(client))})
    assert response.url == reverse("mfa_view_recovery_codes")
    page = client.get(response.url).content.decode()
    recovery = re.findall(r"\b\d{8}\b", page)
    assert len(recovery) == 10
    assert "partners.user.second_factor_added" in events(person)
    assert {mail.template for mail in mails()} == {"partners.account_changed"}
    client.post(reverse("account_logout"))
    for entered in (True, False):
        other = client.__class__()
        sign_in(other, person.email)
        other.post(reverse("mfa_authenticate"), {"code": recovery[0]})
        assert bool(signed_in_as(other)) is entered


def test_a_mailed_code_does_not_replace_the_second_factor(client, person):
    from tests.partners.sign_in.conftest import code_in

    give_factor(person)
    client.post(reverse("account_request_login_code"), {"email": person.email})
    response = client.post(reverse("account_confirm_login_code"), {"code": code_in(mails()[0])})
    assert response.url == reverse("mfa_authenticate") and signed_in_as(client) is None


def test_staff_without_a_factor_reach_only_its_set_up(client, carla, staff_mfa):
    sign_in(client, carla.email)
    assert signed_in_as(client)
    for path in ("/admin/", reverse("partners:profile"), reverse("account_email"), reverse("socialaccount_connections")):
        assert client.get(path).url == reverse("mfa_activate_totp"), path
    assert client.post(reverse("account_email"), {"email": "x@y.test", "action_add": ""}).url == reverse("mfa_activate_totp")
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200 and "Staff sign in with a second factor" in page.content.decode()
    client.post(reverse("mfa_activate_totp"), {"code": totp(secret_of(client))})
    assert client.get(reverse("partners:profile")).status_code == 200
    assert client.get("/admin/").status_code == 200


def test_htmx_is_led_there_as_a_whole_page(client, carla, staff_mfa):
    sign_in(client, carla.email)
    response = client.get("/admin/", HTTP_HX_REQUEST="true")
    assert response.headers["HX-Redirect"] == reverse("mfa_activate_totp")


def test_staff_with_a_factor_use_it_and_keep_it(client, carla, staff_mfa):
    secret = give_factor(carla)
    sign_in(client, carla.email)
    assert client.get("/admin/").status_code == 302 and signed_in_as(client) is None
    client.post(reverse("mfa_authenticate"), {"code": totp(secret)})
    assert client.get("/admin/").status_code == 200
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=carla).exists()


def test_the_setting_off_lets_staff_in(client, carla, settings):
    settings.REQUIRE_STAFF_MFA = False
    sign_in(client, carla.email)
    assert client.get("/admin/").status_code == 200


def test_partners_need_none(client, person, staff_mfa):
    sign_in(client, person.email)
    assert client.get(reverse("partners:profile")).status_code == 200


def test_somebody_who_becomes_staff_is_asked_at_the_next_request(client, person, cast, staff_mfa):
    sign_in(client, person.email)
    person.is_staff = True
    person.save()
    assert client.get(reverse("partners:profile")).url == reverse("mfa_activate_totp")


def test_the_admin_has_no_other_door(client, carla, person, staff_mfa):
    response = client.get("/admin/login/?next=/admin/partners/")
    assert response.url.startswith(reverse("account_login")) and "next=" in response.url
    assert client.post("/admin/login/", {"username": carla.email, "password": PASSWORD}).url.startswith(reverse("account_login"))
    assert signed_in_as(client) is None
    assert client.get("/admin/").status_code == 302
    sign_in(client, person.email)
    assert client.get("/admin/login/").status_code == 403


def test_secrets_can_be_read_after_the_key_was_changed(person, settings):
    from partners.sign_in.mfa_adapter import MFAAdapter

    kept = MFAAdapter().encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in kept
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-of-good-length-0123456789"  # noqa: S105
    assert MFAAdapter().decrypt(kept) == "JBSWY3DPEHPK3PXP"


def test_new_staff_have_the_same_gate(client, cast, staff_mfa):
    newcomer = make_staff("Ned New", cast.desk, "deal_desk")
    client.force_login(newcomer)
    assert client.get("/admin/").url == reverse("mfa_activate_totp")


class TestReset:
    def run(self, *args) -> str:
        out = io.StringIO()
        call_command("reset_second_factor", *args, stdout=out)
        return out.getvalue()

    def test_takes_all_factors_off(self, person):
        give_factor(person)
        assert self.run(person.email, "--dry-run") == f"1 second factors would be taken off {person.email}.\n"
        assert Authenticator.objects.exists()
        assert json.loads(self.run(person.email.upper(), "--json")) == {"user": str(person.pk), "removed": 1, "dry_run": False}
        assert not Authenticator.objects.exists() and events(person) == ["partners.user.second_factor_reset"]

    def test_none_there_is_no_event(self, person):
        assert "0 second factors" in self.run(person.email)
        assert events(person) == []

    @pytest.mark.parametrize("email", ["nobody@x.test", "", "a\x00b", "x" * 10_000])
    def test_unknown_people(self, db, email):
        with pytest.raises(CommandError, match="no user"):
            self.run(email)

    def test_staff_in_a_session_have_to_set_up_another(self, client, carla, staff_mfa):
        secret = give_factor(carla)
        sign_in(client, carla.email)
        client.post(reverse("mfa_authenticate"), {"code": totp(secret)})
        assert client.get("/admin/").status_code == 200
        self.run(carla.email)
        with time_machine.travel(time.time() + 601):
            assert client.get("/admin/").url == reverse("mfa_activate_totp")
