"""Every mail of the partners' app and of signing in: to whom, under which subject, what both bodies say, and exactly one each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from partners.models import Membership
from partners.services import admin_request, invitation
from partners.services.membership import remove
from partners.sign_in import mails
from prm.mail.models import Message
from tests.mailed import words

pytestmark = pytest.mark.django_db
AMIR, MONA, CARLA, NINA = "amir.sales@acme.test", "mona.marketing@acme.test", "carla.manager@vendor.test", "nina@acme.test"
TEAM = (AMIR, MONA, "alice.admin@acme.test", "anna.executive@acme.test", "both.sides@acme.test", "tom.technical@acme.test")
PORTAL, HOME = settings.PRODUCT_NAME, settings.SITE_URL.rstrip("/")


@dataclass(frozen=True)
class Expected:
    """`secret`: it carries a token, so nobody reads it in the outbox."""

    make: Callable
    to: tuple[str, ...]
    subject: str
    says: tuple[str, ...]
    secret: bool = False


def invited(cast):
    invitation.invite(cast.acme, email=NINA, role="sales", by=cast.alice, name="Nina New")


def ended(cast):
    remove(Membership.objects.get(user=cast.mona), by=cast.alice)


def asked(cast):
    amir = Membership.objects.get(user=cast.amir)
    return admin_request.ask(cast.acme, candidate=amir, reason="Alice left.", by=cast.mona)


def confirmed(cast):
    return admin_request.confirm(asked(cast), by=cast.carla)


def granted(cast):
    admin_request.grant(confirmed(cast), now=timezone.now() + timedelta(days=10))


def refused(cast):
    admin_request.refuse(asked(cast), by=cast.carla)


def code(cast):
    mails.send("account/email/login_code", AMIR, {"user": cast.amir, "code": "ABC-123"})


def new_password(cast):
    url = "http://evil.test/accounts/password/reset/key/1-2/"
    mails.send("account/email/password_reset_key", AMIR, {"user": cast.amir, "password_reset_url": url})


def new_address(cast):
    mails.send("account/email/email_confirmation", NINA, {"user": cast.amir, "code": "XYZ-789"})


def by_company(cast):
    mails.company_sign_in(cast.amir, ["google"])


def changed(cast):
    mails.send("account/email/password_changed", AMIR, {"user": cast.amir})


def address_left(cast):
    mails.send("account/email/email_changed", "old@acme.test", {"user": cast.amir})


MAILS: dict[str, list[Expected]] = {
    "invitation": [Expected(invited, (NINA,), "Your invitation to Acme", ("Alice Admin invites you", "seven days"), secret=True)],
    "membership_ended": [Expected(ended, (MONA,), "You are not in the team of Acme any more", ("access to Acme",))],
    "admin_request_asked": [Expected(asked, (CARLA,), "Acme asks for a new admin", ("Mona Marketing", "Amir Sales", "/admin/"))],
    "admin_request_confirmed": [Expected(confirmed, TEAM, "Amir Sales becomes admin of Acme", ("tell your channel manager",))],
    "admin_request_granted": [Expected(granted, (AMIR,), "You are an admin of Acme now", ("invite colleagues",))],
    "admin_request_refused": [Expected(refused, (MONA,), "Your request for a new admin of Acme", ("was turned down",))],
    "login_code": [Expected(code, (AMIR,), f"Your sign-in code for {PORTAL}", ("ABC-123",), secret=True)],
    "password_reset": [
        Expected(new_password, (AMIR,), f"Set a new password for {PORTAL}", (f"{HOME}/accounts/",), secret=True)
    ],
    "confirm_address": [Expected(new_address, (NINA,), f"Confirm your address for {PORTAL}", ("XYZ-789",), secret=True)],
    "company_sign_in": [Expected(by_company, (AMIR,), f"How to sign in to {PORTAL}", ("its own sign-in",))],
    "account_changed": [
        Expected(changed, (AMIR,), f"Your account at {PORTAL} was changed", ("The password of your account was changed.",)),
        Expected(address_left, ("old@acme.test",), f"Your account at {PORTAL} was changed", ("address of your account",)),
    ],
}  # fmt: skip
CASES = [(name, case) for name, cases in MAILS.items() for case in cases]


def test_every_mail_stands_in_the_table():
    folder = settings.BASE_DIR / "templates/partners/mail"
    assert {path.name.removesuffix(".subject.txt") for path in folder.glob("*.subject.txt")} == MAILS.keys()


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{case.make.__name__}" for name, case in CASES])
def test_a_mail(cast, name, case):
    case.make(cast)
    rows = list(Message.objects.filter(template=f"partners.{name}").select_related("body"))
    assert sorted(row.body.address for row in rows) == sorted(case.to)
    for row in rows:
        assert (row.body.subject, row.secret) == (case.subject, case.secret)
        for text in (words(row.body.text), words(row.body.html)):
            for said in case.says:
                assert said in text
            assert "evil.test" not in text


@pytest.mark.parametrize("prefix", ["account/email/unknown_account", "account/email/account_already_exists"])
def test_strangers_get_no_mail(cast, prefix):
    mails.send(prefix, "stranger@nowhere.test", {})
    assert not Message.objects.exists()
