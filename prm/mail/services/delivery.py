"""From the outbox to the mail server: claim, commit, send, record. Any number of workers may do so at once."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from prm.core.errors import StaleState
from prm.core.states import take
from prm.mail import queries, rules
from prm.mail.enums import MESSAGE_STEPS, Block, MessageStatus, Why
from prm.mail.models import MailBody, Message
from prm.mail.outcomes import Outcome, Result
from prm.mail.services.blocks import block_address
from prm.mail.services.erase import BLANK
from prm.mail.wire import Wire, email_of

log = logging.getLogger(__name__)
BATCH = 500


def deliver(limit: int = BATCH) -> int:
    """Send what is due, at most `limit` mails, over one connection; returns how many were handled.

    Each worker holds one claimed mail at a time, so that after a crash at most one per worker is in doubt. The result of
    one mail and the claim of the next share a commit. Stops early when there is no server to talk to.
    """
    handled = 0
    with Wire() as wire:
        message = claim_next(timezone.now())
        while message is not None:
            outcome = wire.send(email_of(message))
            handled += 1
            with transaction.atomic():
                settle(message, outcome, timezone.now())
                more = handled < limit and outcome.result != Result.DOWN
                message = claim_next(timezone.now()) if more else None
    return handled


@transaction.atomic(savepoint=False)
def claim_next(now: datetime) -> Message | None:
    """Take the mail that is due longest (nudges after all others) and that nobody else is taking.

    Those that may not go out any more are put aside.
    """
    due = Message.objects.select_related("body").order_by("nudge", "next_attempt_at", "id")
    while True:
        message = due.due(now).select_for_update(of=("self",), skip_locked=True).first()
        if message is None:
            return None
        why = queries.why_not_send(message) if message.body.address else Why.ERASED
        if why is None:
            take(MESSAGE_STEPS["claim"], message, claimed_at=now, attempts=message.attempts + 1)
            return message
        take(MESSAGE_STEPS["suppress"], message, why=why)
        _forget_secret(message, now)


@transaction.atomic(savepoint=False)
def settle(message: Message, outcome: Outcome, now: datetime) -> None:
    """Write down what came of a claimed mail.

    A claim that was given up meanwhile (the worker was too slow) is only touched by the news that the mail was sent.
    """
    try:
        if outcome.result == Result.SENT:
            take(MESSAGE_STEPS["send"], message, sent_at=now, last_code=outcome.code, last_reply="")
            _forget_secret(message, now)
        elif _still_ours(message):
            _settle_failure(message, outcome, now)
    except StaleState:
        log.warning("mail was settled by somebody else", extra={"mail": message.ref, "result": outcome.result})


def recover_stuck(now: datetime) -> int:
    """Give up claims whose worker died: nudges and news go out again, mail about money becomes `unknown` for a person."""
    stuck = Message.objects.filter(status=MessageStatus.SENDING, claimed_at__lt=now - rules.STUCK_AFTER)
    note = {"last_code": None, "last_reply": "the worker stopped before it heard an answer"}
    lost = stuck.filter(about_money=True).update(status=MessageStatus.UNKNOWN, **note)
    return lost + stuck.filter(about_money=False).update(status=MessageStatus.QUEUED, next_attempt_at=now, **note)


def _still_ours(message: Message) -> bool:
    held = Message.objects.select_for_update().filter(pk=message.pk, status=MessageStatus.SENDING, claimed_at=message.claimed_at)
    return held.exists()


def _settle_failure(message: Message, outcome: Outcome, now: datetime) -> None:
    said = {"last_code": outcome.code, "last_reply": outcome.reply}
    again_at = rules.next_attempt_at(message.attempts, message.created_at, now)
    if outcome.result == Result.UNCERTAIN and message.about_money:
        take(MESSAGE_STEPS["lose"], message, **said)
    elif outcome.result == Result.REFUSED or again_at is None:
        take(MESSAGE_STEPS["fail"], message, **said)
        if outcome.dead_address:
            block_address(message.address_hash, Block.BOUNCED, message=message)
    else:
        take(MESSAGE_STEPS["requeue"], message, next_attempt_at=again_at, **said)


def _forget_secret(message: Message, now: datetime) -> None:
    """A token that did its work is not kept readable."""
    if message.secret:
        MailBody.objects.filter(pk=message.pk).update(**BLANK, emptied_at=now)
