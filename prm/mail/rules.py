"""What the words of a mail server mean, when to try again, and what stops a mail. Pure functions over facts."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from prm.mail import registry
from prm.mail.enums import RecipientStatus, Why

MINUTE = timedelta(minutes=1)
WAITS = (MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE, 240 * MINUTE)
GIVE_UP_AFTER = timedelta(hours=72)  # RFC 5321 4.5.4.1 asks senders to try for some days
STUCK_AFTER = 10 * MINUTE
KEEP_BODIES = timedelta(days=396)  # 13 months
KEEP_TOKENS = timedelta(days=7)
MAX_REPLY = 300

ADDRESS = re.compile(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")
ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def address_hash(address: str) -> str:
    """The keyed hash under which an address is known where it must not stand itself (HMAC-SHA256 with SECRET_KEY)."""
    key = hashlib.sha256(b"prm.mail.address:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, address.strip().lower().encode(), hashlib.sha256).hexdigest()


def scrub(reply: object) -> str:
    """A server's reply without addresses and control characters, at most 300 characters."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply or "")
    return " ".join(ADDRESS.sub("<address>", text.replace("\x00", " ")).split())[:MAX_REPLY]


def next_attempt_at(attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """When to try again after this many attempts, or None when three days have passed."""
    if now - created_at >= GIVE_UP_AFTER:
        return None
    return now + WAITS[min(max(attempts, 1), len(WAITS)) - 1]


def is_dead_address(code: int, reply: str) -> bool:
    """Whether a refused recipient means that the mailbox does not exist, rather than that today's mail was not liked.

    RFC 3463: class 5, subject 1 (addressing) and 2.1 (disabled); without such a code 550, 551 and 553 of RFC 5321.
    """
    found = ENHANCED.search(reply)
    if found:
        return found[1] == "5" and (found[2] == "1" or (found[2], found[3]) == ("2", "1"))
    return code in {550, 551, 553}


def status_stops(status: str, *, nudge: bool) -> Why | None:
    """What a recipient's status means for a mail: quiet mode stops nudges only, the others stop everything."""
    if status == RecipientStatus.SUSPENDED:
        return Why.SUSPENDED
    if status == RecipientStatus.LEFT:
        return Why.LEFT
    if status == RecipientStatus.PAUSED and nudge:
        return Why.PAUSED
    return None


def can_see_outbox(user: Any) -> bool:
    """Staff whose role or Django permission lets them view mails: they may read what was written to people."""
    return _may(user, "mail.view_message", registry.SEE)


def can_retry(user: Any) -> bool:
    """Those who may also change mails settle the failed and the unknown ones."""
    return can_see_outbox(user) and _may(user, "mail.change_message", registry.SETTLE)


def can_lift(user: Any) -> bool:
    """Those who may delete a suppression let mail go to an address again."""
    return can_see_outbox(user) and _may(user, "mail.delete_suppression", registry.SETTLE)


def _may(user: Any, permission: str, act: str) -> bool:
    return bool(user.is_active and user.is_staff and (registry.lets_in(user, act) or user.has_perm(permission)))


def is_readable(message: Any, body: Any) -> bool:
    """Whether staff may read the text: it is still kept, and carries no token that would let them act as the reader."""
    return bool(body.text) and not message.secret
