"""Reading the outbox and what stands against sending."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from prm.core.errors import NotVisible
from prm.mail import rules
from prm.mail.enums import MessageStatus, RecipientKind, RecipientStatus, Why
from prm.mail.models import Message, Preference, Recipient, Suppression
from prm.web import counts
from prm.web.counts import Bounded

ALL_NUDGES = "*"
ATTENTION = "attention"
UNSETTLED = [MessageStatus.FAILED, MessageStatus.UNKNOWN]


def why_not_send(message: Message) -> Why | None:
    """The first reason not to send this mail, or None."""
    return why_not_send_many([message])[message.pk]


def why_not_send_many(messages: list[Message]) -> dict[UUID, Why | None]:
    """The same for several mails, in three queries. `always` skips what the product says, never a dead address."""
    hashes = {message.address_hash for message in messages}
    blocked = set(Suppression.objects.filter(address_hash__in=hashes).values_list("address_hash", flat=True))
    ids = {pk for message in messages for pk in (message.recipient_id, message.partner_id) if pk}
    rows = Recipient.objects.filter(object_id__in=ids).exclude(status=RecipientStatus.OK)
    statuses = {(row.object_id, row.partner_id): row.status for row in rows} if ids else {}
    whos = {message.who for message in messages if message.nudge}
    refused = Preference.objects.filter(who__in=whos, wanted=False).values_list("who", "template")
    unwanted = set(refused) if whos else set()
    return {message.pk: _why_not(message, blocked, statuses, unwanted) for message in messages}


def _why_not(message: Message, blocked: set[str], statuses: dict[Any, str], unwanted: set[tuple[str, str]]) -> Why | None:
    if message.address_hash in blocked:
        return Why.BLOCKED
    recipient, partner = message.recipient_id, message.partner_id
    for key in () if message.always else ((recipient, None), (partner, None), (recipient, partner)):
        if reason := rules.status_stops(statuses.get(key, RecipientStatus.OK), nudge=message.nudge):
            return reason
    if message.nudge and unwanted & {(message.who, message.template), (message.who, ALL_NUDGES)}:
        return Why.UNSUBSCRIBED
    return None


def wants(who: str, template: str) -> bool:
    """Whether this recipient wants nudges of this kind; so until somebody says no."""
    return not Preference.objects.filter(who=who, template__in=[template, ALL_NUDGES], wanted=False).exists()


def preferences_of(user: Any) -> dict[str, bool]:
    """What a user said about each kind of nudge (by key, or "*" for all)."""
    return dict(Preference.objects.filter(who=f"{RecipientKind.USER}:{user.pk}").values_list("template", "wanted"))


def get_message(user: Any, ref: str) -> Message:
    """One mail for staff who may see the outbox; raises NotVisible otherwise."""
    if not rules.can_see_outbox(user):
        raise NotVisible
    message = Message.objects.select_related("body").filter(ref=ref.replace("\x00", "")).first()
    if message is None:
        raise NotVisible
    return message


def list_messages(state: str = "", sought: str = "") -> QuerySet[Message]:
    """The outbox; `state` a status, ATTENTION or ""; `sought` a reference or an exact address. What is unknown finds nothing."""
    rows = Message.objects.select_related("body")
    if state:
        rows = rows.filter(status__in=UNSETTLED if state == ATTENTION else [state])
    if "@" in sought:
        rows = rows.filter(address_hash=rules.address_hash(sought))
    elif sought:
        rows = rows.filter(ref=sought.replace("\x00", "").upper())
    return rows


def counts_by_state() -> dict[str, Bounded]:
    """How many mails per state, each counted to a thousand; one query."""
    states = {state: Message.objects.filter(status=state) for state in MessageStatus.values}
    return counts.many({ATTENTION: Message.objects.filter(status__in=UNSETTLED), **states})


def needs_attention(user: Any) -> Bounded | None:
    """Mails that failed or whose fate is unknown, for the queue on the staff's first page; None: not for this user."""
    return counts.bounded(Message.objects.filter(status__in=UNSETTLED)) if rules.can_see_outbox(user) else None


def block_of(message: Message) -> Suppression | None:
    """The block on this mail's address, if there is one."""
    return Suppression.objects.filter(address_hash=message.address_hash).first()


def list_suppressions(sought: str = "") -> QuerySet[Suppression]:
    """The blocked addresses; `sought` an exact address."""
    rows = Suppression.objects.select_related("message__body")
    return rows.filter(address_hash=rules.address_hash(sought)) if sought else rows


def get_suppression(user: Any, pk: Any) -> Suppression:
    """One block for staff who see the outbox; raises NotVisible otherwise."""
    found = Suppression.objects.filter(pk=pk).first() if rules.can_see_outbox(user) else None
    if found is None:
        raise NotVisible
    return found
