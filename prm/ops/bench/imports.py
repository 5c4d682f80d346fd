"""The CRM import, from the file to resolved customers with match keys, against a bare COPY of the same file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from django.db import connection
from django.utils import timezone

from deals.services.imports.opportunities import import_opportunities
from prm.core import bulk
from prm.matching.variants import recombine
from prm.ops.bench import measure
from prm.ops.bench.scratch import copy_of, scratch
from prm.ops.scale.customers import COUNTRIES, real_names
from prm.ops.seed.source import dice, rows

HEADER = (
    "external_id", "customer", "domain", "country", "city", "registration_number", "products", "amount", "currency", "stage",
    "owner", "opened_on", "closed_on", "last_activity_on",
)  # fmt: skip
CUSTOMERS = 0.6  # of the rows name a new customer, the others one that stands further up


def run(count: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Rows per second and peak memory of a first import and of the same file again, and the seconds of the COPY.

    `first_work_s`: seconds of a core that this process and its database backend had, whatever else ran on the machine.
    """
    with TemporaryDirectory() as folder, scratch() as template, copy_of(template):
        path = Path(folder) / "pipeline.csv"
        _write(path, count)
        floor = _copy(path)
        tell(f"bare COPY: {floor:.1f} s")
        before = measure.peak_mb()
        times = measure.Times()
        times.add(lambda: _import(path))
        first = times.wall[0] / 1000
        tell(f"first import: {first:.1f} s")
        peak, again = measure.peak_mb(), _import(path)
        return {
            "bench": "imports",
            "rows": count,
            "machine": measure.machine(),
            "floor_copy_s": round(floor, 2),
            "first_s": round(first, 2),
            "first_work_s": round(times.work[0] / 1000, 2),
            "first_rows_per_s": round(count / first),
            "first_x_floor": measure.ratio(first, floor),
            "again_s": round(again, 2),
            "again_rows_per_s": round(count / again),
            "peak_mb": peak,
            "peak_mb_before": before,
        }


def _write(path: Path, count: int) -> None:
    lots, today = dice("bench-imports"), timezone.localdate().isoformat()
    products = [row["product"] for row in rows("products")]
    names: list[str] = []
    fresh = recombine(real_names(), max(int(count * CUSTOMERS), 1))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(count):
            if number % 5 < CUSTOMERS * 5 and (name := next(fresh, "")):
                names.append(name)
            name = names[-1] if number % 5 < CUSTOMERS * 5 else lots.choice(names)
            place = len(names)
            domain = f"firm{place}.example" if number % 7 == 0 else ""
            amount, country = lots.randrange(500, 200_000), COUNTRIES[place % len(COUNTRIES)]
            deal = (lots.choice(products), amount, "USD", "Prospecting", "Anna Snelling", today, "", today)
            writer.writerow((f"B{number}", name, domain, country, "", "", *deal))


def _copy(path: Path) -> float:
    """The least that loading can cost: the same bytes into a table of text."""
    bulk.run(f"CREATE TEMPORARY TABLE bench_copy ({', '.join(f'{name} text' for name in HEADER)})")
    start = perf_counter()
    with connection.cursor() as cursor, path.open("rb") as file, cursor.copy("COPY bench_copy FROM STDIN (FORMAT csv)") as copy:
        while part := file.read(1 << 16):
            copy.write(part)
    took = perf_counter() - start
    bulk.run("DROP TABLE bench_copy")
    return took


def _import(path: Path) -> float:
    start = perf_counter()
    import_opportunities(path, source="bench")
    return perf_counter() - start
