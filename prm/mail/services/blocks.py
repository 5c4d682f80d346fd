"""Addresses that get no mail, and what providers tell about mails they took."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from prm.audit.services import record
from prm.core.states import take
from prm.mail import rules
from prm.mail.enums import MESSAGE_STEPS, Block
from prm.mail.models import Message, Suppression


def block_address(address_hash: str, reason: str, *, message: Message | None = None) -> None:
    """Send nothing to this address (by its keyed hash) until a person lifts it."""
    Suppression.objects.get_or_create(address_hash=address_hash, defaults={"reason": Block(reason), "message": message})


@transaction.atomic
def lift_block(block: Suppression, *, by: Any) -> None:
    """The address works again. Records mail.suppression.lifted."""
    record("mail.suppression.lifted", block, by=by, data={"reason": block.reason})
    block.delete()


@transaction.atomic
def note_bounce(ref: str, address: str, reply: str = "") -> None:
    """A provider says that the mailbox does not exist: the mail failed, the address is blocked."""
    message = _step("bounce", ref, last_reply=rules.scrub(reply), sent_at=None)
    _block(message, address, Block.BOUNCED)


@transaction.atomic
def note_complaint(ref: str, address: str) -> None:
    """The reader marked the mail as spam: nothing more goes there."""
    _block(Message.objects.filter(ref=ref).first(), address, Block.COMPLAINED)


@transaction.atomic
def note_delivery(ref: str) -> None:
    """A provider says that a mail arrived; one whose fate was unknown is settled by that."""
    _step("confirm", ref, sent_at=timezone.now())


def _block(message: Message | None, address: str, reason: Block) -> None:
    known = rules.address_hash(address) if address else message.address_hash if message else ""
    if known:
        block_address(known, reason, message=message)


def _step(name: str, ref: str, **changes: Any) -> Message | None:
    message = Message.objects.select_for_update().filter(ref=ref).first()
    if message is not None and MESSAGE_STEPS.allows(name, message):
        take(MESSAGE_STEPS[name], message, **changes)
    return message
