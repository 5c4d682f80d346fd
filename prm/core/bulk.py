"""Many rows at once: COPY and temporary tables on Django's own connection, inside its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import Cursor

from prm.core.identifiers import make_ref


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY the rows into `table` (a name from code, never from a user); returns how many. Rows may be made while it runs."""
    count = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def temp_table(name: str, columns: str) -> None:
    """An empty temporary table that goes with the transaction; one left from before in the same transaction is replaced."""
    run(f"DROP TABLE IF EXISTS pg_temp.{name}")
    run(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")


def run(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> int:
    """Execute; returns the rows touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def rows(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def prepared_rows(sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """The same for a statement run again and again: planned once per connection, where prepared statements are allowed.

    They are where the settings give `prepare_threshold`; behind a pooler they may not be. Elsewhere, and while queries are
    logged, this is `rows`.
    """
    connection.ensure_connection()
    driver = connection.connection
    if driver.prepare_threshold is None or connection.queries_logged:
        return rows(sql, params)
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, Cursor(driver) as cursor:
        return cursor.execute(sql, params, prepare=True, binary=True).fetchall()


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal of numbers, ids or keys, for COPY; none may hold a quote, comma, brace or backslash."""
    return "{" + ",".join(map(str, values)) + "}"


def free_refs(table: str, prefix: str, count: int) -> list[str]:
    """`count` refs that differ from each other and from those in `table`: among millions of 2⁴⁰, chance repeats do happen."""
    made = {make_ref(prefix) for _ in range(count)}
    while True:
        taken = {ref for (ref,) in rows(f"SELECT ref FROM {table} WHERE ref = ANY(%s)", [list(made)])}  # noqa: S608 - from code
        made -= taken
        if len(made) >= count:
            return sorted(made)[:count]
        made |= {make_ref(prefix) for _ in range(count - len(made))}
