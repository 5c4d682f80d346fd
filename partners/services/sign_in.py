"""Which single sign-on provider a company's people have to use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from django.db import transaction
from django.utils.translation import gettext as _

from partners.models import Partner, User
from prm.audit import services as audit
from prm.core.errors import DomainError

COMPANY = "openid_connect"


def known_providers() -> dict[str, str]:
    """Id → name of every provider that is set up, by the environment or by a row."""
    return {app.provider_id or app.provider: app.name or app.provider for app in get_adapter().list_apps(None)}


@transaction.atomic
def set_up_provider(
    key: str, *, name: str, server_url: str, client_id: str, secret: str, domains: Sequence[str] = ()
) -> SocialApp:
    """Make or change a company's OpenID Connect provider. `domains`: addresses it may speak for besides the company's members."""
    settings: dict[str, Any] = {"server_url": server_url, "hidden": True}
    if domains:
        settings["domains"] = [domain.lower() for domain in domains]
    values = {"name": name, "client_id": client_id, "secret": secret, "settings": settings}
    return SocialApp.objects.update_or_create(provider=COMPANY, provider_id=key, defaults=values)[0]


@transaction.atomic
def require_sign_in(partner: Partner, key: str, *, by: User | None) -> Partner:
    """From the next request on the company's people get in only by this provider; an empty key lifts it.

    Raises DomainError for a provider that is not set up, since that would lock everybody out.
    """
    if key and key not in known_providers():
        raise DomainError(_("There is no sign-in provider of this name."), field="required_sign_in")
    row = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    if row.required_sign_in != key:
        row.required_sign_in = partner.required_sign_in = key
        row.save(update_fields=["required_sign_in"])
        audit.record("partners.partner.sign_in_required", row, by=by, partner=row, data={"provider": key})
    return partner
