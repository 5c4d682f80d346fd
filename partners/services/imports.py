"""Partners from the ERP's list, in bulk: rows, role groups, managers, distributors, parents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import available_timezones

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.enums import PartnerSize
from partners.models import ManagerAssignment, Partner, PartnerLink, PartnerType, StaffRoleGrant, User
from partners.services.manager import MANAGING_ROLES, assign_manager
from partners.services.partner import sort_name
from partners.services.role_group import make_role_groups
from prm.core import bulk
from prm.core.tabular import Column, Table, choice, country, email, number, text, typed_rows
from prm.core.tabular.report import Progress, Report, silent
from prm.matching.domains import host_of
from prm.record.services import ImportJob, run_import

TYPES = {
    "reseller": "Reseller",
    "distributor": "Distributor",
    "referral": "Referral partner",
    "system-integrator": "System integrator",
    "managed-service-provider": "Managed service provider",
    "technology": "Technology partner",
}  # DOMAIN.md section 1; further ones are configured
ALSO = {"var": "reseller", "value-added-reseller": "reseller", "si": "system-integrator", "msp": "managed-service-provider"}
SIZES = ((10, PartnerSize.MICRO), (50, PartnerSize.SMALL), (250, PartnerSize.MEDIUM))
COLUMNS = (
    Column("external_ref", text(64), filled=True),
    Column("name", text(200), filled=True),
    Column("type", text(100), filled=True),
    Column("size", choice({size: size for size in PartnerSize.values}), optional=True),
    Column("employees", number(0, 10_000_000), optional=True, blank=None),
    Column("industry", text(100), optional=True),
    Column("country", country, optional=True),
    Column("region", text(100), optional=True),
    Column("city", text(100), optional=True),
    Column("website", text(253), optional=True),
    Column("language", choice({code: code for code, _name in settings.LANGUAGES}), optional=True, blank="en"),
    Column("time_zone", choice({zone: zone for zone in available_timezones()}), optional=True, blank="UTC"),
    Column("opened_year", number(1600, 2199), optional=True, blank=None),
    Column("manager_email", email, optional=True),
    Column("distributor_ref", text(64), optional=True),
    Column("parent_ref", text(64), optional=True),
)
NAMES = tuple(column.name for column in COLUMNS)
PROFILE = ("size", "employees", "industry", "country", "region", "city", "website", "language", "time_zone", "opened_year")
IMPORT_LOCK = 0x1F
BATCH = 500  # partners at once: each has five groups and their grants


@dataclass
class Given:
    """One row of the file, and the partner it is or will be."""

    line: int
    cells: dict[str, Any]
    partner: Partner
    new: bool
    changed: set[str] = field(default_factory=set)


def import_partners(
    file: str | Path | BinaryIO,
    *,
    by: User | None = None,
    dry_run: bool = False,
    keep_good: bool = False,
    progress: Progress = silent,
) -> Report:
    """Load partners; idempotent on external_ref. What the file does not say (no column, no manager) stays.

    `distributor_ref` and `parent_ref` name a partner by our reference or the ERP's, also one of this file. Raises BadFile.
    """
    return run_import(file, ImportJob("partners", "", by, dry_run, keep_good, progress), _load)


def _load(table: Table, report: Report, job: ImportJob) -> None:
    bulk.run("SELECT pg_advisory_xact_lock(%s, 0)", [IMPORT_LOCK])
    rows = _read(table, report, job)
    refs = _references(rows)
    managers = _managers(rows)
    types = _configured()
    for row in rows:
        _check(row, refs, managers, types, report)
    _check_circles(rows, refs, report)
    job.stop_on_problems(report)
    rows = [row for row in rows if row.line not in report.problems.lines]
    _without_lost_references(rows, refs, report)
    columns = set(table.header)
    _fill(rows, _types(rows), columns)
    _write(rows)
    _set_parents(rows, refs, columns)
    job.progress("partners", len(rows), len(rows))
    _set_managers(rows, managers, job)
    _set_distributors(rows, refs)
    report.created = sum(row.new for row in rows)
    report.updated = sum(bool(row.changed) and not row.new for row in rows)
    report.unchanged = len(rows) - report.created - report.updated


def _read(table: Table, report: Report, job: ImportJob) -> list[Given]:
    known = {partner.external_ref: partner for partner in Partner.objects.exclude(external_ref="").select_related("partner_type")}
    rows: list[Given] = []
    seen: dict[str, int] = {}
    for line, values, good in typed_rows(table, COLUMNS, report.problems):
        report.rows += 1
        job.tell(table, report.rows)
        cells = dict(zip(NAMES, values, strict=True)) if values else {}
        ref = cells.get("external_ref")
        if ref and ref in seen:
            report.problems.add(line, "external_ref", _("This stands on line %(line)d already.") % {"line": seen[ref]}, ref)
        elif ref:
            seen[ref] = line
            if good:
                partner = known.get(ref)
                rows.append(Given(line, cells, partner or Partner(external_ref=ref), partner is None))
    return rows


def _references(rows: Iterable[Given]) -> dict[str, Partner]:
    """Partners by the ERP's reference and by ours; ours wins."""
    stored = list(Partner.objects.only("id", "ref", "external_ref", "parent_id"))
    found = {partner.external_ref: partner for partner in stored if partner.external_ref}
    return found | {str(row.cells["external_ref"]): row.partner for row in rows} | {partner.ref: partner for partner in stored}


