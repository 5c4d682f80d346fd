"""Earlier states of a row, kept by the database itself: `@history.track("status", "amount")` on the model.

A change stores the row as it stood before, a deletion the row as it was; nothing is stored on insert, since the present row says
that. So a million imported rows cost nothing. Names, addresses and free text never get in: personal data has one home.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.db import models

BARE: dict[str, Any] = {
    "on_delete": models.DO_NOTHING,
    "null": True,
    "db_constraint": False,
    "db_index": False,
    "related_name": "+",
}
Model = TypeVar("Model", bound=type[models.Model])


def track(*fields: str, deletes: bool = True) -> Callable[[Model], Model]:
    """Keep these fields' earlier values in an append-only table beside the model (`model.events`).

    One insert per statement, whatever its number of rows, and none for rows of which none of the fields changed.
    """
    trackers: list[Any] = [pghistory.UpdateEvent("changed", row=pghistory.Old)]
    if deletes:
        trackers.append(pghistory.DeleteEvent("removed", row=pghistory.Old))

    def wrap(model: Model) -> Model:
        tracked: Model = pghistory.track(
            *trackers,
            fields=list(fields),
            model_name=f"{model.__name__}Event",
            obj_field=pghistory.ObjForeignKey(related_name="events"),
            context_field=None,  # type: ignore[arg-type] # None: who did it stands in the audit
            append_only=True,
            level=pgtrigger.Statement,
            attrs={"pgh_id": models.BigAutoField(primary_key=True), **_bare_keys(model, fields)},
        )(model)
        return tracked

    return wrap


def _bare_keys(model: type[models.Model], fields: Iterable[str]) -> dict[str, Any]:
    """Foreign keys without index or constraint: they are read with their row only, and outlive what they point at."""
    found = (model._meta.get_field(name) for name in fields)
    return {
        field.name: models.ForeignKey(field.remote_field.model, **BARE) for field in found if isinstance(field, models.ForeignKey)
    }
