"""Timing: interleaved rounds, percentiles, ratios to the floor."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.db import connection

Work = Callable[[], Any]


def timed(work: Work) -> float:
    """Milliseconds of one call."""
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


@dataclass
class Times:
    """Milliseconds of each call: as a clock on the wall sees it, and as worked by this process and its database backend."""

    wall: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)

    def add(self, work: Work) -> None:
        """Do the work once and keep how long it took."""
        before = _worked()
        self.wall.append(timed(work))
        self.work.append(_worked() - before)

    def after(self, warm: int) -> Times:
        """Without the first calls, which meet cold caches."""
        return Times(self.wall[warm:], self.work[warm:])


def rounds(cases: Mapping[str, Work], count: int, warm: int = 2) -> dict[str, Times]:
    """All cases run in each round, so that a busy minute of the machine meets every one of them."""
    for _ in range(warm):
        for work in cases.values():
            work()
    found = {name: Times() for name in cases}
    for _ in range(count):
        for name, work in cases.items():
            found[name].add(work)
    return found


def _worked() -> float:
    """Milliseconds that this process and, where it runs on this machine, its database backend have had a core so far.

    What others do on the machine makes the wall clock longer, but not this.
    """
    backend = Path(f"/proc/{_backend()}/schedstat")
    served = int(backend.read_text().split()[0]) / 1e6 if _is_here() and backend.exists() else 0.0
    return process_time() * 1000 + served


def _backend() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def _is_here() -> bool:
    return str(connection.settings_dict["HOST"]).startswith("/")


def percentile(values: list[float], percent: int) -> float:
    """The value that so many per cent do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def of_times(times: Times) -> dict[str, float]:
    """p50 and p95 on the wall and as worked."""
    worked = {name.replace("_ms", "_work_ms"): value for name, value in summary(times.work).items()}
    return {**summary(times.wall), **worked}


def is_quiet() -> bool:
    """Whether nobody else wants the cores: only then does the wall clock tell about us."""
    return os.getloadavg()[0] <= (os.cpu_count() or 1)


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
