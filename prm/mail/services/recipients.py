"""What the rest of the product, and the recipients themselves, say about mail to them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from prm.mail.enums import RecipientKind, RecipientStatus
from prm.mail.models import Preference, Recipient
from prm.mail.queries import ALL_NUDGES


@transaction.atomic
def set_status(who: Any, status: str, *, partner: Any = None) -> None:
    """Say that a user, contact or partner is `ok`, `suspended`, `paused` or `left` (RecipientStatus).

    With `partner`, a user's status counts only for mails about that partner (one suspended membership of several).
    Called by the services of `partners` in the transaction of the change.
    """
    name = who._meta.model_name
    kind = name if name in {RecipientKind.PARTNER, RecipientKind.CONTACT} else RecipientKind.USER
    Recipient.objects.update_or_create(
        kind=kind,
        object_id=who.pk,
        partner_id=getattr(partner, "pk", partner),
        defaults={"status": RecipientStatus(status), "since": timezone.now()},
    )


def set_preference(who: str, template: str, wanted: bool) -> None:
    """Turn one kind of nudge (or "*" for all) on or off for a recipient key such as `user:<id>`."""
    Preference.objects.update_or_create(who=who, template=template, defaults={"wanted": wanted})


def set_user_preference(user: Any, template: str, wanted: bool) -> None:
    """The same for a signed-in user."""
    set_preference(f"{RecipientKind.USER}:{user.pk}", template, wanted)


@transaction.atomic
def set_user_preferences(user: Any, wanted: dict[str, bool]) -> None:
    """What a signed-in user ticked, kind by kind; it replaces an earlier "none at all"."""
    for template, answer in {ALL_NUDGES: True, **wanted}.items():
        set_user_preference(user, template, answer)
