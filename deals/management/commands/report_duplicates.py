"""manage.py report_duplicates [--json]: how well the duplicate engine agrees with people."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from deals.models import IdentityVerdict
from deals.reports import Agreement, verdict_report

HEAD = ("month", "judged", "certain =", "certain x", "likely =", "likely x", "unlikely =", "unlikely x", "precision", "recall")


class Command(BaseCommand):
    help = "Precision and recall of the duplicate engine on the pairs that people judged, month by month (=: same, x: not)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verdict_report()
        if options["json"]:
            found = {
                "total": report.total.as_json(),
                "months": [row.as_json() for row in report.months],
                "disagreements": [_as_json(row) for row in report.disagreements],
            }
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        if not report.months:
            self.stdout.write("Nobody has judged a pair yet.")
            return
        for cells in (HEAD, *map(_cells, [*report.months, report.total])):
            self.stdout.write("  ".join(f"{cell:>10}" for cell in cells))
        for row in report.disagreements:
            self.stdout.write(f"{row.at:%Y-%m-%d}  {row.certainty} but {row.verdict}: {row.asked['name']} | {row.known['name']}")


def _cells(row: Agreement) -> list[str]:
    values = list(row.as_json().values())
    return [values[0] or "all", *("-" if value is None else str(value) for value in values[1:])]


def _as_json(row: IdentityVerdict) -> dict[str, Any]:
    facts = {"asked": row.asked, "known": row.known, "score": str(row.score), "rule": row.rule, "engine": row.engine_version}
    return {"ref": row.ref, "at": row.at.isoformat(), "certainty": row.certainty, "verdict": row.verdict, **facts}
