"""From the outbox to the mail server: claim, commit, send, record. Any number of workers may do so at once."""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import takewhile
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from prm.core.states import take
from prm.mail import queries, rules
from prm.mail.enums import MESSAGE_STEPS, Block, MessageStatus
from prm.mail.models import MailBody, Message
from prm.mail.outcomes import Outcome, Result
from prm.mail.services.blocks import block_address
from prm.mail.services.erase import BLANK
from prm.mail.wire import Wire, email_of

log = logging.getLogger(__name__)
BATCH = 500
RUN = 20  # mails claimed at once
LONGEST_RUN = 60.0  # seconds after which the rest of a run is given back, well before it would count as stuck


def deliver(limit: int = BATCH) -> int:
    """Send what is due, at most `limit` mails, over one connection; returns how many were handled.

    Stops early when there is no server to talk to. What a killed worker had claimed but not tried is only late; the one mail
    it was sending is in doubt, and mail about money is always claimed alone.
    """
    handled, going = 0, True
    with Wire() as wire:
        while going and handled < limit and (run := claim(timezone.now(), min(RUN, limit - handled))):
            done, going = _send_run(wire, run)
            handled += done
    return handled


@transaction.atomic
def claim(now: datetime, at_most: int = RUN) -> list[Message]:
    """Take the mails that are due longest (nudges after all others) and that nobody else is taking.

    Those that may not go out any more are put aside. Empty when nothing is due.
    """
    due = Message.objects.select_related("body").order_by("nudge", "next_attempt_at", "id").due(now)
    while True:
        found = _one_run(list(due.select_for_update(of=("self",), skip_locked=True)[:at_most]))
        if not found:
            return []
        stopped = {pk: why for pk, why in queries.why_not_send_many(found).items() if why}
        for message in [message for message in found if message.pk in stopped]:
            take(MESSAGE_STEPS["suppress"], message, why=stopped[message.pk])
            _forget_secret(message, now)
        if run := [message for message in found if message.pk not in stopped]:
            _move("claim", run, claimed_at=now, attempts=F("attempts") + 1)
            claimed = Message.objects.select_related("body").filter(pk__in=[message.pk for message in run])
            return list(claimed.order_by("nudge", "next_attempt_at", "id"))


def settle(message: Message, outcome: Outcome, now: datetime) -> None:
    """Write down what came of a claimed mail.

    A claim that was given up meanwhile (the worker was too slow) is only touched by the news that the mail was sent.
    """
    if outcome.result != Result.SENT:
        _settle_failure(message, outcome, now)
    elif message.secret:
        with transaction.atomic():
            _settle_sent(message, outcome, now)
            _forget_secret(message, now)
    else:
        _settle_sent(message, outcome, now)  # one statement, one round trip: this is the hot path


def recover_stuck(now: datetime) -> int:
    """Give up claims whose worker died: nudges and news go out again, mail about money becomes `unknown` for a person."""
    stuck = Message.objects.filter(status=MessageStatus.SENDING, claimed_at__lt=now - rules.STUCK_AFTER)
    note = {"last_code": None, "last_reply": "the worker stopped before it heard an answer"}
    lost = stuck.filter(about_money=True).update(status=MessageStatus.UNKNOWN, **note)
    return lost + stuck.filter(about_money=False).update(status=MessageStatus.QUEUED, next_attempt_at=now, **note)


def _one_run(found: list[Message]) -> list[Message]:
    """The mails up to the first about money; that one goes alone."""
    if found and found[0].about_money:
        return found[:1]
    return list(takewhile(lambda message: not message.about_money, found))


def _send_run(wire: Wire, run: list[Message]) -> tuple[int, bool]:
    """Send one run; returns how many were tried, and whether going on makes sense. The rest is given back."""
    began = monotonic()
    for tried, message in enumerate(run, start=1):
        outcome = wire.send(email_of(message))
        settle(message, outcome, timezone.now())
        if outcome.result == Result.DOWN or monotonic() - began > LONGEST_RUN:
            _move("requeue", run[tried:], claimed_at=None, attempts=F("attempts") - 1)
            return tried, outcome.result != Result.DOWN
    return len(run), True


def _move(name: str, messages: list[Message], **changes: Any) -> int:
    """`take` for several mails at once, without loading them again; returns how many were in a status to move from."""
    step = MESSAGE_STEPS[name]
    rows = Message.objects.filter(pk__in=[message.pk for message in messages], status__in=step.sources)
    return rows.update(status=step.target, **changes)


def _settle_sent(message: Message, outcome: Outcome, now: datetime) -> None:
    if not _move("send", [message], sent_at=now, last_code=outcome.code, last_reply=""):
        log.warning("mail was settled by somebody else", extra={"mail": message.ref})


@transaction.atomic
def _settle_failure(message: Message, outcome: Outcome, now: datetime) -> None:
    held = Message.objects.select_for_update().filter(pk=message.pk, status=MessageStatus.SENDING, claimed_at=message.claimed_at)
    if not held.exists():
        return
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
