"""manage.py import_rates FILE [--dry-run] [--keep-good] [--json]"""

from collections.abc import Callable
from typing import Any

from deals.services.imports import import_rates
from prm.core.tabular.command import ImportCommand
from prm.core.tabular.report import Report


class Command(ImportCommand):
    help = (
        "Load daily exchange rates (date,currency,rate,source): units of the reporting currency per unit of the currency. "
        "Sales and deals that had no rate get their value."
    )

    def load(self, file: str, options: dict[str, Any], progress: Callable[[str, int, int], None]) -> Report:
        return import_rates(file, dry_run=options["dry_run"], keep_good=options["keep_good"], progress=progress)
