"""Booked order lines from the ERP or a distributor's point-of-sale file; returns are negative."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals.services.imports.cells import ProductList, money, web_domain
from deals.services.imports.staging import lock_source, report_repeats, resolve_staged
from deals.services.sale import book_matching_deals, value_sales
from partners.models import Partner, User
from prm.catalog.services import ensure_products
from prm.core import bulk
from prm.core.errors import DomainError
from prm.core.identifiers import uuid7
from prm.core.tabular import CellError, Column, Table, amount, currency, day, text, typed_rows
from prm.core.tabular.report import Progress, Report, silent
from prm.record.services import ImportJob, run_import

COLUMNS = (
    Column("source", text(40), filled=True),
    Column("order_ref", text(64), filled=True),
    Column("line", text(16), filled=True),
    Column("partner_ref", text(64), filled=True),
    Column("distributor_ref", text(64)),
    Column("customer", text(300)),
    Column("domain", text(500)),
    Column("product", text(100)),
    Column("ordered_on", day, filled=True, blank=None),
    Column("term_ends_on", day, blank=None),
    Column("net_amount", amount(negative=True), filled=True, blank=None),
    Column("currency", currency, filled=True),
    Column("deal_ref", text(16)),
)
SLACK = timedelta(days=2)  # where the file comes from it may be tomorrow already
KEY = "source, order_ref, order_line"
STAGED = (
    "line int PRIMARY KEY, bad boolean, source text, order_ref text, order_line text, partner_id uuid, distributor_id uuid, "
    "customer_name text, domain text, product_key text, ordered_on date, term_ends_on date, net_amount numeric, currency text, "
    "deal_ref text"
)
NAMES = (
    "line", "bad", "source", "order_ref", "order_line", "partner_id", "distributor_id", "customer_name", "domain", "product_key",
    "ordered_on", "term_ends_on", "net_amount", "currency", "deal_ref",
)  # fmt: skip
PLAIN = ("partner_id", "distributor_id", "customer_name", "domain", "ordered_on", "term_ends_on", "net_amount", "currency")
TABLE = "import_sales"
PLAN = f"""
CREATE TEMPORARY TABLE import_plan ON COMMIT DROP AS
SELECT s.line, o.id AS old_id, o.customer_id AS old_customer_id, i.product_id, d.id AS deal_id, d.customer_id AS deal_customer_id,
       s.customer_name <> '' AND d.customer_id IS NULL
           AND (o.id IS NULL OR (s.customer_name, s.domain) IS DISTINCT FROM (o.customer_name, o.domain)) AS resolve,
       ({", ".join("s." + name for name in PLAIN)}, i.product_id, COALESCE(d.id, o.deal_id))
           IS DISTINCT FROM ({", ".join("o." + name for name in PLAIN)}, o.product_id, o.deal_id) OR o.id IS NULL AS differs
FROM {TABLE} AS s
LEFT JOIN deals_sale AS o ON (o.source, o.order_ref, o.line) = (s.source, s.order_ref, s.order_line)
LEFT JOIN import_products AS i ON i.key = s.product_key
LEFT JOIN deals_deal AS d ON d.ref = s.deal_ref AND EXISTS (
    SELECT FROM deals_participant AS p WHERE p.deal_id = d.id AND p.partner_id IN (s.partner_id, s.distributor_id))
"""  # noqa: S608 - names from code
UPDATED = (*PLAIN, "product_id", "customer_id")
MERGE = f"""
INSERT INTO deals_sale AS o
    (id, created_at, source, order_ref, line, {", ".join(PLAIN)}, product_id, deal_id, customer_id)
SELECT COALESCE(p.old_id, r.id, n.id), %(now)s, s.source, s.order_ref, s.order_line, {", ".join("s." + name for name in PLAIN)},
       p.product_id, p.deal_id,
       CASE WHEN s.customer_name = '' THEN p.deal_customer_id
            ELSE COALESCE(p.deal_customer_id, r.customer_id, p.old_customer_id) END
