"""manage.py bench pages|imports|duplicates|mail: one JSON object with what was measured and its floor in the same run."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from prm.ops.bench import duplicates, imports, mail, pages


class Command(BaseCommand):
    help = "Measure a hot path against its floor, in databases of its own on the same server; prints one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        kind = kinds.add_parser("pages", help="lists and details as members and staff see them")
        kind.add_argument("--deals", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
        kind.add_argument("--rounds", type=int, default=40)
        kind = kinds.add_parser("imports", help="the CRM import against a bare COPY of the same file")
        kind.add_argument("--rows", type=int, default=100_000)
        kind = kinds.add_parser("duplicates", help="the whole duplicate check beside its floor, its rivals and its quality")
        kind.add_argument("--opportunities", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
        kind.add_argument("--queries", type=int, default=600, help="timed, per size")
        kind.add_argument("--recall", type=int, default=6000, help="questions for the recall of the candidates, per size")
        kind.add_argument("--trigrams", type=int, default=20, help="questions put to pg_trgm, which is slow")
        kind.add_argument("--names", default="", help="folder of known names with known truth, for quality figures")
        kind = kinds.add_parser("mail", help="our delivery against a bare SMTP loop")
        kind.add_argument("--mails", type=int, default=500)

    def handle(self, *args: Any, **options: Any) -> None:
        run = {
            "pages": lambda: pages.run(options["deals"], options["rounds"], self._tell),
            "imports": lambda: imports.run(options["rows"], self._tell),
            "duplicates": lambda: duplicates.run(options["opportunities"], self._duplicates(options), self._tell),
            "mail": lambda: mail.run(options["mails"], self._tell),
        }[options["kind"]]
        self.stdout.write(json.dumps(run(), indent=1, ensure_ascii=False))

    def _duplicates(self, options: dict[str, Any]) -> duplicates.Options:
        return duplicates.Options(options["queries"], options["recall"], options["trigrams"], options["names"])

    def _tell(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()
