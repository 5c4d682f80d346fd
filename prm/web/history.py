"""Earlier states of a row (prm.core.history) in words: what changed from what to what, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.text import capfirst

MOST = 20
OWN = ("pgh_id", "pgh_created_at", "pgh_label", "pgh_obj")


@dataclass(frozen=True)
class Changed:
    """One field at one moment."""

    at: datetime
    label: str
    before: str
    after: str


def has_history(model: type[models.Model]) -> bool:
    """Whether earlier states of this table are kept."""
    return any(getattr(link.related_model, "pgh_tracked_model", None) is model for link in model._meta.related_objects)


def changes_of(obj: models.Model) -> list[Changed]:
    """The newest changes of one row; nothing for tables without history. One query, and one per table it points at."""
    if not has_history(type(obj)):
        return []
    events = list(obj.events.order_by("-pgh_id")[:MOST])  # type: ignore[attr-defined]
    fields = [field for field in obj.events.model._meta.concrete_fields if field.name not in OWN]  # type: ignore[attr-defined]
    names = _names([obj, *events], fields)
    found = []
    later: models.Model = obj
    for event in events:  # each holds what stood before its moment
        for field in fields:
            old, new = getattr(event, field.attname), getattr(later, field.attname)
            if old != new:
                label = capfirst(obj._meta.get_field(field.name).verbose_name)  # type: ignore[union-attr]
                found.append(Changed(event.pgh_created_at, str(label), names(field, old), names(field, new)))
        later = event
    return found


def _names(rows: Iterable[models.Model], fields: Iterable[models.Field]) -> Any:
    """A function from a field and its value to words; rows pointed at are looked up in one query per table."""
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for field in fields:
        if isinstance(field, models.ForeignKey):
            wanted[field.related_model] |= {getattr(row, field.attname) for row in rows} - {None}
    known = {model: model._base_manager.in_bulk(list(ids)) for model, ids in wanted.items() if ids}

    def say(field: models.Field, value: Any) -> str:
        if value in (None, ""):
            return "–"
        if isinstance(field, models.ForeignKey):
            return str(known.get(field.related_model, {}).get(value, value))
        return str(dict(field.flatchoices).get(value, value))  # type: ignore[attr-defined]

    return say
