"""pg_trgm with a GIN index on the same customers: the threshold at which it finds as many as we do, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any

from prm.core import bulk
from prm.matching import normalise_name
from prm.ops.bench import measure

THRESHOLDS = (0.5, 0.4, 0.3, 0.2)
FOUND = 300  # rows it may return, as many as we look at
Asked = tuple[str, str, Callable[[Any, str], bool]]  # kind, text as typed, whether a row (id, core) is the true one
SQL = f"SELECT id, core FROM deals_customer WHERE core %% %s ORDER BY similarity(core, %s) DESC, id LIMIT {FOUND}"  # noqa: S608


def measure_trigrams(asked: Sequence[Asked], recall: float) -> dict[str, Any]:
    """p50 and p95 at the highest threshold that reaches this recall, else at the lowest; and the size of its index."""
    bulk.run("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    start = perf_counter()
    bulk.run("CREATE INDEX bench_trigrams ON deals_customer USING gin (core gin_trgm_ops)")
    built = perf_counter() - start
    [(size,)] = bulk.rows("SELECT pg_relation_size('bench_trigrams')")
    found: dict[str, Any] = {}
    for threshold in THRESHOLDS:
        bulk.run(f"SET pg_trgm.similarity_threshold = {threshold}")
        found = {"threshold": threshold, **_tried(asked)}
        if found["recall"] >= recall:
            break
    bulk.run("DROP INDEX bench_trigrams")
    return {**found, "recall_wanted": recall, "queries": len(asked), "index_mb": round(size / 2**20), "built_s": round(built, 1)}


def _tried(asked: Sequence[Asked]) -> dict[str, Any]:
    times, hits = measure.Times(), 0
    for _kind, text, is_true in asked:
        core = normalise_name(text).core
        rows: list[tuple[Any, ...]] = []
        times.add(partial(_ask, core, rows))
        hits += any(is_true(pk, known) for pk, known in rows)
    return {**measure.of_times(times), "recall": round(hits / max(len(asked), 1), 4)}


def _ask(core: str, rows: list[tuple[Any, ...]]) -> None:
    rows += bulk.rows(SQL, [core, core])
