"""What every import command has in common: options, progress, the printed report, the list of errors, the exit code."""

from __future__ import annotations

import csv
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from prm.core.tabular.problems import BadFile
from prm.core.tabular.report import Report

SHOWN = 20
DATA_ERRORS, BAD_FILE, PARTLY = 1, 2, 3
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class ImportCommand(BaseCommand, ABC):
    """Exit codes: 0 loaded, 1 rows in error and nothing loaded, 2 the file or call is wrong, 3 loaded but for the bad rows."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV (UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab) or XLSX.")
        parser.add_argument("--dry-run", action="store_true", help="Do everything, then undo it; the report is the same.")
        parser.add_argument("--keep-good", action="store_true", help="Load the good rows even when others are in error.")
        parser.add_argument("--json", action="store_true", help="Print the report as one JSON object.")

    @abstractmethod
    def load(self, file: str, options: dict[str, Any], progress: Callable[[str, int, int], None]) -> Report:
        """Call the service."""

    def handle(self, *args: Any, **options: Any) -> None:
        shown = _Shown(self.stderr, quiet=options["json"] or options["verbosity"] == 0)
        try:
            with shown:
                report = self.load(options["file"], options, shown)
        except BadFile as error:
            self._print_bad_file(str(error), options)
            sys.exit(BAD_FILE)
        errors_file = "" if options["json"] else self._write_errors(options["file"], report)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        else:
            self._print(report, errors_file)
        code = {"refused": DATA_ERRORS, "partly": PARTLY}.get(report.outcome, 0)
        if code:
            sys.exit(code)

    def _print_bad_file(self, message: str, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(
                json.dumps({"outcome": "refused", "file": options["file"], "message": message}, ensure_ascii=False, indent=2)
            )
        else:
            self.stderr.write(self.style.ERROR(message))

    def _print(self, report: Report, errors_file: str) -> None:
        problems, warnings = report.problems.in_order(), report.warnings.in_order()
        for problem in problems[:SHOWN]:
            self.stderr.write(self.style.ERROR(say(problem)))
        if len(problems) > SHOWN:
            where = _("all of them in %(file)s") % {"file": errors_file} if errors_file else _("--json lists them")
            self.stderr.write(
                _("… and %(count)d more errors: %(where)s.") % {"count": report.problems.count - SHOWN, "where": where}
            )
        for warning in warnings[:SHOWN]:
            self.stderr.write(self.style.WARNING(_("Warning: %(what)s") % {"what": say(warning)}))
        if len(warnings) > SHOWN:
            self.stderr.write(_("… and %(count)d more warnings.") % {"count": report.warnings.count - SHOWN})
        for note in report.notes:
            self.stdout.write(note)
        self.stdout.write(_result(report))
        if errors_file:
            self.stdout.write(_("All errors: %(file)s") % {"file": errors_file})

    def _write_errors(self, file: str, report: Report) -> str:
        """Next to the file; its name, or nothing where there are no errors or the folder cannot be written."""
        if not report.problems.count:
            return ""
        path = Path(file)
        target = path.with_name(f"{path.stem}.errors.csv")
        try:
            with target.open("w", encoding="utf-8-sig", newline="") as handle:
                writer = csv.writer(handle)
                writer.writerow(["line", "column", "message", "value"])
                for problem in report.problems.in_order():
                    writer.writerow([problem.line, problem.column, problem.message, _plain(problem.value)])
        except OSError as error:
            self.stderr.write(_("The list of errors could not be written: %(why)s.") % {"why": error.strerror or error})
            return ""
        return str(target)


def _plain(value: str) -> str:
    """As no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value


def say(problem: Any) -> str:
    """Line, column, what is wrong, and the cell."""
    place = _("Line %(line)d, %(column)s: %(message)s") % {
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
    return f"{place} [{problem.value}]" if problem.value else place


def _result(report: Report) -> str:
    counts = _("%(created)d created, %(updated)d updated, %(unchanged)d unchanged") % {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
    }
    errors = ngettext("%(count)d row in error", "%(count)d rows in error", report.problems.rows) % {"count": report.problems.rows}
    if report.outcome == "refused":
        return _("Nothing was loaded: %(errors)s of %(rows)d.") % {"errors": errors, "rows": report.rows}
    text = _("%(counts)s, %(errors)s, in %(seconds).1f s.") % {"counts": counts, "errors": errors, "seconds": report.seconds}
    return _("Dry run, nothing was changed. It would be: %(what)s") % {"what": text} if report.dry_run else text


class _Shown:
    """A bar on a terminal; elsewhere a plain line per step and tenth."""

    def __init__(self, out: Any, *, quiet: bool) -> None:
        self.out, self.quiet = out, quiet
        self.bar: Progress | None = None
        self.tasks: dict[str, TaskID] = {}
        self.told: dict[str, int] = {}

    def __enter__(self) -> _Shown:
        if not self.quiet and getattr(self.out, "isatty", lambda: False)():
            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
            self.bar = Progress(*columns, console=Console(stderr=True))
            self.bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.bar:
            self.bar.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        if self.bar:
            if step not in self.tasks:
                self.tasks[step] = self.bar.add_task(step, total=total or None)
            self.bar.update(self.tasks[step], completed=done, total=total or None)
        elif not self.quiet:
            tenth = done * 10 // total if total else done // 10_000
            if tenth > self.told.get(step, -1):
                self.told[step] = tenth
                self.out.write(f"{step}: {done * 100 // total} %" if total else f"{step}: {done}")
