"""Helpers of the sign-in tests: a person with a password, their second factor, the mails that wait."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import reverse

from partners.enums import Role
from prm.audit.models import Event
from prm.mail.models import Message
from tests.cast import PASSWORD, make_member, make_partner, make_type


class QuickArgon2(Argon2PasswordHasher):
    """The same hashing with little work, since these tests sign in some hundred times."""

    time_cost, memory_cost, parallelism = 1, 64, 1


@pytest.fixture(autouse=True)
def _quick_hashing(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]


@pytest.fixture
def company(db):
    return make_partner("Northwind", make_type("integrator"), country="US")


@pytest.fixture
def person(company):
    """Nora, sales at Northwind, with a password."""
    user = make_member("Nora North", company, Role.SALES)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def staff_mfa(settings):
    settings.REQUIRE_STAFF_MFA = True


def sign_in(client: Client, email: str, password: str = PASSWORD, **data):
    return client.post(reverse("account_login"), {"login": email, "password": password, **data})


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def totp(secret: str, moment: float | None = None) -> str:
    """RFC 6238, six digits, 30 seconds."""
    counter = struct.pack(">Q", int(time.time() if moment is None else moment) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def secret_of(client: Client) -> str:
    """The secret the set-up page has just shown."""
    return client.session["mfa.totp.secret"]


def give_factor(user) -> str:
    """Put an authenticator app on the user; returns its secret."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    assert secret not in str(Authenticator.objects.get(user=user).data)
    return secret


def mails(template: str = "") -> list[Message]:
    rows = Message.objects.select_related("body").order_by("created_at", "id")
    return list(rows.filter(template=template) if template else rows)


def code_in(message: Message) -> str:
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", message.body.text, re.M)[0]


def link_in(message: Message) -> str:
    return re.search(r"http://localhost:\d+(/\S+)", message.body.text)[1]


def events(user) -> list[str]:
    return list(
        Event.objects.filter(noun="partners.user", object_id=str(user.pk)).order_by("at", "id").values_list("name", flat=True)
    )
