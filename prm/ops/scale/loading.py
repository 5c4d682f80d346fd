"""Loading fast: guards and indexes off for the length of one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from prm.core import bulk

INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique ORDER BY 1
"""
NUMBERS = 2_654_435_761  # odd: multiplied modulo 2³² it visits every number once, in no visible order


@contextmanager
def guards_off(tables: Sequence[str]) -> Iterator[None]:
    """One transaction in which triggers do not fire and the tables' plain indexes are missing; both are back afterwards.

    As superuser foreign keys are not checked either. The caller owes rows that are right.
    """
    names = list(tables)
    [(superuser,)] = bulk.rows("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    with transaction.atomic():
        indexes = bulk.rows(INDEXES, [names])
        for name, _definition in indexes:
            bulk.run(f"DROP INDEX {name}")
        _triggers(names, bool(superuser), on=False)
        yield
        _triggers(names, bool(superuser), on=True)
        bulk.run("SET LOCAL maintenance_work_mem = '256MB'")
        for _name, definition in indexes:
            bulk.run(definition)
    with connection.cursor() as cursor:  # as autovacuum leaves the tables soon after; it cannot inside a transaction
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")


def _triggers(tables: Iterable[str], superuser: bool, *, on: bool) -> None:
    if superuser:
        bulk.run(f"SET LOCAL session_replication_role = '{'origin' if on else 'replica'}'")
        return
    for table in tables:
        bulk.run(f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} TRIGGER USER")


def copy_text(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """COPY ready-made lines (tabs between, `\\N` for null): a third of the time of typed rows."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for line in lines:
            copy.write(line)


def cell(text: str) -> str:
    """Text as COPY reads it."""
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")


def ref_of(prefix: str, number: int) -> str:
    """A ref for the number-th row: no two alike, without remembering those made before."""
    return f"{prefix}-{number * NUMBERS % 2**32:08X}"


def sql_ref(prefix: str, number: str) -> str:
    """The same in SQL; `number`: an expression that yields a bigint."""
    return f"'{prefix}-' || lpad(upper(to_hex(mod({number} * {NUMBERS}, 4294967296))), 8, '0')"


def sql_id(source: str, salt: str) -> str:
    """An id for a row derived from another row: that row's time in front, so that it lies where a real one would."""
    return f"overlay(md5({source}::text || '{salt}') placing left(replace({source}::text, '-', ''), 13) from 1)::uuid"
