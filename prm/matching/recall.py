"""How many true matches are among the candidates, with a dictionary standing for the B-tree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from .frequency import Frequency
from .keys import ROWS_PER_EXACT_KEY, candidate_keys, query_keys, ranked
from .normalise import normalise_name
from .variants import queries


def measure_recall(names: Sequence[str], asked: int = 2000, seed: int = 11) -> dict[str, Any]:
    """Candidate recall per kind of query; keeps only postings that some query asks for, so that 10⁶ names fit in memory."""
    frequency = Frequency.of(normalise_name(name) for name in names)
    wanted = [(at, kind, text, query_keys(normalise_name(text), frequency)) for at, kind, text in queries(names, asked, seed)]
    postings: dict[int, list[int]] = {key: [] for *_, keys in wanted for _, key in keys}
    stored = 0
    for number, name in enumerate(names):
        keys = candidate_keys(normalise_name(name), frequency)
        stored += len(keys)
        for _, key in keys:
            if key in postings and len(postings[key]) < ROWS_PER_EXACT_KEY:
                postings[key].append(number)
    hits: Counter[str] = Counter()
    sizes, misses = [], defaultdict(list)
    total = Counter(kind for _, kind, *_ in wanted)
    for at, kind, text, keys in wanted:
        found = ranked(postings[key] for _, key in keys)
        sizes.append(len(found))
        # Another row with the very same normalised name is as good.
        good = at in found or any(
            normalise_name(names[other]).sorted_core == normalise_name(names[at]).sorted_core for other in found
        )
        hits[kind] += good
        if not good:
            misses[kind].append((text, names[at]))
    sizes.sort()
    return {
        "names": len(names),
        "keys_per_name": round(stored / len(names), 2),
        "probes": round(sum(len(keys) for *_, keys in wanted) / len(wanted), 1),
        "candidates_p50": sizes[len(sizes) // 2],
        "candidates_p95": sizes[len(sizes) * 95 // 100],
        "recall": {kind: round(hits[kind] / total[kind], 4) for kind in sorted(total)},
        "recall_all": round(sum(hits.values()) / len(wanted), 4),
        "misses": {kind: found[:12] for kind, found in misses.items()},
    }
