"""manage.py refit_duplicates [--folder FOLDER] [--propose] [--json]: new weights from judged pairs. Changes no check."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from deals.queries.refit import refit
from deals.services.match_model import propose_model
from prm.core.errors import DomainError

NOTHING = 2


class Command(BaseCommand):
    help = "Fit the engine's weights anew and print what would change. A person publishes a proposal in the admin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, help="A folder with records.csv (entity_id,name): known names to learn from.")
        parser.add_argument("--propose", action="store_true", help="Keep the result as a proposal (default: a dry run).")
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = refit(options["folder"])
            row = propose_model(found, by=None) if options["propose"] else None
        except DomainError as error:
            self.stderr.write(self.style.ERROR(str(error)))
            sys.exit(NOTHING)
        if options["json"]:
            self.stdout.write(json.dumps({**found.comparison, "proposed": row.ref if row else None}))
            return
        for label, before, after in lines(found.comparison):
            self.stdout.write(f"{label:28} {before:>12} {after:>12}")
        said = f"Proposed as {row} ({row.ref}); a person publishes it in the admin." if row else "Dry run: nothing was written."
        self.stdout.write(said)


def lines(comparison: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The table of before and after: (label, before, after)."""
    before, after = comparison["before"], comparison["after"]
    names = [name for name in ("version", "likely", "bias", "precision", "recall", "log_loss") if name in before]
    rows = [(name, before[name], after[name]) for name in names]
    rows += [(name, before["weights"].get(name, 0), weight) for name, weight in after["weights"].items()]
    registrar = after.get("registrar", {})
    rows += [(name, before["registrar"][name], value) for name, value in registrar.items()]
    pairs = (f"judged pairs: {comparison['pairs']}", "before", "after")
    return [pairs, *((name, _plain(one), _plain(two)) for name, one, two in rows)]


def _plain(value: Any) -> str:
    return "-" if value is None else str(value)
