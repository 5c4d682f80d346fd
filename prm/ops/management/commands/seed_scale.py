"""manage.py seed_scale --deals 1000000: an empty database becomes as full as a large vendor's, for measuring by hand."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prm.core.errors import DomainError
from prm.ops.scale.load import load


class Command(BaseCommand):
    help = "Fill an empty, migrated database with 2,000 partners and so many deals and opportunities (not for the demo's data)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--deals", type=int, required=True, help="10000 to 1000000")
        parser.add_argument("--opportunities", type=int, default=0, help="the vendor's own pipeline, up to 1000000")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["deals"] < 0 or options["opportunities"] < 0:
            raise CommandError("Name a number that is not negative.")
        start = time.monotonic()

        def tell(text: str) -> None:
            self.stdout.write(f"  {time.monotonic() - start:6.1f} s  {text}")
            self.stdout.flush()

        try:
            network = load(options["deals"], options["opportunities"], tell)
        except DomainError as error:
            raise CommandError(str(error))
        for role, user in network.people.items():
            self.stdout.write(f"  {role}: {user.email}")
