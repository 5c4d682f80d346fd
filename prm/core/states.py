"""One step table per noun feeds the services, the buttons, the tests and the database guards.

DEAL_STEPS = StepTable("deal", starts=[S.DRAFT], steps=[
    Step("submit", [S.DRAFT, S.RETURNED], S.SUBMITTED, "deals.deal.submitted"),
    Step("extend", [S.APPROVED], None, "deals.deal.extended"),  # None: the status stays
])
take(DEAL_STEPS["submit"], deal, submitted_at=now)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pgtrigger
from django.db import models
from django.utils.translation import gettext as _

from prm.core.errors import StaleState


@dataclass(frozen=True)
class Step:
    """One arrow of a life cycle. `target` None: the status stays. `event` is the audit event its service records."""

    name: str
    sources: tuple[str, ...]
    target: str | None
    event: str = ""
    noun: str = ""  # noun and field are filled in by the table
    field: str = "status"

    def __post_init__(self) -> None:
        sources = [self.sources] if isinstance(self.sources, str) else self.sources
        object.__setattr__(self, "sources", tuple(sorted({str(source) for source in sources})))
        object.__setattr__(self, "target", None if self.target is None else str(self.target))
        if not self.sources:
            raise ValueError(f"step {self.name} has no source status")

    def pairs(self) -> set[tuple[str, str]]:
        return {(source, source if self.target is None else self.target) for source in self.sources}


class StepTable(Mapping[str, Step]):
    """The steps of one noun by name; `starts` are the statuses a row may be born in, `deletable` those it may be deleted in."""

    def __init__(
        self,
        noun: str,
        steps: Iterable[Step],
        starts: Iterable[str],
        field: str = "status",
        deletable: Iterable[str] = ("draft",),
    ) -> None:
        self.noun = noun
        self.field = field
        self.starts = tuple(sorted({str(status) for status in starts}))
        self.deletable = tuple(sorted({str(status) for status in deletable}))
        self._steps: dict[str, Step] = {}
        for step in steps:
            if step.name in self._steps:
                raise ValueError(f"{noun} has two steps named {step.name}")
            self._steps[step.name] = replace(step, noun=noun, field=field)

    def __getitem__(self, name: str) -> Step:
        return self._steps[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        """Step name → statuses it starts from."""
        return {name: step.sources for name, step in self._steps.items()}

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status the table knows, sorted."""
        return tuple(sorted({status for pair in self.pairs() for status in pair} | set(self.starts)))

    def pairs(self) -> list[tuple[str, str]]:
        """Every allowed (from, to), sorted and unique, including the loops of steps that stay."""
        return sorted({pair for step in self._steps.values() for pair in step.pairs()})

    def open_from(self, status: str) -> list[Step]:
        """The steps that may be taken from this status, in table order."""
        return [step for step in self._steps.values() if str(status) in step.sources]

    def allows(self, name: str, obj: models.Model) -> bool:
        """Whether the object, as loaded, is in a status this step starts from (for buttons; `take` decides)."""
        return str(getattr(obj, self.field)) in self._steps[name].sources


def take(step: Step, obj: models.Model, **changes: Any) -> None:
    """Move the row: one `UPDATE … WHERE pk AND status IN sources`, with `changes` in the same statement.

    Afterwards the object's loaded fields are what the database holds. Raises StaleState when somebody was faster.
    """
    values = dict(changes)
    if step.target is not None:
        values[step.field] = step.target
    elif not values:
        values[step.field] = models.F(step.field)  # still one UPDATE: it checks the status and locks the row
    rows = type(obj)._base_manager.using(obj._state.db).filter(pk=obj.pk)
    if not rows.filter(**{f"{step.field}__in": step.sources}).update(**values):
        raise _stale(step, obj, rows)
    _reload(obj, rows)


def _reload(obj: models.Model, rows: models.QuerySet[Any]) -> None:
    """Set the loaded columns to the stored ones; related objects stay cached when their key did not change."""
    deferred = obj.get_deferred_fields()
    names = [field.attname for field in obj._meta.concrete_fields if field.attname not in deferred]
    for name, value in rows.values(*names).get().items():
        setattr(obj, name, value)


def _stale(step: Step, obj: models.Model, rows: models.QuerySet[Any]) -> StaleState:
    status = rows.values_list(step.field, flat=True).first()
    if status is None:
        return StaleState(_("This no longer exists."), key="gone")
    field: Any = obj._meta.get_field(step.field)
    label = dict(field.flatchoices).get(status, status)
    message = _("This is not possible any more: the status is now “%(status)s”. Please look at the current state first.")
    return StaleState(message % {"status": label}, key="stale")


def fsm_triggers(table: StepTable) -> list[pgtrigger.Trigger]:
    """For `Meta.triggers`: the same table as law of the database, so raw SQL cannot make an illegal step either.

    A refused UPDATE, INSERT or DELETE raises IntegrityError. Lists are sorted, so that migrations settle.
    """
    old, new = f'OLD."{table.field}"', f'NEW."{table.field}"'
    moves = [f"({_quoted(a)}, {_quoted(b)})" for a, b in table.pairs() if a != b]
    known = f"(({old}, {new}) IN ({', '.join(moves)})) IS NOT TRUE" if moves else "TRUE"
    return [
        _guard(table, "steps", pgtrigger.Update, f"{old} IS DISTINCT FROM {new} AND {known}", f"{old} || ' to ' || {new}"),
        _guard(table, "starts", pgtrigger.Insert, _outside(new, table.starts), f"'start in ' || {new}"),
        _guard(table, "deletes", pgtrigger.Delete, _outside(old, table.deletable), f"'delete in ' || {old}"),
    ]


def _guard(table: StepTable, name: str, operation: Any, condition: str, what: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"{table.field}_{name}",
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(f"({condition})"),
        func=f"RAISE EXCEPTION '{table.noun}: step refused: %', {what} USING ERRCODE = 'check_violation';",
    )


def _outside(column: str, statuses: tuple[str, ...]) -> str:
    return f"({column} IN ({', '.join(map(_quoted, statuses))})) IS NOT TRUE" if statuses else "TRUE"


def _quoted(status: str) -> str:
    return "'" + status.replace("'", "''") + "'"
