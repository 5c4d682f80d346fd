"""Reading events. The caller has passed its own door to the object or partner already."""

from datetime import datetime
from typing import Any

from django.db import models

from prm.audit.models import Event


def events_of(obj: models.Model, include_internal: bool) -> models.QuerySet[Event]:
    """The timeline of one row, newest first; internal events only for staff."""
    rows = Event.objects.filter(noun=obj._meta.label_lower, object_id=str(obj.pk))
    return _visible(rows, include_internal)


def events_of_many(objs: list[models.Model], include_internal: bool) -> models.QuerySet[Event]:
    """One timeline over several rows (a deal and its change requests, say), newest first."""
    wanted = models.Q(pk__in=[])
    for obj in objs:
        wanted |= models.Q(noun=obj._meta.label_lower, object_id=str(obj.pk))
    return _visible(Event.objects.filter(wanted), include_internal)


def events_of_partner(partner: Any, include_internal: bool, since: datetime | None = None) -> models.QuerySet[Event]:
    """What happened at one partner (or its id), newest first."""
    rows = Event.objects.filter(partner_id=getattr(partner, "pk", partner))
    if since is not None:
        rows = rows.filter(at__gte=since)
    return _visible(rows, include_internal)


def last_event(obj: models.Model, name: str) -> Event | None:
    """The newest event of this name on this row."""
    return events_of(obj, include_internal=True).filter(name=name).first()


def _visible(rows: models.QuerySet[Event], include_internal: bool) -> models.QuerySet[Event]:
    return rows if include_internal else rows.filter(internal=False)
