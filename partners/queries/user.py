"""Users by their address."""

from __future__ import annotations

from django.contrib.sessions.models import Session

from partners.models import User


def has_sign_in(email: str) -> bool:
    """Whether there is a user of this address. Only for pages whose reader proved to own it."""
    return User.objects.filter(email=email.strip().lower()).exists()


def sessions_of(user: User) -> list[str]:
    """The keys of the user's open sessions. Reads them all: sessions do not say in a column whose they are."""
    rows = Session.objects.iterator(chunk_size=500)
    return [row.session_key for row in rows if row.get_decoded().get("_auth_user_id") == str(user.pk)]
