"""manage.py check_duplicates IN.csv --output OUT.csv: the duplicate check for a list. Writes nothing to the database."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from secrets import token_hex
from typing import Any, NoReturn, TextIO

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.queries.bulk_check import EXTRA, NEEDED, NOT_READ, OUT, Doubts, check_file
from prm.core.errors import DomainError
from prm.core.tabular.command import BAD_FILE, PARTLY, SHOWN, say

TOLD_EVERY = 1000


class Command(BaseCommand):
    """Exit codes: 0 all rows checked, 2 the file or call is wrong and nothing written, 3 written, but rows are in error."""

    help = (
        f"Check a list of companies against the register, as a registration would be. Columns in: {', '.join(NEEDED)}; these may "
        f"be missing: {', '.join(EXTRA)}. Several products stand with | between. Columns out, a row for each row in, in the same "
        f"order: {', '.join(OUT)}. Outcomes: clear (nothing in the way), waiting (another registration of this customer is not "
        "decided yet), review (a person would have to look), decline (it would be declined, for what stands in matched_ref), "
        f"{NOT_READ} (not checked: more cells than the header has columns). What is not understood in a row that is checked is "
        "told as a warning. Exit codes: 0 all rows checked, 2 the file or call is wrong and nothing is written, 3 written, but "
        "rows are in error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="IN.csv", help="CSV (UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab) or XLSX."
        )
        parser.add_argument("--output", required=True, metavar="OUT.csv", help="The file to write at once when all is checked.")
        parser.add_argument("--json", action="store_true", help="Print counts, errors and warnings as one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        doubts, target = Doubts(), Path(options["output"])
        try:
            counts = self._write_file(options["file"], target, doubts, quiet=options["json"])
        except DomainError as error:
            self._stop(str(error))
        except OSError as error:
            self._stop(_("%(file)s cannot be written: %(why)s.") % {"file": target, "why": error.strerror or error})
        if options["json"]:
            self.stdout.write(json.dumps({**counts, **_told(doubts)}, ensure_ascii=False))
        else:
            self._print(counts, doubts)
        if doubts.refused.count:
            sys.exit(PARTLY)

    def _stop(self, message: str) -> NoReturn:
        self.stderr.write(self.style.ERROR(message))
        sys.exit(BAD_FILE)

    def _print(self, counts: dict[str, int], doubts: Doubts) -> None:
        for one in doubts.refused.kept[:SHOWN]:
            self.stderr.write(self.style.ERROR(say(one)))
        if doubts.refused.count > SHOWN:
            left = {"count": doubts.refused.count - SHOWN, "where": _("--json lists them")}
            self.stderr.write(_("… and %(count)d more errors: %(where)s.") % left)
        for one in doubts.found.kept[:SHOWN]:
            self.stderr.write(self.style.WARNING(_("Warning: %(what)s") % {"what": say(one)}))
        if doubts.found.count > SHOWN:
            self.stderr.write(_("… and %(count)d more warnings.") % {"count": doubts.found.count - SHOWN})
        for note in doubts.notes:
            self.stdout.write(note)
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())))

    def _write_file(self, source: str, target: Path, doubts: Doubts, *, quiet: bool) -> dict[str, int]:
        """Into a file beside the target that takes its place when all is written: nothing half-written."""
        if target.is_dir():
            raise DomainError(_("%(name)s is a folder. Name the file to write.") % {"name": target})
        if not target.absolute().parent.is_dir():
            where = {"folder": target.absolute().parent, "name": target.name}
            raise DomainError(_("There is no folder %(folder)s to write %(name)s to.") % where)
        beside = target.with_name(f".{target.name}.{token_hex(4)}")
        try:
            with beside.open("x", encoding="utf-8", newline="") as file:
                counts = self._write(file, source, doubts, quiet=quiet)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        return {"rows": sum(counts.values()), **{str(outcome): count for outcome, count in counts.items()}}

    def _write(self, file: TextIO, source: str, doubts: Doubts, *, quiet: bool) -> Counter[str]:
        counts: Counter[str] = Counter()
        writer = csv.writer(file)
        writer.writerow(OUT)
        for number, row in enumerate(check_file(source, timezone.now(), doubts), start=1):
            writer.writerow(row.cells())
            counts[row.outcome] += 1
            if number % TOLD_EVERY == 0 and not quiet:
                self.stderr.write(f"{number} checked")
        return counts


def _told(doubts: Doubts) -> dict[str, Any]:
    return {
        "errors": [one.as_dict() for one in doubts.refused.kept],
        "error_count": doubts.refused.count,
        "warnings": [one.as_dict() for one in doubts.found.kept],
        "warning_count": doubts.found.count,
        "notes": doubts.notes,
    }
