"""Databases of a measurement's own, on the server that is there: made, migrated and dropped again; no other is touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection


@contextmanager
def scratch() -> Iterator[str]:
    """Migrate one database and yield its name; `copy_of` it makes the databases to measure in. Needs the right CREATEDB."""
    name = f"prm_bench_{os.getpid()}"
    with _made(name):
        with use(name):
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        yield name


@contextmanager
def copy_of(template: str) -> Iterator[None]:
    """Inside, Django's connection is that of a fresh copy."""
    with _made(f"{template}_copy", template), use(f"{template}_copy"):
        yield


@contextmanager
def use(name: str) -> Iterator[None]:
    """Inside, Django's connection goes to that database."""
    before = connection.settings_dict["NAME"]
    _switch(name)
    try:
        yield
    finally:
        _switch(str(before))


def _switch(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


@contextmanager
def _made(name: str, template: str = "") -> Iterator[None]:
    source = f' TEMPLATE "{template}"' if template else ""
    _run(f'DROP DATABASE IF EXISTS "{name}"')
    _run(f'CREATE DATABASE "{name}"{source}')
    try:
        yield
    finally:
        _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _run(sql: str) -> None:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql)
