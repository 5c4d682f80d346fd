"""manage.py export_protections: the live protections as CSV for the CRM, written as they are read."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deals.queries.protection import COLUMNS, live_protections
from prm.web.export import safe_cell

BAD_FILE = 2


class Command(BaseCommand):
    help = "Write all live protections as CSV, with the opportunities they match, for the CRM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", metavar="FILE", help="The file to write at once when all is read (default: print).")
        parser.add_argument("--source", default="", metavar="NAME", help="Only external_ids of this CRM (default: all).")
        parser.add_argument("--json", action="store_true", help="Print the counts as one JSON object; needs --output.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["output"]:
            if options["json"]:
                raise CommandError("--json needs --output: the counts and the list cannot share one stream.")
            self._write(self.stdout._out, options["source"])  # type: ignore[attr-defined]
            return
        try:
            counts = self._write_file(Path(options["output"]), options["source"])
        except OSError as error:
            self.stderr.write(self.style.ERROR(f"{options['output']}: {error.strerror or error}"))
            sys.exit(BAD_FILE)
        told = f"{counts['protections']} protections, {counts['matched']} beside an opportunity"
        self.stdout.write(json.dumps(counts) if options["json"] else told)

    def _write_file(self, target: Path, source: str) -> dict[str, int]:
        """Into a file beside the target that takes its place when all is written: nothing half-written."""
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                counts = self._write(file, source)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
        return counts

    def _write(self, file: TextIO, source: str) -> dict[str, int]:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        counts = {"protections": 0, "matched": 0}
        for row in live_protections(source):
            writer.writerow([safe_cell(row[name]) for name in COLUMNS])
            counts["protections"] += 1
            counts["matched"] += bool(row["external_ids"])
        return counts