def _managers(rows: Iterable[Given]) -> dict[str, User]:
    wanted = {row.cells["manager_email"] for row in rows} - {""}
    staff = StaffRoleGrant.objects.filter(role__in=MANAGING_ROLES, staff__user__is_active=True, staff__user__is_staff=True)
    users = User.objects.filter(email__in=sorted(wanted), pk__in=staff.values("staff__user"))
    return {user.email: user for user in users}


def _check(
    row: Given, refs: dict[str, Partner], managers: dict[str, User], types: dict[str, PartnerType], report: Report
) -> None:
    """What a row says about others."""
    cells, problems = row.cells, report.problems
    if cells["manager_email"] and cells["manager_email"] not in managers:
        problems.add(
            row.line, "manager_email", _("There is no active channel manager with this address."), cells["manager_email"]
        )
    for column in ("distributor_ref", "parent_ref"):
        ref = cells[column]
        if ref and ref not in refs:
            problems.add(row.line, column, _("There is no partner with this reference."), ref)
        elif ref and refs[ref].pk == row.partner.pk:
            problems.add(row.line, column, _("A partner cannot be named here for itself."), ref)
    if not _type_key(cells["type"]) and cells["type"].casefold() not in types:
        known = ", ".join(sorted({*TYPES, *types}))
        problems.add(row.line, "type", _("Use one of: %(choices)s.") % {"choices": known}, cells["type"])
    if cells["website"]:
        host = host_of(cells["website"])
        if not host:
            report.warnings.add(row.line, "website", _("This is no web address; it was left out."), cells["website"])
        cells["website"] = host


def _check_circles(rows: list[Given], refs: dict[str, Partner], report: Report) -> None:
    """A partner must not stand above itself, over however many steps."""
    above = {partner.pk: partner.parent_id for partner in refs.values()}
    above |= {row.partner.pk: refs[row.cells["parent_ref"]].pk for row in rows if row.cells["parent_ref"] in refs}
    for row in rows:
        seen, at = set(), above.get(row.partner.pk)
        while at is not None and at not in seen and at != row.partner.pk:
            seen.add(at)
            at = above.get(at)
        if at == row.partner.pk and row.cells["parent_ref"] and above.get(row.partner.pk) != row.partner.pk:
            report.problems.add(row.line, "parent_ref", _("These parents go round in a circle."), row.cells["parent_ref"])


def _without_lost_references(rows: list[Given], refs: dict[str, Partner], report: Report) -> None:
    """A good row that names a row in error is in error itself; it may be named by another one in turn."""
    kept = {row.partner.pk for row in rows if row.new}
    while lost := [row for row in rows if any(_lost(refs.get(row.cells[c]), kept) for c in ("parent_ref", "distributor_ref"))]:
        for row in lost:
            report.problems.add(row.line, "row", _("It names a partner whose own row is in error."))
            kept.discard(row.partner.pk)
        rows[:] = [row for row in rows if row not in lost]


def _lost(partner: Partner | None, kept: set[Any]) -> bool:
    return partner is not None and partner._state.adding and partner.pk not in kept


def _type_key(name: str) -> str:
    key = "-".join(name.casefold().replace("_", " ").replace("-", " ").split())
    key = ALSO.get(key, key)
    return key if key in TYPES else ""


