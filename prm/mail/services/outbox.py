"""Putting a mail into the outbox, in the transaction of the fact it tells."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from prm.core.doorbell import ring
from prm.mail import queries, registry, rules
from prm.mail.enums import MessageStatus, RecipientKind, Why
from prm.mail.links import unsubscribe_url
from prm.mail.models import MailBody, Message
from prm.mail.rendering import Rendered, known_language, render

DELIVER = "mail.deliver"


@dataclass(frozen=True)
class _To:
    kind: str
    id: UUID | None
    address: str
    name: str
    language: str
    time_zone: str
    gone: Why | None

    @property
    def who(self) -> str:
        return f"{self.kind}:{self.id or rules.address_hash(self.address)}"


@transaction.atomic
def queue(
    template: str,
    *,
    to: Any,
    context: Mapping[str, Any] | None = None,
    partner: Any = None,
    obj: models.Model | None = None,
    dedupe: str | None = None,
    nudge: bool = False,
    about_money: bool = False,
    secret: bool = False,
    always: bool = False,
    language: str | None = None,
) -> Message | None:
    """Write one mail into the outbox, rendered now; a worker sends it after commit.

    template: `<app>.<name>`, three files `templates/<app>/mail/<name>.{subject.txt,txt,html}`; html extends `mail/base.html`,
        txt extends `mail/base.txt`. They also get `recipient_name`, `subject`, `product_name`, `site_url`, `unsubscribe_url`.
    to: a user, a contact, a membership (its user) or a plain address. Language and time zone are the user's, else the partner's.
    context: model instances and plain values for the templates. Only ids and refs of the instances are kept beside the mail.
    partner: whose business it is about (a suspended partner gets none). obj: the row it is about.
    dedupe: a second mail of this template to this recipient with the same key is never written.
    nudge: may be unsubscribed, stops in quiet mode, may in the rarest case arrive twice.
    about_money: never sent twice; where nobody knows whether it went out it becomes `unknown` and a person looks.
    secret: it carries a token; its text is emptied when it is sent, and nobody can read it in the outbox.
    always: also to a suspended or leaving recipient (to tell them so).

    Returns the message, or None when there is no address or the same mail was written before. A recipient who may not get it is
    recorded as `suppressed`.
    """
    person = _recipient(to, partner)
    if not person.address:
        return None
    key = registry.normal_key(template)
    dedupe_key = _dedupe_key(key, person.who, dedupe)
    if dedupe_key and Message.objects.filter(dedupe_key=dedupe_key).exists():
        return None
    spoken = known_language(language or "", person.language)
    link = unsubscribe_url(person.who, key) if nudge else ""
    values = {"partner": partner, **(context or {}), "recipient_name": person.name, "unsubscribe_url": link}
    rendered = render(key, values, spoken, person.time_zone)
    flags = {"nudge": nudge, "about_money": about_money, "secret": secret, "always": always, "dedupe_key": dedupe_key}
    message = _message(key, person, partner, obj, language=spoken, context=_ids(values), **flags)
    return _write(message, person, rendered, link)


@transaction.atomic
def queue_rendered(
    template: str, *, to: Any, subject: str, text: str, html: str = "", secret: bool = False, always: bool = False
) -> Message | None:
    """Write a mail that somebody else's templates rendered (sign-in codes of the accounts library), else like `queue`."""
    person = _recipient(to, None)
    if not person.address:
        return None
    message = _message(registry.normal_key(template, "account"), person, None, None, secret=secret, always=always)
    return _write(message, person, Rendered(" ".join(subject.split())[:200], text, html), "")


def _message(key: str, person: _To, partner: Any, obj: models.Model | None, **fields: Any) -> Message:
    message = Message(
        template=key,
        recipient_kind=person.kind,
        recipient_id=person.id,
        address_hash=rules.address_hash(person.address),
        noun=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        partner_id=getattr(partner, "pk", partner),
        next_attempt_at=timezone.now(),
        **{"language": known_language(person.language), **fields},
    )
    message.message_id = f"<{message.id.hex}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"
    message.why = (None if message.always else person.gone) or queries.why_not_send(message) or ""
    message.status = MessageStatus.SUPPRESSED if message.why else MessageStatus.QUEUED
    return message


def _write(message: Message, person: _To, rendered: Rendered, link: str) -> Message | None:
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        if message.dedupe_key and Message.objects.filter(dedupe_key=message.dedupe_key).exists():
            return None  # the same mail was written in the same instant
        raise
    if message.status == MessageStatus.SUPPRESSED and message.secret:
        rendered = Rendered("", "", "")
    MailBody.objects.create(
        message=message,
        address=person.address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        unsubscribe_url=link,
    )
    if message.status == MessageStatus.QUEUED:
        ring(DELIVER)
    return message


def _recipient(to: Any, partner: Any) -> _To:
    """Who it is, by what the object offers: this floor knows no model of the apps above."""
    if isinstance(to, str):
        address, kind, pk, name, gone = to.strip(), RecipientKind.ADDRESS, None, "", None
    else:
        to = getattr(to, "user", to)  # a membership
        kind = RecipientKind.CONTACT if to._meta.model_name == RecipientKind.CONTACT else RecipientKind.USER
        gone = Why.ERASED if getattr(to, "erased_at", None) else None if getattr(to, "is_active", True) else Why.LEFT
        address, pk, name = to.email, to.pk, to.name
    home = getattr(to, "partner", None) or partner
    spoken = getattr(to, "language", "") or getattr(home, "language", "")
    zone = getattr(to, "time_zone", "") or getattr(home, "time_zone", "")
    return _To(str(kind), pk, address, name, spoken, zone, gone)


def _dedupe_key(template: str, who: str, dedupe: str | None) -> str | None:
    return hashlib.sha256(f"{template}|{who}|{dedupe}".encode()).hexdigest() if dedupe else None


def _ids(values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Which rows the mail was written from: noun, id and ref, nothing else."""
    return {
        name: {"noun": row._meta.label_lower, "id": str(row.pk), "ref": str(getattr(row, "ref", ""))}
        for name, row in values.items()
        if isinstance(row, models.Model)
    }
