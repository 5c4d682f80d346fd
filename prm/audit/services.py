"""The one way to write an event."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from prm.audit.models import Event
from prm.audit.rules import clean_data

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


@contextmanager
def told_at(moment: datetime) -> Iterator[datetime]:
    """Events recorded inside happened then, each a second after the one before. For the demo's history alone."""
    token = _told.set(moment)
    try:
        yield moment
    finally:
        _told.reset(token)


def record(
    event: str,
    obj: models.Model,
    *,
    by: Any,
    partner: Any = None,
    data: Mapping[str, Any] | None = None,
    internal: bool = False,
) -> Event:
    """Write down that `by` did `event` to `obj`; call it inside the transaction of the change.

    by: the user, or None for the system itself (sweeps). partner: the partner (or its id) whose timeline it belongs to.
    data: ids, field names, statuses, amounts, dates (see rules.clean_data, which refuses the rest).
    internal: staff only; never shown to a partner.
    """
    values, moment = event_values(event, obj, by=by, partner=partner, data=data, internal=internal), _told.get()
    if moment is not None:
        values["at"] = moment
        _told.set(moment + timedelta(seconds=1))
    return Event.objects.create(**values)


def record_many(events: list[dict[str, Any]]) -> int:
    """Write many events at once; each a dict of the arguments of `record`, with the event as `event`. For imports and sweeps."""
    rows = [Event(**event_values(**{"by": None, **values})) for values in events]
    Event.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def event_values(
    event: str, obj: models.Model, *, by: Any, partner: Any = None, data: Mapping[str, Any] | None = None, internal: bool = False
) -> dict[str, Any]:
    """The columns of an event."""
    return {
        "name": event,
        "noun": noun_of(obj),
        "object_id": str(obj.pk),
        "partner_id": getattr(partner, "pk", partner),
        "actor_id": "" if by is None else str(by.pk),
        "actor_kind": actor_kind(by),
        "data": clean_data(data),
        "internal": internal,
    }


def noun_of(obj: models.Model | type[models.Model]) -> str:
    """The noun of a row in events: `deals.deal`."""
    return obj._meta.label_lower


def actor_kind(by: Any) -> str:
    """person, service (an API user) or system (nobody: a sweep)."""
    if by is None:
        return Event.ActorKind.SYSTEM
    kind = str(getattr(by, "kind", "") or Event.ActorKind.PERSON)
    return Event.ActorKind.SERVICE if kind == Event.ActorKind.SERVICE else Event.ActorKind.PERSON
