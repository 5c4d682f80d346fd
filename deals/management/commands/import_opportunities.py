"""manage.py import_opportunities FILE [--source NAME] [--dry-run] [--keep-good] [--json]"""

from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandParser

from deals.services.imports import import_opportunities
from prm.core.tabular.command import ImportCommand
from prm.core.tabular.report import Report


class Command(ImportCommand):
    help = "Load the vendor's opportunities as its CRM exports them; idempotent on (source, external_id)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--source", default="crm", help="Name of the CRM; ids are unique within it (default: crm).")

    def load(self, file: str, options: dict[str, Any], progress: Callable[[str, int, int], None]) -> Report:
        return import_opportunities(
            file, source=options["source"], dry_run=options["dry_run"], keep_good=options["keep_good"], progress=progress
        )
