"""manage.py import_partners FILE [--dry-run] [--keep-good] [--json]"""

from collections.abc import Callable
from typing import Any

from partners.services.imports import import_partners
from prm.core.tabular.command import ImportCommand
from prm.core.tabular.report import Report


class Command(ImportCommand):
    help = "Load partners (external_ref,name,type and what else is known of them); idempotent on external_ref."

    def load(self, file: str, options: dict[str, Any], progress: Callable[[str, int, int], None]) -> Report:
        return import_partners(file, dry_run=options["dry_run"], keep_good=options["keep_good"], progress=progress)
