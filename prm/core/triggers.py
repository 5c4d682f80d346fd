"""Database guards that are written once: append-only tables.

These are plain triggers: `pgtrigger.ignore` does not reach them and ENABLE ALWAYS keeps them on for replicated sessions.
Only the owner of the table can lift them, by ALTER TABLE; tests do so around Django's flush (`truncate_allowed`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.db import connections, models
from django.db.utils import DEFAULT_DB_ALIAS
from pgtrigger import compiler

TRUNCATE_GUARD = "append_only_truncate"


class PlainTriggerSql(compiler.UpsertTriggerSql):
    """Installs a trigger without pgtrigger's switch. Migrations point here: never change the template, add a new class."""

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid}
                {when} {operation} ON {table}
                FOR EACH {level} {condition}
                EXECUTE PROCEDURE {execute};
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {pgid};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class PlainTrigger(pgtrigger.Trigger):
    """A trigger that no session setting turns off."""

    def compile(self, model: Any) -> compiler.Trigger:
        return compiler.Trigger(
            name=self.name,
            sql=PlainTriggerSql(
                pgid=self.get_pgid(model),
                func=self.render_func(model),
                table=model._meta.db_table,
                when=self.when,
                operation=self.operation,
                level=self.level,
                condition=self.render_condition(model),
                execute=self.render_execute(model),
            ),
        )


def append_only_triggers() -> list[pgtrigger.Trigger]:
    """For `Meta.triggers` of a table whose rows stay as written: UPDATE, DELETE and TRUNCATE raise IntegrityError."""
    func = "RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';"
    return [
        PlainTrigger(name="append_only_rows", when=pgtrigger.Before, operation=pgtrigger.Update | pgtrigger.Delete, func=func),
        PlainTrigger(
            name=TRUNCATE_GUARD, when=pgtrigger.Before, operation=pgtrigger.Truncate, level=pgtrigger.Statement, func=func
        ),
    ]


def append_only_models() -> list[type[models.Model]]:
    """Every model that carries the append-only guard."""
    from django.apps import apps

    return [
        model
        for model in apps.get_models()
        if any(trigger.name == TRUNCATE_GUARD for trigger in getattr(model._meta, "triggers", []))
    ]


@contextmanager
def truncate_allowed(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Lift the TRUNCATE guards while a test database is flushed. For tests only; needs to own the tables.

    Rows stay guarded against UPDATE and DELETE.
    """
    names = [
        (model._meta.db_table, trigger.get_pgid(model))
        for model in append_only_models()
        for trigger in model._meta.triggers  # type: ignore[attr-defined]
        if trigger.name == TRUNCATE_GUARD
    ]
    _switch(using, names, "DISABLE")
    try:
        yield
    finally:
        _switch(using, names, "ENABLE ALWAYS")


def _switch(using: str, names: list[tuple[str, str]], verb: str) -> None:
    quote = connections[using].ops.quote_name
    with connections[using].cursor() as cursor:
        for table, trigger in names:
            cursor.execute(f"ALTER TABLE {quote(table)} {verb} TRIGGER {quote(trigger)}")
