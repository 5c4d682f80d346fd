"""The whole duplicate check as a registration runs it, its evidence written, beside its floor, its rivals, and its quality."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from deals.models import Customer, Deal, Policy
from deals.queries.candidates import hits_for
from deals.queries.conflict import Question, products_of
from deals.queries.policy import rules_at
from deals.rules.conflict import Asking
from deals.services.conflict import check_question
from prm.catalog.models import Product
from prm.core import bulk
from prm.matching import Identity, Model, load_model, normalise_name, quality
from prm.matching import fit as fitting
from prm.matching.pool import in_a_larger_pool
from prm.matching.variants import MIX, vary
from prm.ops.bench import measure
from prm.ops.bench.rivals import side_by_side
from prm.ops.bench.scratch import copy_of, scratch
from prm.ops.bench.trigrams import measure_trigrams
from prm.ops.scale.load import load

P95_MS, GROWTH, RECALL = 15.0, 1.6, 0.98
NAMES = settings.BASE_DIR.parent / "shared" / "data" / "org_names_dev"
DEALS = 100  # one of them is the registration that is checked
TABLES = ("deals_customer", "deals_matchkey", "deals_tokencount", "deals_opportunity")
SIZES = f"""
SELECT c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class AS c WHERE c.relname IN {TABLES!r} ORDER BY 2 DESC
"""  # noqa: S608
Tell = Callable[[str], None]


class Asked(NamedTuple):
    """A question with the customer it means. `kind`: how the name was misspelt."""

    kind: str
    pk: Any
    core: str
    question: Question

    def means(self, pk: Any, core: str) -> bool:
        """That customer, or another with the very same words."""
        return pk == self.pk or " ".join(sorted(core.split())) == self.core


class Options(NamedTuple):
    """Timed questions, questions for recall, those put to pg_trgm (it is slow), and the folder of known names."""

    queries: int = 600
    recall: int = 6000
    trigrams: int = 20
    names: str = ""


def run(sizes: Sequence[int], options: Options, tell: Tell) -> dict[str, Any]:
    """One report: times, recall and sizes for each size of the vendor's pipeline, then quality side by side."""
    results: dict[int, dict[str, Any]] = {}
    with scratch() as template:
        for size in sorted(sizes):
            with copy_of(template):
                load(DEALS, size, tell=lambda text, size=size: tell(f"{size:,}: {text}"))
                _settle()
                results[size] = _measure(options, partial(_tell, tell, size))
        with copy_of(template):
            compared = _quality(Path(options.names) if options.names else NAMES, tell, load_model())
    return {
        "bench": "duplicates",
        "machine": measure.machine(),
        "targets": {"p95_ms": P95_MS, "growth_per_decade": GROWTH, "candidate_recall": RECALL},
        "opportunities": results,
        "growth_p50_work": measure.growth({size: found["check"]["p50_work_ms"] for size, found in results.items()}),
        "growth_p95_work": measure.growth({size: found["check"]["p95_work_ms"] for size, found in results.items()}),
        "process_peak_mb": measure.peak_mb(),
        "quality": compared,
    }


def _tell(tell: Tell, size: int, text: str) -> None:
    tell(f"{size:,}: {text}")


def _settle() -> None:
    """As autovacuum leaves the tables: without it an index alone cannot answer."""
    for table in (*TABLES, "deals_opportunityproduct"):
        bulk.run(f"VACUUM (ANALYZE) {table}")


def _measure(options: Options, tell: Tell) -> dict[str, Any]:
    now = timezone.now()
    asked = list(_asked(options.recall, Asking(products=products_of(Product.objects.all()[:1]), submitted_at=now)))
    recall = _recall(asked)
    tell("recall of the candidates")
    checks = _checks(asked[-options.queries :], now)
    tell("the whole check")
    rival = asked[: options.trigrams]
    trigrams = measure_trigrams(
        [(one.kind, one.question.identity.name, one.means) for one in rival], mean(recall.values()) if recall else 1.0
    )
    return {**checks, "candidate_recall": recall, "pg_trgm": trigrams, "sizes_mb": _sizes(), "process_mb": measure.peak_mb()}


