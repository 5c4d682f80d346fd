"""The whole duplicate check, as a registration runs it, against one lookup by primary key; and its quality on known names."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

from django.conf import settings
from django.utils import timezone

from deals.models import Customer
from deals.queries.conflict import Question, check, products_of
from deals.queries.policy import rules_at
from deals.rules.conflict import Asking
from prm.catalog.models import Product
from prm.core import bulk
from prm.matching import Identity, quality
from prm.matching.variants import MIX, vary
from prm.ops.bench import measure
from prm.ops.bench.scratch import copy_of, scratch
from prm.ops.scale.load import load

P95_MS, GROWTH = 50.0, 1.6
NAMES = settings.BASE_DIR.parent / "shared" / "data" / "org_names_dev"
INDEXES = """
SELECT pg_total_relation_size('deals_customer') + COALESCE(pg_total_relation_size(to_regclass('deals_matchkey')), 0)
"""
Sample = tuple[Any, str, str]


def run(sizes: Sequence[int], count: int, names: str, tell: Callable[[str], None]) -> dict[str, Any]:
    """p50 and p95 for each size of the vendor's pipeline, and quality figures where the folder of known names is."""
    results: dict[int, dict[str, Any]] = {}
    with scratch() as template:
        for size in sorted(sizes):
            with copy_of(template):
                load(0, size, tell=lambda text, size=size: tell(f"{size:,}: {text}"))
                results[size] = _measure(count)
    return {
        "bench": "duplicates",
        "machine": measure.machine(),
        "targets": {"p95_ms": P95_MS, "growth_per_decade": GROWTH},
        "opportunities": results,
        "growth_p50_work": measure.growth({size: found["check"]["p50_work_ms"] for size, found in results.items()}),
        "growth_p95_work": measure.growth({size: found["check"]["p95_work_ms"] for size, found in results.items()}),
        "quality": _quality(Path(names) if names else NAMES),
    }


def _measure(count: int) -> dict[str, Any]:
    now = timezone.now()
    rules, asking = rules_at(now), Asking(products=products_of(Product.objects.all()[:1]), submitted_at=now)
    sample, found = _sample(count), defaultdict[str, list[bool]](list)
    cases, floor = measure.Times(), measure.Times()
    for number, (kind, true, question) in enumerate(_questions(sample, asking)):
        work = partial(check, question, rules, now.date())
        floor.add(partial(_by_key, sample[number][0]))
        cases.add(work)
        if number < len(MIX) * 40:
            found[kind].append(true in {_customer_of(finding) for finding in work().findings})
    warm = len(MIX)  # the first of each kind meet a cold cache
    whole, least = measure.of_times(cases.after(warm)), measure.of_times(floor.after(warm))
    [(size,)] = bulk.rows(INDEXES)
    return {
        "check": {
            **whole,
            "worst_ms": round(max(cases.wall[warm:]), 2),
            "x_floor": measure.ratio(whole["p95_ms"], least["p95_ms"]),
            "x_floor_work": measure.ratio(whole["p95_work_ms"], least["p95_work_ms"]),
        },
        "floor": least,
        "found": {kind: round(mean(right), 3) for kind, right in sorted(found.items())},
        "register_mb": round(size / 2**20),
    }


def _sample(count: int) -> list[Sample]:
    """Customers with an open opportunity, spread over the whole register."""
    return bulk.rows(
        "SELECT c.id, c.name, c.country FROM deals_customer AS c JOIN deals_opportunity AS o ON o.customer_id = c.id "
        "WHERE o.state = 'open' ORDER BY md5(c.id::text) LIMIT %s",
        [count],
    )


def _questions(sample: list[Sample], asking: Asking) -> list[tuple[str, Any, Question]]:
    """Each as somebody in a hurry would type it, in the shares of `MIX`."""
    lots = random.Random(11)
    kinds = lots.choices(list(MIX), weights=list(MIX.values()), k=len(sample))
    return [
        (kind, pk, Question(Identity(name=vary(name, kind, lots), country=country), asking))
        for kind, (pk, name, country) in zip(kinds, sample, strict=True)
    ]


def _by_key(pk: Any) -> None:
    Customer.objects.filter(pk=pk).values_list("name").get()


def _customer_of(finding: Any) -> Any:
    thing = finding.thing
    if thing.kind == "customer":
        return thing.id
    [(customer,)] = bulk.rows("SELECT customer_id FROM deals_opportunity WHERE id = %s", [thing.id]) or [(None,)]
    return customer


def _quality(folder: Path) -> dict[str, Any] | str:
    """Per cent of known duplicates caught and of new names refused, in the half kept for looking."""
    if not (folder / "records.csv").exists():
        return f"no known names in {folder}"
    figures = quality.run_protocol(quality.read_protocol(folder, "test"))
    return {name: value for name, value in figures.items() if name not in ("missed", "reviewed")}
