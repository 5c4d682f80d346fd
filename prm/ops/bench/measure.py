"""Timing: interleaved rounds, percentiles, ratios to the floor."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Mapping
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

Work = Callable[[], Any]


def timed(work: Work) -> float:
    """Milliseconds of one call."""
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def rounds(cases: Mapping[str, Work], count: int, warm: int = 2) -> dict[str, list[float]]:
    """Milliseconds of each case. All cases run in each round, so that a busy minute of the machine meets every one of them."""
    for _ in range(warm):
        for work in cases.values():
            work()
    found: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(count):
        for name, work in cases.items():
            found[name].append(timed(work))
    return found


def percentile(values: list[float], percent: int) -> float:
    """The value that so many per cent do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def summary(values: list[float]) -> dict[str, float]:
    return {"p50_ms": round(median(values), 2), "p95_ms": round(percentile(values, 95), 2)}


def ratio(one: float, other: float) -> float:
    return round(one / other, 2) if other else 0.0


def growth(by_size: Mapping[int, float]) -> dict[str, float]:
    """How many times longer at ten times the rows, for each neighbouring pair of sizes."""
    sizes = sorted(by_size)
    return {f"{small}->{large}": ratio(by_size[large], by_size[small]) for small, large in pairwise(sizes)}


def peak_mb() -> float:
    """The most memory this process has held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def machine() -> dict[str, Any]:
    """Under which conditions was measured: cores, and how many wanted them in the last minute."""
    return {"cores": os.cpu_count(), "load_1min": round(os.getloadavg()[0], 1)}