def _checks(asked: Sequence[Asked], now: datetime) -> dict[str, Any]:
    """Each check and, in turn with it, a lookup by primary key; the evidence of every check is written."""
    rules, policy = rules_at(now), Policy.objects.first()
    deal = Deal.objects.order_by("-created_at")[0]
    cases, floor, found = measure.Times(), measure.Times(), defaultdict[str, list[bool]](list)
    by_kind = defaultdict[str, list[float]](list)
    for one in asked:
        floor.add(partial(_by_key, one.pk))
        verdicts: list[Any] = []

        def check(one: Asked = one, verdicts: list[Any] = verdicts) -> None:
            with transaction.atomic():  # as a registration has it
                verdicts.append(check_question(deal, one.question, policy, rules, now)[0])

        cases.add(check)
        by_kind[one.kind].append(cases.work[-1])
        found[one.kind].append(_finds(one, verdicts[0]))
    warm = min(len(MIX) * 5, len(asked) // 2)  # the first ones meet cold caches and statements that are not planned yet
    whole, least = measure.of_times(cases.after(warm)), measure.of_times(floor.after(warm))
    return {
        "check": {
            **whole,
            "worst_ms": round(max(cases.wall[warm:]), 2),
            "worst_work_ms": round(max(cases.work[warm:]), 2),
            "x_floor": measure.ratio(whole["p95_ms"], least["p95_ms"]),
            "x_floor_work": measure.ratio(whole["p95_work_ms"], least["p95_work_ms"]),
            "p95_work_ms_by_kind": {kind: measure.summary(times)["p95_ms"] for kind, times in sorted(by_kind.items())},
        },
        "floor": least,
        "in_the_evidence": {kind: round(mean(right), 3) for kind, right in sorted(found.items())},
    }


def _finds(one: Asked, verdict: Any) -> bool:
    """Whether the customer, or its opportunity, is among the findings."""
    things = [finding.thing.id for finding in verdict.findings]
    sql = "SELECT EXISTS (SELECT FROM deals_opportunity WHERE customer_id = %s AND id = ANY(%s))"
    return one.pk in things or bool(bulk.rows(sql, [one.pk, things])[0][0])


def _recall(asked: Sequence[Asked]) -> dict[str, float]:
    """Share of questions whose customer is among the candidates, by kind."""
    found = defaultdict[str, list[bool]](list)
    for one in asked:
        [hits] = hits_for([one.question.identity])
        found[one.kind].append(any(one.means(hit.pk, hit.core) for hit in hits))
    return {kind: round(mean(right), 4) for kind, right in sorted(found.items())}


def _asked(count: int, asking: Asking) -> Iterator[Asked]:
    """Customers with an open opportunity, spread over the register; each as somebody in a hurry would type it (`MIX`)."""
    sample = bulk.rows(
        "SELECT c.id, c.name, c.country FROM deals_customer AS c JOIN deals_opportunity AS o ON o.customer_id = c.id "
        "WHERE o.state = 'open' ORDER BY md5(c.id::text) LIMIT %s",
        [count],
    )
    lots = random.Random(11)
    kinds = lots.choices(list(MIX), weights=list(MIX.values()), k=len(sample))
    for kind, (pk, name, country) in zip(kinds, sample, strict=True):
        identity = Identity(name=vary(name, kind, lots), country=country)
        yield Asked(kind, pk, normalise_name(name).sorted_core, Question(identity, asking))


def _by_key(pk: Any) -> None:
    Customer.objects.filter(pk=pk).values_list("name").get()


def _sizes() -> dict[str, dict[str, float]]:
    return {name: {"table": round(table / 2**20), "indexes": round(index / 2**20)} for name, table, index in bulk.rows(SIZES)}


def _quality(folder: Path, tell: Tell, shipped: Model) -> dict[str, Any] | str:
    """The registrar protocol, ours and others, then ours with ten times the register.

    Of the very names that our model was fitted on: one half, by a model fitted on the other half here. Of any others: all of
    them, by the model that is shipped.
    """
    if not (folder / "records.csv").exists():
        return f"no known names in {folder}"
    own = shipped.figures.get("names") == fitting.fingerprint(folder)
    half, model = ("test", fitting.fitted(folder, "fit")) if own else ("", shipped)
    protocol = quality.read_protocol(folder, half)
    report: dict[str, Any] = {
        "names": "half of those we were fitted on, by weights fitted on the other half" if own else "none that we were fitted on",
        "ours": _brief(quality.run_protocol(protocol, model=model)),
        "ours, mean of draws": quality.over_draws(folder, half, model=model),
    }
    tell("quality of ours")
    report["others"] = side_by_side(protocol)
    tell("quality of the others")
    with suppress(FileNotFoundError):
        report["ours, register x 10"] = _brief(in_a_larger_pool(protocol, folder.parent, model=model))
    return report


def _brief(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name not in ("missed", "reviewed")}
