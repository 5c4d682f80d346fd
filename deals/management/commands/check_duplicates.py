"""manage.py check_duplicates IN.csv --output OUT.csv: the duplicate check for a list. Writes nothing to the database."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.queries.bulk_check import OUT, Doubts, check_file
from prm.core.errors import DomainError
from prm.core.tabular.command import SHOWN, say

BAD_FILE = 2
TOLD_EVERY = 1000


class Command(BaseCommand):
    help = "Check a list of companies against the register. In: ref,company,domain,country,city,registration_number,products."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="IN.csv")
        parser.add_argument("--output", required=True, metavar="OUT.csv")
        parser.add_argument("--json", action="store_true", help="Print the counts as one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        doubts = Doubts()
        try:
            counts = self._write(options["file"], Path(options["output"]), doubts, quiet=options["json"])
        except (DomainError, OSError) as error:
            self.stderr.write(self.style.ERROR(str(error)))
            sys.exit(BAD_FILE)
        if options["json"]:
            told = {"warnings": [one.as_dict(with_value=True) for one in doubts.found.kept], "warning_count": doubts.found.count}
            self.stdout.write(json.dumps({**counts, **told}, ensure_ascii=False))
            return
        for one in doubts.found.kept[:SHOWN]:
            self.stderr.write(self.style.WARNING(_("Warning: %(what)s") % {"what": say(one)}))
        if doubts.found.count > SHOWN:
            self.stderr.write(_("… and %(count)d more warnings.") % {"count": doubts.found.count - SHOWN})
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())))

    def _write(self, source: str, target: Path, doubts: Doubts, *, quiet: bool) -> dict[str, int]:
        """Into a file beside the target that takes its place when all is written: nothing half-written."""
        if not target.absolute().parent.is_dir():
            where = {"folder": target.absolute().parent, "name": target.name}
            raise DomainError(_("There is no folder %(folder)s to write %(name)s to.") % where)
        rows = check_file(source, timezone.now(), doubts)
        counts: Counter[str] = Counter()
        handle, name = tempfile.mkstemp(dir=target.parent or Path(), prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(OUT)
                for number, row in enumerate(rows, start=1):
                    writer.writerow(row.cells())
                    counts[row.outcome] += 1
                    if number % TOLD_EVERY == 0 and not quiet:
                        self.stderr.write(f"{number} checked")
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
        return {"rows": sum(counts.values()), **{str(outcome): count for outcome, count in counts.items()}}
