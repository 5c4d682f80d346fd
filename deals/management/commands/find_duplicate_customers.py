"""manage.py find_duplicate_customers [--limit N] [--json]: likely doubles in the register, as they are found. Writes nothing."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deals.queries.double import find_doubles

TOLD_EVERY = 20_000


class Command(BaseCommand):
    help = "List customers that may be one, newest first; merge them in the admin. With --json one JSON object per line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=1000, help="Stop after so many pairs (default: 1000).")
        parser.add_argument("--json", action="store_true", help="Print one JSON object per pair.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit must be at least 1.")
        told = looked = 0
        for part in find_doubles():
            looked += part.looked_at
            for double in part.doubles[: options["limit"] - told]:
                told += 1
                found = double.as_json()
                names = f"{double.older.ref} {double.older.name} | {double.newer.ref} {double.newer.name}"
                against = f"; against it: {', '.join(found['against'])}" if found["against"] else ""
                text = f"{found['certainty']:8} {found['score']:.2f} {names}: {', '.join(found['because'])}{against}"
                self.stdout.write(json.dumps(found, ensure_ascii=False) if options["json"] else text)
            if told >= options["limit"]:
                break
            if looked % TOLD_EVERY == 0 and not options["json"]:
                self.stderr.write(f"{looked:,} customers looked at")
        if not options["json"]:
            self.stdout.write(f"{told} pairs among {looked:,} customers.")
