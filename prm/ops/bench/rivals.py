"""What others make of the registrar protocol: each gives every question its best score in the register, and the threshold that
suits it best; the same questions and the same register as ours.

Exact core and Splink are given our normalised names, which helps them; RapidFuzz gets both; pg_trgm reads the names as typed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import JaroWinkler

from prm.core import bulk
from prm.matching import normalise_name
from prm.matching.quality import Protocol

NEW_AT_MOST, CAUGHT_AT_LEAST = 2.0, 97.5
SCORERS: dict[str, Callable[..., float]] = {
    "ratio": fuzz.ratio,
    "token_sort_ratio": fuzz.token_sort_ratio,
    "token_set_ratio": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio,
    "JaroWinkler": JaroWinkler.normalized_similarity,
}
MISSING = "not installed: pip install splink (250 MB with DuckDB and Arrow, so it is no requirement)"
Best = Callable[[Sequence[str], Sequence[str]], list[float]]


def side_by_side(protocol: Protocol) -> dict[str, Any]:
    """Per rival: the most it catches while at most 2 % of the truly new names are flagged, and what 97.5 % would cost it."""
    fuzzy = {
        f"{name} of {what}": _figures(_by_scorer(scorer, clean), protocol)
        for name, scorer in SCORERS.items()
        for what, clean in (("names as typed", utils.default_process), ("our cores", _core))
    }
    winner = max(fuzzy, key=lambda name: (fuzzy[name]["caught"], -fuzzy[name]["new_flagged"]))
    return {
        "exact core": _figures(by_core, protocol),
        "best single RapidFuzz scorer": {"scorer": winner, **fuzzy[winner]},
        "every RapidFuzz scorer": fuzzy,
        "pg_trgm": _figures(by_trigrams, protocol),
        "Splink": _figures(by_splink, protocol) if find_spec("splink") else MISSING,
    }


def _figures(best: Best, protocol: Protocol) -> dict[str, Any]:
    known = [name for _entity, name in protocol.registered]
    asked = [name for _entity, name in (*protocol.duplicates, *protocol.new)]
    scores = best(known, asked)
    return at_best_threshold(scores[: len(protocol.duplicates)], scores[len(protocol.duplicates) :])


def at_best_threshold(true: Sequence[float], new: Sequence[float]) -> dict[str, Any]:
    """Flagged is whatever reaches the threshold; nothing is below 0, which no threshold accepts."""

    def share(scores: Sequence[float], least: float) -> float:
        return round(100 * sum(score >= least for score in scores) / max(len(scores), 1), 2)

    found: dict[str, Any] = {"caught": 0.0, "new_flagged": 0.0, "at": None, "new_flagged_where_97_5_are_caught": None}
    for least in sorted({score for score in (*true, *new) if score > 0}):
        caught, flagged = share(true, least), share(new, least)
        if caught >= CAUGHT_AT_LEAST:
            found["new_flagged_where_97_5_are_caught"] = flagged
        if flagged <= NEW_AT_MOST:
            return found | {"caught": caught, "new_flagged": flagged, "at": round(least, 3)}
    return found


def by_core(known: Sequence[str], asked: Sequence[str]) -> list[float]:
    """1 where the normalised name is in the register."""
    cores = {normalise_name(name).sorted_core for name in known}
    return [float(normalise_name(name).sorted_core in cores) for name in asked]


def _core(name: str) -> str:
    return normalise_name(name).core


def _by_scorer(scorer: Callable[..., float], clean: Callable[[str], str]) -> Best:
    def best(known: Sequence[str], asked: Sequence[str]) -> list[float]:
        plain = [clean(name) for name in known]
        found = (process.extractOne(clean(name), plain, scorer=scorer) for name in asked)
        return [float(hit[1]) if hit else 0.0 for hit in found]

    return best


def by_trigrams(known: Sequence[str], asked: Sequence[str]) -> list[float]:
    """The best `similarity` of pg_trgm, over all names: no index can miss one."""
    bulk.run("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    bulk.run("DROP TABLE IF EXISTS pg_temp.bench_known")
    bulk.run("CREATE TEMPORARY TABLE bench_known (name text)")
    bulk.copy_rows("bench_known", ("name",), ((name,) for name in known))
    sql = (
        "SELECT q.n, max(similarity(k.name, q.name)) FROM unnest(%s::text[]) WITH ORDINALITY AS q(name, n) "
        "CROSS JOIN bench_known AS k GROUP BY q.n"
    )
    found = {n: float(score) for n, score in bulk.rows(sql, [list(asked)])}
    bulk.run("DROP TABLE bench_known")
    return [found.get(n, 0.0) for n in range(1, len(asked) + 1)]


def by_splink(known: Sequence[str], asked: Sequence[str]) -> list[float]:
    """Fellegi-Sunter weights as Splink estimates them from these names (unsupervised), shifted so that all are above 0."""
    splink, library = import_module("splink"), import_module("splink.comparison_library")
    database = import_module("splink.backends.duckdb").DuckDBAPI()
    table = import_module("pyarrow").Table.from_pylist
    tables = [
        database.register(table(_records(names)), dataset_display_name=kind) for kind, names in (("a", known), ("q", asked))
    ]
    rules = [splink.block_on(column) for column in ("first", "begins", "last", "sorted_core")]
    linker = splink.Linker(
        tables,
        splink.SettingsCreator(
            link_type="link_only",
            comparisons=[
                library.JaroWinklerAtThresholds("core", [0.97, 0.92, 0.85, 0.75]),
                library.LevenshteinAtThresholds("sorted_core", [1, 3, 6]),
                library.ExactMatch("first").configure(term_frequency_adjustments=True),
                library.ExactMatch("last").configure(term_frequency_adjustments=True),
            ],
            blocking_rules_to_generate_predictions=rules,
        ),
        log_level=50,
    )
    linker.training.estimate_probability_two_random_records_match([rules[3]], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in (rules[1], rules[3]):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    best: dict[int, float] = defaultdict(float)
    for row in linker.inference.predict(threshold_match_probability=1e-4).as_record_list():
        at = row["unique_id_l"] if row["source_dataset_l"] == "q" else row["unique_id_r"]
        best[at] = max(best[at], row["match_weight"] + 100)
    return [best[at] for at in range(len(asked))]


def _records(names: Iterable[str]) -> list[dict[str, Any]]:
    rows = []
    for at, raw in enumerate(names):
        name = normalise_name(raw)
        first, last = (name.tokens[0], name.tokens[-1]) if name.tokens else ("", "")
        rows.append(
            {"unique_id": at, "core": name.core, "sorted_core": name.sorted_core, "first": first, "last": last}
            | {"begins": name.joined[:4]}
        )
    return rows
