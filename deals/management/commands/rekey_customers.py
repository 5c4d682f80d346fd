"""manage.py rekey_customers [--dry-run] [--json]: search keys of customers and counts of words made anew."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from deals.services.rekey import Rekeyed, rekey_customers
from prm.core.tabular.report import silent

TOLD_EVERY = 20_000


class Command(BaseCommand):
    help = (
        "Make the search keys of customers and the counts of words anew: after a release whose notes say so, or once a year. "
        "People go on working meanwhile; a run that was stopped is simply started again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count what would change and write nothing.")
        parser.add_argument("--json", action="store_true", help="Print the counts as one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        found = rekey_customers(dry_run=dry_run, tell=silent if options["json"] else self._tell)
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(found), "dry_run": dry_run}))
            return
        said = f"{found.customers:,} customers looked at, {told(found)}"
        self.stdout.write(f"Dry run, nothing was written. It would be: {said}" if dry_run else said)

    def _tell(self, step: str, done: int, total: int) -> None:
        if done % TOLD_EVERY == 0 or done == total:
            self.stderr.write(f"{step}: {done:,} of {total:,} customers")


def told(found: Rekeyed) -> str:
    """What changed, in words."""
    if not found.anything:
        return "nothing had to change."
    keys = f"{found.keys_added:,} keys added, {found.keys_removed:,} removed"
    return f"{found.changed:,} changed: {keys}; counts of words put right: {found.words:,}."