FROM {TABLE} AS s
JOIN import_plan AS p USING (line) LEFT JOIN import_rows AS r USING (line) LEFT JOIN import_ids AS n USING (line)
WHERE p.differs ORDER BY s.line
ON CONFLICT (source, order_ref, line) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in UPDATED)},
    deal_id = COALESCE(excluded.deal_id, o.deal_id),
    reporting_amount = CASE WHEN {{same}} THEN o.reporting_amount END,
    reporting_rate = CASE WHEN {{same}} THEN o.reporting_rate END
""".replace(  # noqa: S608 - names from code
    "{same}", "(o.net_amount, o.currency, o.ordered_on) = (excluded.net_amount, excluded.currency, excluded.ordered_on)"
)


def import_sales(
    file: str | Path | BinaryIO,
    *,
    by: User | None = None,
    dry_run: bool = False,
    keep_good: bool = False,
    progress: Progress = silent,
) -> Report:
    """Load order lines; idempotent on (source, order_ref, line). Values them, and books the won deals they match.

    A deal_ref that names no deal of these partners is a warning. Raises BadFile.
    """
    return run_import(file, ImportJob("sales", "", by, dry_run, keep_good, progress), _load)


def _load(table: Table, report: Report, job: ImportJob) -> None:
    products = _stage(table, report, job)
    repeats = report_repeats(TABLE, KEY, "line", report.problems)
    job.stop_on_problems(report)
    bulk.run(f"DELETE FROM {TABLE} WHERE bad OR line = ANY(%s)", [repeats])  # noqa: S608
    bulk.run(f"ANALYZE {TABLE}")
    lock_source("sales", "")
    used = {key for (key,) in bulk.rows(f"SELECT DISTINCT product_key FROM {TABLE} WHERE product_key <> ''")}  # noqa: S608
    ids, new_products = ensure_products({key: products.names[key] for key in used}, by=job.by)
    bulk.temp_table("import_products", "key text PRIMARY KEY, product_id uuid")
    bulk.copy_rows("import_products", ("key", "product_id"), ids.items())
    bulk.run("DROP TABLE IF EXISTS pg_temp.import_plan")
    bulk.run(PLAN)
    _warn_about_deals(report)
    bulk.run("DELETE FROM import_plan WHERE NOT differs")
    bulk.run("ALTER TABLE import_plan ADD PRIMARY KEY (line)")
    joined = f"{TABLE} JOIN import_plan USING (line)"
    made = resolve_staged(joined, "resolve", ("customer_name", "domain"), prefix="", progress=job.progress)
    _new_ids()
    bulk.run(MERGE, {"now": timezone.now()})
    value_sales()
    booked = book_matching_deals()
    _tell(report, made, new_products, booked)


def _stage(table: Table, report: Report, job: ImportJob) -> ProductList:
    products = ProductList()
    partners = _partner_ids()
    bulk.temp_table(TABLE, STAGED)

    def staged() -> Iterator[tuple[Any, ...]]:
        for line, values, good in typed_rows(table, COLUMNS, report.problems):
            report.rows += 1
            job.tell(table, report.rows)
            before = report.problems.count
            row = _row(line, values, partners, products, report) if values else ()
            if good and report.problems.count == before:
                yield line, False, *row
            elif values and all(values[:3]):
                yield line, True, *values[:3], *(None,) * (len(NAMES) - 5)

    bulk.copy_rows(TABLE, NAMES, staged())
    job.progress("read", table.size or report.rows, table.size or report.rows)
    return products


def _row(line: int, values: list[Any], partners: dict[str, Any], products: ProductList, report: Report) -> tuple[Any, ...]:
    source, order, number, partner, distributor, customer, domain, product, ordered, ends, net, code, deal = values
    if domain:
        typed = domain
        domain, readable = web_domain(typed)
        if not readable:
            report.warnings.add(line, "domain", _("This is no web address; it was left out."), typed)
    _check_days(line, ordered, ends, report)
    for column, ref in (("partner_ref", partner), ("distributor_ref", distributor)):
        if ref and ref not in partners:
            report.problems.add(line, column, _("There is no partner with this reference."), ref)
    try:
        keys = products(product) if product else ()
        if len(keys) > 1:
            report.problems.add(line, "product", _("A sale has one product. Please put each on a line of its own."), product)
    except (CellError, DomainError) as error:
        keys = ()
        report.problems.add(line, "product", str(error), product)
    net = money(net, code, line, report.problems, "net_amount") if code else net
    buyers = (partners.get(partner), partners.get(distributor))
    return source, order, number, *buyers, customer, domain, keys[0] if keys else "", ordered, ends, net, code, deal


def _check_days(line: int, ordered: date | None, ends: date | None, report: Report) -> None:
    if ordered and ordered > timezone.localdate() + SLACK:
        report.problems.add(line, "ordered_on", _("An order cannot lie in the future."), ordered)
    if ordered and ends and ends < ordered:
        report.problems.add(line, "term_ends_on", _("The term cannot end before the order."), ends)


def _partner_ids() -> dict[str, Any]:
    """Ids by our ref and by the ERP's; ours wins."""
    rows = list(Partner.objects.values_list("ref", "external_ref", "id"))
    return {external: key for _, external, key in rows if external} | {ref: key for ref, _, key in rows}


