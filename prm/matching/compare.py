"""Two identities side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from rapidfuzz import fuzz, process

from .decide import CERTAIN, LIKELY, RARE_WORD_AT_MOST, Verdict, decide, exact, rarest_count
from .explain import Reason, explain
from .features import NAME_FEATURES, forms_differ, identity_features, name_features
from .frequency import Frequency
from .identity import Identity
from .normalise import Name
from .score import Model, Term, load_model

Id = TypeVar("Id")
MAX_PAIRS = 6
BY_KEYS = 4  # one in so many of the shortlist is chosen by what it shares and not by its letters
_FIELDS = {
    "same_name": "name", "same_domain": "domain", "same_number": "registration_number", "same_country": "country",
    "same_city": "city",
    "same_street": "street", "same_phone": "phone",
}  # fmt: skip
_AGAINST = {
    "other_domain": "domain", "other_number": "registration_number", "other_country": "country", "other_city": "city",
    "other_site": "site",
    "other_figures": "name", "other_note": "name", "other_form": "legal_form", "foreign_form": "legal_form",
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """`certainty` is certain, likely or unlikely; `rule` says why; `version` is the model's."""

    score: float
    matched_fields: tuple[str, ...]
    contradictions: tuple[str, ...]
    certainty: str
    rule: str
    version: str
    features: Mapping[str, float]
    model: Model = field(repr=False, compare=False)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """What the score is made of, largest first."""
        return self.model.terms(self.features)

    @property
    def certain(self) -> bool:
        """The same organisation beyond doubt: a rule may act on it."""
        return self.certainty == CERTAIN

    @property
    def likely(self) -> bool:
        """A person should look."""
        return self.certainty == LIKELY

    def reasons(self, most: int = 4) -> list[Reason]:
        """The largest terms in words; first, where it decided, that letters of another script look like Latin ones."""
        masked = [Reason("look_alike", {}, speaks_for=False)] if self.rule == "look_alike" else []
        return [*masked, *explain(self.terms, most)][:most]


def _promising(left: Sequence[Name], right: Sequence[Name]) -> list[tuple[Name, Name]]:
    """Pairs worth a full look, `MAX_PAIRS` at most: organisations with many aliases stay cheap."""
    pairs = [(x, y) for x in left for y in right]
    if len(pairs) <= MAX_PAIRS:
        return pairs

    def promise(pair: tuple[Name, Name]) -> tuple[bool, bool, float, list[str]]:
        same = exact(*pair)
        spelling = fuzz.token_sort_ratio(pair[0].core, pair[1].core)
        return same and not forms_differ(*pair), same, spelling, sorted(name.raw for name in pair)

    return sorted(pairs, key=promise, reverse=True)[:MAX_PAIRS]


def _best_pair(a: Identity, b: Identity, weights: Frequency, model: Model) -> tuple[tuple[Name, Name] | None, dict[str, float]]:
    """The two names (or aliases) that agree best, and their features."""
    best: tuple[tuple[bool, bool, float], tuple[Name, Name], dict[str, float]] | None = None
    for x, y in _promising(a.names, b.names):
        features = name_features(x, y, weights)
        same = exact(x, y) and not forms_differ(x, y)
        rare = same and rarest_count(x, y, weights) <= RARE_WORD_AT_MOST
        rank = (rare, same, model.value(features) + features["same_name"])
        if best is None or rank > best[0]:
            best = (rank, (x, y), features)
    return (None, {}) if best is None else best[1:]


def compare(a: Identity, b: Identity, weights: Frequency, model: Model | None = None) -> Comparison:
    """Compare two identities; symmetric. `weights` knows how often the words of both occur in the register."""
    model = model or load_model()
    pair, of_names = _best_pair(a, b, weights, model)
    features = {**dict.fromkeys(NAME_FEATURES, 0.0), **of_names, **identity_features(a, b)}
    score = model.value(features)
    # Without a name on both sides there is nothing that a score of names could say.
    verdict: Verdict = decide(pair, features, weights, by_score=pair is not None and score >= model.likely)
    return Comparison(
        score=score,
        matched_fields=tuple(field for name, field in _FIELDS.items() if features.get(name)),
        contradictions=tuple(dict.fromkeys(field for name, field in _AGAINST.items() if features.get(name))),
        certainty=verdict.certainty,
        rule=verdict.rule,
        version=model.version,
        features=features,
        model=model,
    )


def shortlist(name: Name, candidates: Iterable[tuple[Id, str]], limit: int = 20) -> list[Id]:
    """The ids of the `limit` candidates whose core is most alike, best first: a cheap sieve before `compare`.

    `candidates` are (id, core as stored), those with the most telling keys first: one in `BY_KEYS` of the
    list stays for them however it is spelled. Word order counts little, so that rotated names stay in front.
    """
    rows = list(candidates)
    cores = [core for _, core in rows]
    best: dict[int, float] = {}
    for scorer, texts, asked in (
        (fuzz.token_sort_ratio, cores, name.core),
        (fuzz.ratio, [core.replace(" ", "") for core in cores], name.joined),
        (fuzz.token_set_ratio, cores, name.core),
    ):
        for _, value, index in process.extract(asked, texts, scorer=scorer, limit=limit):
            best[index] = max(best.get(index, 0.0), value if scorer is not fuzz.token_set_ratio else 0.95 * value)
    ranked = sorted(best, key=lambda index: (-best[index], index))
    telling = limit // BY_KEYS
    kept = dict.fromkeys([*ranked[: limit - telling], *range(min(telling, len(rows))), *ranked])
    return [rows[index][0] for index in kept][:limit]
