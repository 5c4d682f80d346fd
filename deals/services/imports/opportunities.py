"""The vendor's own pipeline, from its CRM's export: staged by COPY, compared with what is there, merged under identity locks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals.enums import OpportunityState
from deals.services.imports.cells import ProductList, money, state_of, web_domain
from deals.services.imports.staging import IDENTITY, lock_source, report_repeats, resolve_staged
from partners.models import User
from prm.catalog.services import ensure_products
from prm.core import bulk
from prm.core.errors import DomainError
from prm.core.tabular import BadFile, CellError, Column, Table, amount, country, currency, day, email, text, typed_rows
from prm.core.tabular.report import Progress, Report, silent
from prm.record.services import ImportJob, run_import

COLUMNS = (
    Column("external_id", text(100), filled=True),
    Column("customer", text(300), filled=True),
    Column("domain", text(500)),
    Column("country", country),
    Column("city", text(100)),
    Column("registration_number", text(40)),
    Column("products", str, blank=()),
    Column("amount", amount(), blank=None),
    Column("currency", currency),
    Column("stage", text(60)),
    Column("owner", text(150)),
    Column("opened_on", day, blank=None),
    Column("closed_on", day, blank=None),
    Column("last_activity_on", day, optional=True, blank=None),
    Column("owner_email", email, optional=True),
    Column("deal_ref", text(16), optional=True),
    Column("lead_ref", text(16), optional=True),
    Column("street", text(200), optional=True),
    Column("postcode", text(20), optional=True),
    Column("phone", text(40), optional=True),
)
NAMES = tuple(column.name for column in COLUMNS)
OPTIONAL = frozenset(column.name for column in COLUMNS if column.optional)
TYPES = {"amount": "numeric", "opened_on": "date", "closed_on": "date", "last_activity_on": "date", "products": "text[]"}
STORED = {"customer": "customer_name"}  # where the table's column has another name than the file's
MAX_SOURCE = 40
TABLE = "import_opportunities"


def import_opportunities(
    file: str | Path | BinaryIO,
    *,
    source: str = "crm",
    by: User | None = None,
    dry_run: bool = False,
    keep_good: bool = False,
    progress: Progress = silent,
) -> Report:
    """Load the CRM's opportunities; idempotent on (source, external_id), rows that are equal are not touched.

    All or nothing unless `keep_good`. Rows missing from the file stay as they are. Raises BadFile.
    """
    source = text(MAX_SOURCE)(source.strip()) if 0 < len(source.strip()) <= MAX_SOURCE else ""
    if not source:
        raise BadFile(_("Name the source in 1 to %(most)d characters.") % {"most": MAX_SOURCE})
    job = ImportJob("opportunities", source, by, dry_run, keep_good, progress)
    return run_import(file, job, _load)


def _load(table: Table, report: Report, job: ImportJob) -> None:
    columns = [name for name in NAMES if name not in OPTIONAL or name in table.header]
    products = _stage(table, report, job, columns)
    repeats = report_repeats(TABLE, "external_id", "external_id", report.problems)
    job.stop_on_problems(report)
    bulk.run(f"DELETE FROM {TABLE} WHERE bad OR line = ANY(%s)", [repeats])  # noqa: S608
    bulk.run(f"ANALYZE {TABLE}")
    lock_source("opportunities", job.source)
    stored = [STORED.get(name, name) for name in columns if name not in ("external_id", "products")] + ["state"]
    used = {key for (key,) in bulk.rows(f"SELECT DISTINCT unnest(products) FROM {TABLE}")}  # noqa: S608
    ids, new_products = ensure_products({key: products.names[key] for key in used}, by=job.by)
    bulk.temp_table("import_products", "key text PRIMARY KEY, product_id uuid")
    bulk.copy_rows("import_products", ("key", "product_id"), ids.items())
    _plan(stored, job.source)
    identity = [name for name in IDENTITY if name in stored]
    made = resolve_staged(f"{TABLE} JOIN import_plan USING (line)", "resolve", identity, prefix="O", progress=job.progress)
    job.progress("merge", 0, 1)
    _merge(stored, job.source)
    job.progress("merge", 1, 1)
    _tell(report, columns, made, new_products)


def _stage(table: Table, report: Report, job: ImportJob, columns: list[str]) -> ProductList:
    """COPY the rows, typed, into the staging table; of a row in error only its external_id, so that repeats are seen."""
    products = ProductList()
    kept = [STORED.get(name, name) for name in columns]
    types = ", ".join(f"{name} {TYPES.get(name, 'text')}" for name in kept)
    bulk.temp_table(TABLE, f"line int PRIMARY KEY, bad boolean, state text, {types}")
    shape = _shaper(columns, products, report)

    def staged() -> Iterator[tuple[Any, ...]]:
        empty = (None,) * (len(columns) - 1)
        for line, values, good in typed_rows(table, COLUMNS, report.problems):
            report.rows += 1
            job.tell(table, report.rows)
            row = shape(line, values, good) if values else None
            if good and row is not None:
                yield line, False, *row
            elif values and values[0]:
                yield line, True, None, values[0], *empty

    bulk.copy_rows(TABLE, ("line", "bad", "state", *kept), staged())
    job.progress("read", table.size or report.rows, table.size or report.rows)
    return products


def _shaper(
    columns: list[str], products: ProductList, report: Report
) -> Callable[[int, list[Any], bool], tuple[Any, ...] | None]:
    """Checks between the cells of a row; the state first, then the columns in order. None: the row is in error."""
    at = {name: index for index, name in enumerate(NAMES)}
    taken = [at[name] for name in columns]
    problems, warnings = report.problems, report.warnings

    def shape(line: int, values: list[Any], good: bool) -> tuple[Any, ...] | None:
        before = problems.count
        if cell := values[at["domain"]]:
            values[at["domain"]], readable = web_domain(cell)
            if not readable:
                warnings.add(line, "domain", _("This is no web address; it was left out."), cell)
        try:
            keys = products(values[at["products"]]) if values[at["products"]] else ()
        except (CellError, DomainError) as error:
            keys = ()
            problems.add(line, "products", str(error), values[at["products"]])
        values[at["products"]] = bulk.array(keys)
        if good:  # else one of the two may be missing for another reason
            values[at["amount"]] = money(values[at["amount"]], values[at["currency"]], line, problems)
        state = state_of(values[at["stage"]], values[at["closed_on"]])
        return None if problems.count != before else (state, *(values[index] for index in taken))

    return shape


def _plan(stored: list[str], source: str) -> None:
    """What is new, what differs, and where the customer has to be found (again)."""
    identity = [name for name in IDENTITY if name in stored]

    def differs(names: list[str]) -> str:
        return f"({', '.join('s.' + name for name in names)}) IS DISTINCT FROM ({', '.join('o.' + name for name in names)})"

    bulk.run("DROP TABLE IF EXISTS pg_temp.import_plan")
    bulk.run(
        f"""
        CREATE TEMPORARY TABLE import_plan ON COMMIT DROP AS
        SELECT s.line, o.id AS old_id, o.customer_id AS old_customer_id,
               o.id IS NULL OR {differs(identity)} AS resolve,
               o.id IS NULL OR {differs(stored)} AS differs,
               o.id IS NULL OR s.products IS DISTINCT FROM COALESCE(p.keys, '{{}}') AS other_products
        FROM {TABLE} AS s
        LEFT JOIN deals_opportunity AS o ON o.source = %s AND o.external_id = s.external_id
        LEFT JOIN LATERAL (
            SELECT array_agg(c.key::text ORDER BY c.key COLLATE "C") AS keys
            FROM deals_opportunityproduct AS op JOIN catalog_product AS c ON c.id = op.product_id
            WHERE op.opportunity_id = o.id
        ) AS p ON true
        """,  # noqa: S608 - names from code
        [source],
    )
    bulk.run("DELETE FROM import_plan WHERE NOT (differs OR other_products)")
    bulk.run("ALTER TABLE import_plan ADD PRIMARY KEY (line)")
    bulk.run("ANALYZE import_plan")


def _merge(stored: list[str], source: str) -> None:
    """Insert what is new, update what differs, replace product lists that differ."""
    sets = ", ".join(f"{name} = excluded.{name}" for name in ("customer_id", *stored))
    both = [", ".join(f"{row}.{name}" for name in ("customer_id", *stored)) for row in ("o", "excluded")]
    blanks = [name for name in sorted(OPTIONAL) if name not in stored and name not in TYPES]
    bulk.run(
        f"""
        INSERT INTO deals_opportunity AS o
            (id, created_at, ref, source, external_id, customer_id, {", ".join([*stored, *blanks])})
        SELECT COALESCE(p.old_id, r.id), %(now)s, COALESCE(r.ref, ''), %(source)s, s.external_id,
               COALESCE(r.customer_id, p.old_customer_id),
               {", ".join([*("s." + name for name in stored), *("''" for _ in blanks)])}
        FROM {TABLE} AS s JOIN import_plan AS p USING (line) LEFT JOIN import_rows AS r USING (line)
        WHERE p.differs ORDER BY s.line
        ON CONFLICT (source, external_id) DO UPDATE SET {sets} WHERE ({both[0]}) IS DISTINCT FROM ({both[1]})
        """,  # noqa: S608 - names from code
        {"now": timezone.now(), "source": source},
    )
    bulk.run(
        "DELETE FROM deals_opportunityproduct WHERE opportunity_id IN "
        "(SELECT old_id FROM import_plan WHERE other_products AND old_id IS NOT NULL)"
    )
    bulk.run(
        f"INSERT INTO deals_opportunityproduct (opportunity_id, product_id) SELECT COALESCE(p.old_id, r.id), i.product_id "  # noqa: S608
        f"FROM {TABLE} AS s JOIN import_plan AS p USING (line) LEFT JOIN import_rows AS r USING (line) "
        "CROSS JOIN unnest(s.products) AS k(key) JOIN import_products AS i USING (key) WHERE p.other_products ORDER BY s.line"
    )


def _tell(report: Report, columns: list[str], made: int, new_products: list[str]) -> None:
    """Counts and notes."""
    [(staged, open_rows, undated)] = bulk.rows(
        f"SELECT count(*), count(*) FILTER (WHERE state = %s), count(*) FILTER (WHERE state = %s AND "  # noqa: S608
        f"{'last_activity_on IS NULL' if 'last_activity_on' in columns else 'true'}) FROM {TABLE}",
        [OpportunityState.OPEN, OpportunityState.OPEN],
    )
    [(created, updated)] = bulk.rows(
        "SELECT count(*) FILTER (WHERE old_id IS NULL), count(*) FILTER (WHERE old_id IS NOT NULL) FROM import_plan"
    )
    report.created, report.updated, report.unchanged = created, updated, staged - created - updated
    report.facts = {
        "new_customers": made,
        "new_products": new_products,
        "open_rows": open_rows,
        "open_counted_as_active": undated,
    }
    if "last_activity_on" not in columns:
        report.notes.append(
            _("The file has no column last_activity_on: every open row counts as active (%(count)d).") % {"count": undated}
        )
    elif undated:
        message = ngettext(
            "%(count)d open row has no day of last activity and counts as active.",
            "%(count)d open rows have no day of last activity and count as active.",
            undated,
        )
        report.notes.append(message % {"count": undated})
    if new_products:
        report.notes.append(_new_products_said(new_products, report.dry_run))


def _new_products_said(names: list[str], dry_run: bool) -> str:
    told = {"count": len(names), "names": ", ".join(names[:10])}
    if dry_run:
        would = ngettext(
            "%(count)d product is unknown and would be added to the catalogue, not yet reviewed: %(names)s.",
            "%(count)d products are unknown and would be added to the catalogue, not yet reviewed: %(names)s.",
            len(names),
        )
        return would % told
    did = ngettext(
        "%(count)d product was unknown and is now in the catalogue, not yet reviewed: %(names)s.",
        "%(count)d products were unknown and are now in the catalogue, not yet reviewed: %(names)s.",
        len(names),
    )
    return did % told
