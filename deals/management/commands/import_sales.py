"""manage.py import_sales FILE [--dry-run] [--keep-good] [--json]"""

from collections.abc import Callable
from typing import Any

from deals.services.imports import import_sales
from prm.core.tabular.command import ImportCommand
from prm.core.tabular.report import Report


class Command(ImportCommand):
    help = "Load booked order lines; idempotent on (source, order_ref, line). Won deals that a sale matches are booked."

    def load(self, file: str, options: dict[str, Any], progress: Callable[[str, int, int], None]) -> Report:
        return import_sales(file, dry_run=options["dry_run"], keep_good=options["keep_good"], progress=progress)
