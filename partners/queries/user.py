"""Users by their address."""

from __future__ import annotations

from partners.models import User


def has_sign_in(email: str) -> bool:
    """Whether there is a user of this address. Only for pages whose reader proved to own it."""
    return User.objects.filter(email=email.strip().lower()).exists()
