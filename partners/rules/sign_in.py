"""How a user has to sign in: staff with a second factor, members of some companies through their company's provider."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from partners.models import Membership, Partner

SIGNED_IN_WITH = "_signed_in_with"  # on the user object of a request: ids of the providers this session was opened with


def must_have_second_factor(user: Any) -> bool:
    """Staff, unless the setting REQUIRE_STAFF_MFA is off."""
    return bool(settings.REQUIRE_STAFF_MFA and user.is_staff)


def providers_required(memberships: Iterable[Membership]) -> frozenset[str]:
    """The providers the companies of these memberships ask for; each membership with its partner at hand."""
    return frozenset(row.partner.required_sign_in for row in memberships) - {""}


def opened_by_sign_in(user: Any, partner: Partner) -> bool:
    """Whether the way this user signed in opens the partner: it asks for no provider, or for the one that was used.

    A user object without a sign-in (a task, a command, a mail) opens every partner.
    """
    used = getattr(getattr(user, "_wrapped", user), SIGNED_IN_WITH, None)
    return used is None or not partner.required_sign_in or partner.required_sign_in in used
