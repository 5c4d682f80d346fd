"""Counts that stop at a thousand, so that a filter chip costs the same whatever the table holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.utils.formats import number_format

LIMIT = 1000


@dataclass(frozen=True)
class Bounded:
    """A count that is exact up to the limit; `over` says there are more."""

    value: int
    over: bool = False

    def __str__(self) -> str:
        return number_format(self.value, force_grouping=True) + ("+" if self.over else "")

    def __int__(self) -> int:
        return self.value

    def __bool__(self) -> bool:
        return self.value > 0


def _bounded(found: int, limit: int) -> Bounded:
    return Bounded(limit, True) if found > limit else Bounded(found)


def bounded(queryset: models.QuerySet, limit: int = LIMIT) -> Bounded:
    """Count at most `limit` rows; one query."""
    return _bounded(queryset.order_by()[: limit + 1].count(), limit)


def many(querysets: Mapping[str, models.QuerySet], limit: int = LIMIT) -> dict[str, Bounded]:
    """Bounded counts of several querysets of one database in one query."""
    found: dict[str, int] = dict.fromkeys(querysets, 0)
    parts: list[str] = []
    params: list[object] = []
    names: list[str] = []
    using = "default"
    for name, queryset in querysets.items():
        using = queryset.db
        try:
            sql, values = queryset.order_by().values("pk")[: limit + 1].query.get_compiler(using=using).as_sql()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS bounded)")  # noqa: S608 - compiled by Django, values apart
        params += values
        names.append(name)
    if parts:
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(parts), params)
            found.update(zip(names, cursor.fetchone(), strict=True))
    return {name: _bounded(value, limit) for name, value in found.items()}


def grouped(
    queryset: models.QuerySet, column: str, groups: Mapping[str, Sequence[str]], limit: int = LIMIT
) -> dict[str, Bounded]:
    """How many rows hold one of each group's values, in one reading of them all.

    For rows that another condition has made few already, where `many` would read them once for every group.
    """
    found = dict(queryset.order_by().values_list(column).annotate(rows=models.Count("pk")))
    return {name: _bounded(sum(found.get(value, 0) for value in values), limit) for name, values in groups.items()}
