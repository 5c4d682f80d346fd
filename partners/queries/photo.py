"""The door to pictures of the vendor's people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from partners.models import User
from partners.queries.manager import manager_card
from partners.rules import access_of
from prm.core.errors import NotVisible
from prm.record.models import File


def get_photo(user: Any, pk: UUID) -> File:
    """The picture: for staff of every colleague, for partners of their channel manager and who stands in. Raises NotVisible."""
    person = User.objects.filter(photo=pk, is_staff=True, is_active=True).select_related("photo").first()
    if person is None or person.photo is None or not (user.is_staff or user.pk == person.pk or _named_to(user, person)):
        raise NotVisible
    return person.photo


def _named_to(user: Any, person: User) -> bool:
    """Whether one of the user's companies is shown this person as its manager or deputy."""
    for membership in access_of(user).memberships:
        card = manager_card(membership.partner, timezone.localdate())
        if card and person.pk in (card.manager.pk, card.deputy.pk if card.deputy else None):
            return True
    return False
