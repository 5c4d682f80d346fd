"""Exchange rates from a file, and the amounts that waited for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import ngettext

from deals.services.sale import value_deals, value_sales
from prm.catalog import services as catalog
from prm.core.tabular.report import Progress, Report, silent


def import_rates(
    file: str | Path | BinaryIO,
    *,
    by: Any = None,
    dry_run: bool = False,
    keep_good: bool = False,
    progress: Progress = silent,
) -> Report:
    """Load `date,currency,rate,source`, then give sales and deals that had no rate their value in the reporting currency.

    `facts["sales_valued"]` and `facts["deals_valued"]` say how many. Values once given stay. Raises BadFile.
    """
    return catalog.import_rates(file, by=by, dry_run=dry_run, keep_good=keep_good, progress=progress, then=_fill)


def _fill(report: Report) -> None:
    sales, deals = value_sales(), value_deals()
    report.facts |= {"sales_valued": sales, "deals_valued": deals}
    if sales:
        text = ngettext(
            "%(count)d sale that had no rate has its value now.", "%(count)d sales that had no rate have their value now.", sales
        )
        report.notes.append(text % {"count": sales})
    if deals:
        text = ngettext(
            "%(count)d deal that had no rate has its value now.", "%(count)d deals that had no rate have their value now.", deals
        )
        report.notes.append(text % {"count": deals})