def _warn_about_deals(report: Report) -> None:
    lost = bulk.rows(
        f"SELECT s.line, s.deal_ref FROM {TABLE} AS s JOIN import_plan AS p USING (line) "  # noqa: S608
        "WHERE s.deal_ref <> '' AND p.deal_id IS NULL ORDER BY s.line LIMIT 10000"
    )
    for line, ref in lost:
        report.warnings.add(
            line, "deal_ref", _("These partners have no deal with this reference; the sale is loaded without it."), ref
        )


def _new_ids() -> None:
    """Ids of new rows whose customer needed no search."""
    bulk.temp_table("import_ids", "line int PRIMARY KEY, id uuid")
    lines = bulk.rows(
        "SELECT p.line FROM import_plan AS p LEFT JOIN import_rows AS r USING (line) WHERE p.old_id IS NULL AND r.id IS NULL"
    )
    bulk.copy_rows("import_ids", ("line", "id"), ((line, uuid7()) for (line,) in lines))


def _tell(report: Report, made: int, new_products: list[str], booked: list[str]) -> None:
    [(staged, unvalued)] = bulk.rows(
        f"SELECT count(*), count(*) FILTER (WHERE o.reporting_amount IS NULL) FROM {TABLE} AS s "  # noqa: S608
        "JOIN deals_sale AS o ON (o.source, o.order_ref, o.line) = (s.source, s.order_ref, s.order_line)"
    )
    [(created, updated)] = bulk.rows(
        "SELECT count(*) FILTER (WHERE old_id IS NULL), count(*) FILTER (WHERE old_id IS NOT NULL) FROM import_plan"
    )
    report.created, report.updated, report.unchanged = created, updated, staged - created - updated
    report.facts = {"new_customers": made, "new_products": new_products, "without_rate": unvalued, "booked_deals": booked}
    if unvalued:
        message = ngettext(
            "%(count)d sale has no stored rate within seven days before its order date and counts nowhere until it has.",
            "%(count)d sales have no stored rate within seven days before their order date and count nowhere until they have.",
            unvalued,
        )
        report.notes.append(message % {"count": unvalued})
    if booked:
        message = ngettext("%(count)d won deal was booked: %(refs)s.", "%(count)d won deals were booked: %(refs)s.", len(booked))
        report.notes.append(message % {"count": len(booked), "refs": ", ".join(booked[:10])})
