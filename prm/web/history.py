"""Earlier states of a row (prm.core.history) in words: what changed from what to what, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

MOST = 20
OWN = ("pgh_id", "pgh_created_at", "pgh_label", "pgh_obj")
Known = Mapping[Any, Mapping[Any, Any]]  # model → key → row


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
    return changes_from(obj, list(states_of(obj))) if has_history(type(obj)) else []


def states_of(obj: models.Model) -> models.QuerySet:
    """What the row held before each of its newest changes, the last first."""
    return obj.events.order_by("-pgh_id")[:MOST]  # type: ignore[attr-defined, no-any-return]


def changes_from(obj: models.Model, states: Sequence[Any], named: Known | None = None) -> list[Changed]:
    """The changes that lie between earlier states; who is pointed at is looked up where `named` does not hold it."""
    found = _differences(obj, states)
    say = _names(_pointed_at(found), named)
    return [Changed(at, _label(obj, field.name), say(field, old), say(field, new)) for at, field, old, new in found]


def named_in(obj: models.Model, states: Sequence[Any]) -> dict[Any, set[Any]]:
    """The rows that the changes point at: model → keys."""
    return _wanted(_pointed_at(_differences(obj, states)))


def _differences(obj: models.Model, states: Sequence[Any]) -> list[tuple[Any, models.Field, Any, Any]]:
    fields = [field for field in obj.events.model._meta.concrete_fields if field.name not in OWN]  # type: ignore[attr-defined]
    found: list[tuple[Any, models.Field, Any, Any]] = []
    later: models.Model = obj
    for state in states:  # each holds what stood before its moment
        pairs = ((field, getattr(state, field.attname), getattr(later, field.attname)) for field in fields)
        found += [(state.pgh_created_at, field, old, new) for field, old, new in pairs if old != new]
        later = state
    return found


def _pointed_at(found: Iterable[tuple[Any, models.Field, Any, Any]]) -> list[tuple[models.Field, Any]]:
    return [(field, value) for _at, field, *values in found for value in values]


def _label(obj: models.Model, name: str) -> str:
    return str(capfirst(obj._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def changes_below(obj: models.Model, accessors: Iterable[str]) -> list[Changed]:
    """The same for small rows that belong to this one (`role_grants` of a colleague): what was taken away or ended."""
    found: list[Changed] = []
    for accessor in accessors:
        link = obj._meta.get_field(accessor).field  # type: ignore[union-attr]
        events = list(link.model.events.rel.related_model.objects.filter(**{link.name: obj.pk}).order_by("-pgh_id")[:MOST])
        fields = [field for field in (events[0]._meta.concrete_fields if events else ()) if field.name not in (*OWN, link.name)]
        say = _names((field, getattr(event, field.attname)) for event in events for field in fields)
        for event in events:
            before = ", ".join(say(field, getattr(event, field.attname)) for field in fields)
            after = _("removed") if event.pgh_label == "removed" else _("changed")
            found.append(Changed(event.pgh_created_at, str(capfirst(link.model._meta.verbose_name)), before, after))
    return found


def _wanted(values: Iterable[tuple[models.Field, Any]]) -> dict[Any, set[Any]]:
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for field, value in values:
        if isinstance(field, models.ForeignKey) and value is not None:
            wanted[field.related_model].add(value)
    return wanted


def _names(values: Iterable[tuple[models.Field, Any]], named: Known | None = None) -> Any:
    """A function from a field and its value to words; rows pointed at are looked up in one query per table."""
    known: dict[Any, dict[Any, Any]] = {}
    for model, ids in _wanted(values).items():
        there = (named or {}).get(model, {})
        missing = ids - there.keys()
        known[model] = {**there, **(model._base_manager.in_bulk(list(missing)) if missing else {})}

    def say(field: models.Field, value: Any) -> str:
        if value in (None, ""):
            return "–"
        if isinstance(field, models.ForeignKey):
            return str(known.get(field.related_model, {}).get(value, value))
        return str(dict(field.flatchoices).get(value, value))  # type: ignore[attr-defined]

    return say
