"""manage.py check_invariants: one line for each rule that does not hold; exit code 1 when there is any."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from prm.ops import invariants


class Command(BaseCommand):
    help = "Check what must hold between the rows: statuses, protections, clocks, mirrors, money, events, keys, grants."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found = invariants.problems()
        if options["json"]:
            self.stdout.write(json.dumps({"rules": len(invariants.RULES), "problems": [asdict(p) for p in found]}, indent=2))
        else:
            for problem in found:
                self.stdout.write(str(problem))
            if not found:
                self.stdout.write(f"All {len(invariants.RULES)} rules hold.")
        if found:
            sys.exit(1)
