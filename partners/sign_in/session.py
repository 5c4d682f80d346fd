"""What the session knows about how it was opened, and what it keeps for the next step of signing in."""

from collections.abc import Iterable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from django.core import signing
from django.core.exceptions import MultipleObjectsReturned
from django.http import HttpRequest

ASKED = "sign_in_providers"
INVITATION = "sign_in_invitation"


def providers_used(request: HttpRequest, user: Any) -> frozenset[str]:
    """Ids of the single sign-on providers this session was opened with."""
    records = get_authentication_records(request, user)
    return frozenset(record["provider"] for record in records if record.get("method") == "socialaccount" and "provider" in record)


def ask_for_provider(request: HttpRequest, providers: Iterable[str]) -> None:
    """Keep for the next page which providers this person may use."""
    request.session[ASKED] = sorted(providers)


def provider_token(providers: Iterable[str]) -> str:
    """For a mailed link: which providers its reader may use, signed."""
    return signing.dumps(sorted(providers), salt=ASKED)


def asked_providers(request: HttpRequest) -> list[str]:
    """The providers this person was sent to, by the session or by a mailed link."""
    try:
        return list(signing.loads(request.GET.get("via", ""), salt=ASKED))
    except (signing.BadSignature, ValueError, TypeError):
        return list(request.session.get(ASKED, []))


def keep_invitation(request: HttpRequest, token_hash: str) -> None:
    """Remember the invitation while the person is away at their company's provider."""
    request.session[INVITATION] = token_hash


def kept_invitation(request: HttpRequest) -> str:
    return str(request.session.get(INVITATION, ""))


def drop_invitation(request: HttpRequest) -> None:
    request.session.pop(INVITATION, None)


def provider_buttons(request: HttpRequest, ids: Iterable[str]) -> list[dict[str, str]]:
    """Name and address (to POST to) of each of these providers that is set up."""
    found = []
    for key in ids:
        try:
            provider = get_adapter(request).get_provider(request, key)
        except (SocialApp.DoesNotExist, MultipleObjectsReturned):
            continue
        found.append({"id": key, "name": str(provider.name), "url": provider.get_login_url(request, process="login")})
    return found
