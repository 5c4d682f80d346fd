"""Emptying texts and addresses: when their time is over, and when a person is erased."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from prm.core.forget import blank_words
from prm.mail import rules
from prm.mail.enums import MessageStatus, RecipientKind, Why
from prm.mail.models import MailBody, Message, Preference

BLANK = {"address": "", "subject": "", "text": "", "html": "", "unsubscribe_url": ""}


def empty_bodies(bodies: Q, now: datetime) -> int:
    """Blank the matching bodies that still hold something; returns how many."""
    return MailBody.objects.filter(bodies, emptied_at=None).update(**BLANK, emptied_at=now)


def empty_old_bodies(now: datetime) -> int:
    """Retention: no text or address is kept longer than 13 months, no token longer than 7 days."""
    tokens = empty_bodies(Q(message__secret=True, message__created_at__lt=now - rules.KEEP_TOKENS), now)
    return tokens + empty_bodies(Q(message__created_at__lt=now - rules.KEEP_BODIES), now)


@transaction.atomic
def erase_address(user_id: UUID | str | None, address: str) -> int:
    """Blank every mail to this person, by id or by address; what still waits is not sent. Returns how many were blanked."""
    theirs = Q(address_hash=rules.address_hash(address)) if address else Q(pk__in=[])
    if user_id:
        theirs |= Q(recipient_id=user_id)
        Preference.objects.filter(who=f"{RecipientKind.USER}:{user_id}").delete()
    ids = list(Message.objects.filter(theirs).order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    Message.objects.filter(pk__in=ids, status=MessageStatus.QUEUED).update(status=MessageStatus.SUPPRESSED, why=Why.ERASED)
    return empty_bodies(Q(pk__in=ids), timezone.now())


@transaction.atomic
def blank_in_mails(words: list[str]) -> int:
    """Take these words out of mails to others, and out of what mail servers replied."""
    return blank_words(MailBody, ["subject", "text", "html"], words) + blank_words(Message, ["last_reply"], words)
