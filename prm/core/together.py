"""Several small lists in one statement: what stands on one page, without a round trip and a large join for each.

Each list is an ordinary queryset. All are compiled by Django, run as scalar sub-selects that answer JSON, and their rows go
back through Django's own reading, so that what comes out is what the querysets would have given one by one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.sql.compiler import SQLCompiler

PLAIN = frozenset(
    {"CharField", "TextField", "SlugField", "BooleanField", "IntegerField", "BigIntegerField", "SmallIntegerField"}
    | {"PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField", "AutoField", "BigAutoField"}
)


def _json(value: Any) -> str:
    return json.dumps(value, default=float)  # its decimals were floats


READERS: dict[str, Callable[[Any], Any]] = {  # what the driver would have handed over
    "DateField": date.fromisoformat,
    "DateTimeField": datetime.fromisoformat,
    "TimeField": time.fromisoformat,
    "DecimalField": Decimal,
    "FloatField": float,
    "UUIDField": UUID,
    "JSONField": _json,
}


def together(lists: Mapping[str, models.QuerySet]) -> dict[str, list[Any]]:
    """The rows of each queryset, in its order, in one query (their prefetches run their own). For small lists of one database.

    Raises TypeError for a column whose type JSON does not carry unharmed (bytes, intervals).
    """
    compilers: dict[str, SQLCompiler] = {}
    parts: list[str] = []
    params: list[Any] = []
    using = "default"
    for name, rows in lists.items():
        if rows.query.is_empty():
            continue
        compiler = rows.query.get_compiler(using=rows.db)
        using = rows.db
        try:
            sql, values = compiler.as_sql(with_col_aliases=True)
        except EmptyResultSet:
            continue
        compilers[name] = compiler
        line = f'line."{compiler.select[0][2]}"' if len(compiler.select) == 1 else "line"
        parts.append(f"(SELECT json_agg({line})::text FROM ({sql}) AS line)")  # noqa: S608 - compiled by Django, values apart
        params += values
    answers: dict[str, str | None] = {}
    if parts:
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(parts), params)
            answers = dict(zip(compilers, cursor.fetchone(), strict=True))
    return {name: _read(rows, compilers.get(name), answers.get(name)) for name, rows in lists.items()}


def _read(rows: models.QuerySet, compiler: SQLCompiler | None, answer: str | None) -> list[Any]:
    """The queryset's own objects out of the answer."""
    if compiler is None or answer is None:
        return []
    lines = json.loads(answer, parse_float=Decimal)
    readers = [_reader(column[0].output_field) for column in compiler.select]
    rows_read = ((line,) for line in lines) if len(readers) == 1 else (line.values() for line in lines)
    found = [
        tuple(read(value) if read and value is not None else value for read, value in zip(readers, line, strict=True))
        for line in rows_read
    ]
    compiler.execute_sql = lambda *args, **kwargs: [found]  # type: ignore[assignment, method-assign]
    filled = rows.all()
    filled.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
    return list(filled)


def _reader(field: models.Field) -> Callable[[Any], Any] | None:
    kind = field.get_internal_type()
    if kind in PLAIN or (isinstance(field, ArrayField) and _reader(field.base_field) is None):
        return None
    if kind not in READERS:
        raise TypeError(f"{kind} is not read together; ask for it in a query of its own.")
    return READERS[kind]


def keep(obj: models.Model, accessor: str, rows: list[Any]) -> None:
    """Put rows that were read already where a prefetch would have put them; filtering them asks the database as ever."""
    kept = getattr(obj, accessor).all()
    kept._result_cache, kept._prefetch_done = rows, True
    cache: dict[str, Any] = obj.__dict__.setdefault("_prefetched_objects_cache", {})
    cache[accessor] = kept
