"""A pytest plugin for the run with a fault: takes one guard of the test database away, and puts it back at the end."""

import json
import os

import pytest
from django.db import connection


def _plan(cursor) -> tuple[str, str]:
    """The statement that takes the guard away, and the one that brings it back."""
    kind, table, name = json.loads(os.environ["PRM_FAULT"])
    if kind == "trigger":
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND starts_with(tgname, %s)",
            [table, name],
        )
        [(found, definition)] = cursor.fetchall()
        return f'DROP TRIGGER "{found}" ON {table}', definition
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s", [table, name]
    )
    if rows := cursor.fetchall():
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}", f"ALTER TABLE {table} ADD CONSTRAINT {name} {rows[0][0]}"
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexname = %s", [table, name])
    [(definition,)] = cursor.fetchall()
    return f"DROP INDEX {name}", definition


@pytest.fixture(scope="session", autouse=True)
def _one_guard_less(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        away, back = _plan(cursor)
        cursor.execute(away)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(back)