def _configured() -> dict[str, PartnerType]:
    rows = list(PartnerType.objects.all())
    return {row.name.casefold(): row for row in rows} | {row.key: row for row in rows}


def _types(rows: Iterable[Given]) -> dict[str, PartnerType]:
    """Type rows by what the cells say; those of the field's standard words are made where they are missing."""
    known = _configured()
    found: dict[str, PartnerType] = {}
    for name in sorted({row.cells["type"] for row in rows}):
        row = known.get(name.casefold())
        if row is None:
            key = _type_key(name)
            row, _new = PartnerType.objects.get_or_create(key=key, defaults={"name": TYPES[key]})
        found[name] = row
    return found


def _fill(rows: Iterable[Given], types: dict[str, PartnerType], columns: set[str]) -> None:
    """Put the cells on the partners and note what changed."""
    for row in rows:
        values = {"name": row.cells["name"], "partner_type": types[row.cells["type"]]}
        values |= {name: row.cells[name] for name in PROFILE if name in columns}
        if not values.get("size") and values.get("employees") is not None:
            values["size"] = next((size for most, size in SIZES if values["employees"] < most), PartnerSize.LARGE).value
        for name, value in values.items():
            held = row.partner.partner_type_id if name == "partner_type" else getattr(row.partner, name)
            if row.new or held != getattr(value, "pk", value):
                setattr(row.partner, name, value)
                row.changed.add(name)
        if "name" in row.changed:
            row.partner.sort_name = sort_name(row.partner.name)
            row.changed.add("sort_name")


def _write(rows: list[Given]) -> None:
    new = [row.partner for row in rows if row.new]
    for start in range(0, len(new), BATCH):
        make_role_groups(Partner.objects.bulk_create(new[start : start + BATCH]))
    changed = [row for row in rows if row.changed and not row.new]
    names = sorted({name for row in changed for name in row.changed})
    if changed:
        Partner.objects.bulk_update([row.partner for row in changed], names, batch_size=500)


def _set_parents(rows: Iterable[Given], refs: dict[str, Partner], columns: set[str]) -> None:
    """When all rows are there; a parent may stand below its child in the file."""
    moved = []
    for row in rows if "parent_ref" in columns else ():
        parent = refs[row.cells["parent_ref"]].pk if row.cells["parent_ref"] else None
        if row.partner.parent_id != parent:
            row.partner.parent_id = parent
            row.changed.add("parent")
            moved.append(row.partner)
    Partner.objects.bulk_update(moved, ["parent"], batch_size=500)


def _set_managers(rows: Iterable[Given], managers: dict[str, User], job: ImportJob) -> None:
    """The first manager of many in bulk, a change of manager one by one with its event."""
    named = [(row, managers[row.cells["manager_email"]]) for row in rows if row.cells["manager_email"]]
    current = dict(
        ManagerAssignment.objects.filter(ends_on=None, partner__in=[row.partner.pk for row, _user in named]).values_list(
            "partner_id", "manager_id"
        )
    )
    first = []
    for row, user in named:
        if row.partner.pk not in current:
            first.append(ManagerAssignment(partner=row.partner, manager=user, starts_on=timezone.localdate()))
            row.changed.add("manager")
        elif current[row.partner.pk] != user.pk:
            assign_manager(row.partner, user, by=job.by)
            row.changed.add("manager")
    ManagerAssignment.objects.bulk_create(first, batch_size=1000)


def _set_distributors(rows: Iterable[Given], refs: dict[str, Partner]) -> None:
    """A link from today where there is none; other distributors of the reseller stay."""
    today = timezone.localdate()
    live = PartnerLink.objects.exclude(ends_on__lt=today)
    linked = set(live.values_list("distributor_id", "reseller_id"))
    new = list(_missing_links(rows, refs, linked))
    for row, _distributor in new:
        row.changed.add("distributor")
    PartnerLink.objects.bulk_create(
        [PartnerLink(distributor_id=distributor, reseller=row.partner, starts_on=today) for row, distributor in new],
        batch_size=1000,
    )


def _missing_links(rows: Iterable[Given], refs: dict[str, Partner], linked: set[tuple[Any, Any]]) -> Iterator[tuple[Given, Any]]:
    for row in rows:
        ref = row.cells["distributor_ref"]
        if ref and (refs[ref].pk, row.partner.pk) not in linked:
            yield row, refs[ref].pk
