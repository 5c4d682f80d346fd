"""Running an import: one transaction, all or nothing unless the good rows are wanted, and a record of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from prm.audit import services as audit
from prm.core.tabular import Table, open_table
from prm.core.tabular.report import Progress, Report, silent
from prm.record.models import ImportOutcome, ImportRun

KEPT_IN_RUN = 200
EVERY = 2000


class Refused(Exception):
    """There are rows in error and nobody asked for the others alone."""


@dataclass(frozen=True)
class ImportJob:
    """How one import was asked for."""

    kind: str
    source: str = ""
    by: Any = None
    dry_run: bool = False
    keep_good: bool = False
    progress: Progress = silent

    def tell(self, table: Table, row: int) -> None:
        """Progress of the reading, every now and then."""
        if row % EVERY == 0:
            self.progress("read", table.read() if table.size else row, table.size)

    def stop_on_problems(self, report: Report) -> None:
        """Call before anything is written."""
        if report.problems.count and not self.keep_good:
            raise Refused


Load = Callable[[Table, Report, ImportJob], None]


def run_import(file: str | Path | BinaryIO, job: ImportJob, load: Load, *, name: str = "") -> Report:
    """Open the file, let `load` stage and write it, keep the ImportRun and record record.import_run.finished.

    A dry run does all of it and rolls back. Raises BadFile, after which nothing is changed and no run is kept.
    """
    started = time.monotonic()
    table = open_table(file, name)
    report = Report(job.kind, table.name, job.source, job.dry_run, notes=list(table.notes))
    try:
        with transaction.atomic():
            load(table, report, job)
            report.outcome = ImportOutcome.PARTLY.value if report.problems.count else ImportOutcome.LOADED.value
            report.seconds = time.monotonic() - started
            if job.dry_run:
                transaction.set_rollback(True)
            else:
                _keep(report, job)
    except Refused:
        report.created = report.updated = report.unchanged = 0
        report.outcome = ImportOutcome.REFUSED.value
        report.seconds = time.monotonic() - started
        if not job.dry_run:
            with transaction.atomic():
                _keep(report, job)
    finally:
        table.close()
    return report


def _keep(report: Report, job: ImportJob) -> None:
    run = ImportRun(
        kind=job.kind,
        source=job.source,
        file_name=Path(report.file).name[:255],
        by=job.by,
        outcome=report.outcome,
        rows=report.rows,
        created_rows=report.created,
        updated_rows=report.updated,
        unchanged_rows=report.unchanged,
        error_rows=report.problems.rows,
        finished_at=timezone.now(),
    )
    report.run = run.ref
    run.report = report.as_dict(with_values=False, most=KEPT_IN_RUN)
    run.save(force_insert=True)
    counts = {"rows": report.rows, "created": report.created, "updated": report.updated, "errors": report.problems.rows}
    data = {"kind": job.kind, "source": job.source, "outcome": report.outcome, **counts}
    audit.record("record.import_run.finished", run, by=job.by, data=data, internal=True)
