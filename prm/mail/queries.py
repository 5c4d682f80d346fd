"""Reading the outbox and what stands against sending."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from prm.core.errors import NotVisible
from prm.mail import rules
from prm.mail.enums import MessageStatus, RecipientKind, Why
from prm.mail.models import Message, Preference, Recipient, Suppression
from prm.web import counts
from prm.web.counts import Bounded

ALL_NUDGES = "*"
ATTENTION = "attention"
UNSETTLED = [MessageStatus.FAILED, MessageStatus.UNKNOWN]


def why_not(
    *, who: str, recipient_id: UUID | None, partner_id: UUID | None, address_hash: str, template: str, nudge: bool, always: bool
) -> Why | None:
    """The first reason not to send, or None. `always` skips what the product says about the recipient, never a dead address."""
    if Suppression.objects.filter(address_hash=address_hash).exists():
        return Why.BLOCKED
    if not always:
        for status in _statuses(recipient_id, partner_id):
            if reason := rules.status_stops(status, nudge=nudge):
                return reason
    if nudge and not wants(who, template):
        return Why.UNSUBSCRIBED
    return None


def why_not_send(message: Message) -> Why | None:
    """The same question again, at the moment of sending."""
    return why_not(
        who=message.who,
        recipient_id=message.recipient_id,
        partner_id=message.partner_id,
        address_hash=message.address_hash,
        template=message.template,
        nudge=message.nudge,
        always=message.always,
    )


def wants(who: str, template: str) -> bool:
    """Whether this recipient wants nudges of this kind; so until somebody says no."""
    return not Preference.objects.filter(who=who, template__in=[template, ALL_NUDGES], wanted=False).exists()


def preferences_of(user: Any) -> dict[str, bool]:
    """What a user said about each kind of nudge (by key, or "*" for all)."""
    return dict(Preference.objects.filter(who=f"{RecipientKind.USER}:{user.pk}").values_list("template", "wanted"))


def messages_about(obj: Any) -> QuerySet[Message]:
    """The mails about one row, newest first; the caller has passed the row's own door."""
    return Message.objects.filter(noun=obj._meta.label_lower, object_id=str(obj.pk)).order_by("-created_at", "-id")


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


def _statuses(recipient_id: UUID | None, partner_id: UUID | None) -> list[str]:
    asked = Q()
    if recipient_id is not None:
        asked |= Q(object_id=recipient_id, partner_id=None)
    if partner_id is not None:
        asked |= Q(object_id=partner_id, kind=RecipientKind.PARTNER)
    if recipient_id is not None and partner_id is not None:
        asked |= Q(object_id=recipient_id, partner_id=partner_id)
    return list(Recipient.objects.filter(asked).values_list("status", flat=True)) if asked else []
