"""Writing products and exchange rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from prm.audit import services as audit
from prm.catalog.models import Product, ProductFamily
from prm.catalog.queries import product_key, products_by_key
from prm.core import bulk
from prm.core.errors import DomainError
from prm.core.identifiers import uuid7
from prm.core.tabular import CellError, Column, Table, currency, day, text, typed_rows
from prm.core.tabular.cells import decimal
from prm.core.tabular.report import Progress, Report, silent
from prm.core.text import clean_text
from prm.record.services import ImportJob, run_import

MAX_RATE = 10**9


@transaction.atomic
def ensure_products(names: Mapping[str, str], *, by: Any = None) -> tuple[dict[str, UUID], list[str]]:
    """Product ids by key for these (key → name as written); unknown ones are made, unreviewed, and their names returned.

    Records catalog.product.created_unreviewed for each new product.
    """
    found = products_by_key(names)
    missing = sorted(set(names) - set(found))
    made = [Product(key=key, name=names[key][:100], reviewed=False) for key in missing]
    Product.objects.bulk_create(made, batch_size=2000, ignore_conflicts=True)
    found = products_by_key(names) if made else found
    new = [product for product in made if found[product.key] == product.pk]
    audit.record_many([{"event": "catalog.product.created_unreviewed", "obj": product, "by": by} for product in new])
    return found, [product.name for product in new]


def rate(cell: str) -> str:
    """Reporting units per unit of the currency."""
    value = decimal(cell)
    if not 0 < value < MAX_RATE:
        raise CellError(_("A rate must be more than zero."))
    if value != round(value, 9):
        raise CellError(_("A rate has 9 decimal places at most."))
    return str(value)


RATE_COLUMNS = (
    Column("date", day, filled=True, blank=None),
    Column("currency", currency, filled=True),
    Column("rate", rate, filled=True, blank=None),
    Column("source", text(60), filled=True),
)
TAKE_RATES = """
INSERT INTO catalog_rate AS r (id, created_at, day, currency, rate, source)
SELECT id, %(now)s, day, currency, rate, source FROM import_rates ORDER BY line
ON CONFLICT (day, currency) DO UPDATE SET rate = excluded.rate, source = excluded.source
WHERE (r.rate, r.source) IS DISTINCT FROM (excluded.rate, excluded.source)
RETURNING (xmax = 0)
"""


def import_rates(
    file: str | Path | BinaryIO,
    *,
    by: Any = None,
    dry_run: bool = False,
    keep_good: bool = False,
    progress: Progress = silent,
    then: Callable[[Report], None] | None = None,
) -> Report:
    """Load `date,currency,rate,source`: units of the reporting currency per unit of `currency`. One rate per day and currency;
    a changed rate replaces the old one, amounts already converted keep theirs. `then` is what the caller does with the new
    rates, in the same transaction. Raises BadFile."""
    job = ImportJob("rates", by=by, dry_run=dry_run, keep_good=keep_good, progress=progress)

    def load(table: Table, report: Report, job: ImportJob) -> None:
        _load_rates(table, report, job)
        if then:
            then(report)

    return run_import(file, job, load)


def _load_rates(table: Table, report: Report, job: ImportJob) -> None:
    bulk.temp_table("import_rates", "line int, id uuid, day date, currency text, rate numeric, source text")
    seen: dict[tuple[Any, str], int] = {}

    def good_rows() -> Any:
        for line, values, good in typed_rows(table, RATE_COLUMNS, report.problems):
            report.rows += 1
            job.tell(table, report.rows)
            if not good:
                continue
            key = (values[0], values[1])
            if values[1] == settings.REPORTING_CURRENCY and Decimal(values[2]) != 1:
                report.problems.add(line, "rate", _("The rate of the reporting currency itself is 1."), values[2])
            elif key in seen:
                report.problems.add(
                    line, "date", _("This day and currency stand on line %(line)d already.") % {"line": seen[key]}
                )
            else:
                seen[key] = line
                yield line, uuid7(), *values

    staged = bulk.copy_rows("import_rates", ("line", "id", "day", "currency", "rate", "source"), good_rows())
    job.stop_on_problems(report)
    made = bulk.rows(TAKE_RATES, {"now": timezone.now()})
    report.created = sum(new for (new,) in made)
    report.updated = len(made) - report.created
    report.unchanged = staged - len(made)


@transaction.atomic
def review_product(product: Product, *, by: Any, name: str, family: ProductFamily | None = None, active: bool = True) -> Product:
    """A person has looked at a product that an import created: its name, family, and whether it is offered.

    Records catalog.product.reviewed. Raises DomainError when the new name is another product's.
    """
    name = clean_text(name, 100, required=True, field="name")
    key = product_key(name)
    row = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    if not key or Product.objects.filter(key=key).exclude(pk=row.pk).exists():
        raise DomainError(_("Another product has this name."), field="name")
    # The key stays what the files say, so that the next import finds it again; only the shown name changes.
    Product.objects.filter(pk=row.pk).update(name=name, family=family, active=active, reviewed=True)
    product.refresh_from_db()
    audit.record("catalog.product.reviewed", product, by=by, internal=True)
    return product
