"""Fit the weights from labelled pairs: logistic regression by gradient steps, each weight held on its right side of zero.

`python -m prm.matching.fit FOLDER OUT.json` uses the registrar protocol (see `quality`). Weights of fields that the data does
not have (domain, number, place) are set by hand in `BY_HAND`: they order what a person sees, while certainty comes from rules
alone.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from math import exp, log
from pathlib import Path
from typing import Any

from .features import CONTRADICTION, NAME_FEATURES, SAMENESS
from .identity import Identity
from .quality import DRAWS, SHARES, Protocol, over_draws, read_protocol
from .register import Register
from .score import Model, load_model, parse_model
from .variants import MIX, vary

Pair = tuple[Mapping[str, float], int]
BY_HAND = {
    "same_domain": 6.0, "same_number": 9.0, "same_country": 0.2, "same_city": 0.6, "same_street": 1.5, "same_phone": 2.0,
    "other_domain": -2.0, "other_number": -3.0, "other_country": -2.0, "other_city": -1.0, "other_site": -1.0,
}  # fmt: skip
REVIEW_SHARE = 0.015  # of new names that may go to a person; the goal is 2 %, and a share drawn from a thousand names swings
TYPED = 0.08  # share of misspelt copies of registered names among the questions


def labelled_pairs(protocol: Protocol, seed: int = 5) -> list[Pair]:
    """Every shortlisted pair of the protocol with 1 for the same entity; some registered names are sent in misspelt."""
    rng = random.Random(seed)
    register = Register([Identity(name) for _, name in protocol.registered])
    asked = list(protocol.duplicates) + list(protocol.new)
    kinds = [kind for kind in MIX if kind not in ("form", "rotated")]
    typed = [(entity, vary(name, rng.choice(kinds), rng)) for entity, name in protocol.registered if rng.random() < TYPED]
    pairs = []
    for entity, name in asked + typed:
        for row, result in register.compared(Identity(name)):
            if result.features:
                pairs.append((result.features, int(protocol.registered[row][0] == entity)))
    return pairs


def _side(name: str, weight: float) -> float:
    return max(weight, 0.0) if name in SAMENESS else min(weight, 0.0)


def fit_weights(
    pairs: Sequence[Pair], *, rounds: int = 400, step: float = 1.0, ridge: float = 1e-4, start: Model | None = None
) -> tuple[float, dict[str, float]]:
    """Bias and weights with the least log loss, the two classes weighted alike at the root. Deterministic.

    start: a model to begin with and to be pulled back to by `ridge` (default: nothing), for when pairs are few.
    """
    names = list(NAME_FEATURES)
    merged: dict[tuple[float, ...], list[int]] = {}
    for features, label in pairs:
        merged.setdefault(tuple(round(features.get(name, 0.0), 2) for name in names), [0, 0])[label] += 1
    rows = [(vector, counts) for vector, counts in sorted(merged.items())]
    total = len(pairs)
    home = [start.weights.get(name, 0.0) if start else 0.0 for name in names]
    home_bias = start.bias if start else -3.0
    bias, weights = home_bias, list(home)
    scale = [1e-9] * (len(names) + 1)
    for _ in range(rounds):
        slope = [0.0] * (len(names) + 1)
        for vector, (no, yes) in rows:
            odds = bias + sum(w * x for w, x in zip(weights, vector, strict=True))
            error = (no + yes) / (1 + exp(-odds)) - yes
            slope[-1] += error
            for i, x in enumerate(vector):
                slope[i] += error * x
        for i, value in enumerate(slope):
            pull = weights[i] - home[i] if i < len(weights) else (bias - home_bias if start else 0.0)
            value = value / total + ridge * pull
            scale[i] += value * value
            move = step * value / scale[i] ** 0.5
            if i < len(weights):
                weights[i] = _side(names[i], weights[i] - move)
            else:
                bias -= move
    return bias, dict(zip(names, weights, strict=True))


def log_loss(model: Model, pairs: Sequence[Pair]) -> float:
    """Mean, in nats."""
    values = [(min(max(model.value(features), 1e-4), 1 - 1e-4), label) for features, label in pairs]
    return -sum(log(value if label else 1 - value) for value, label in values) / max(len(values), 1)


def threshold(pairs_of_new: Sequence[float], share: float) -> float:
    """The score that `share` of the truly new names' best comparisons pass."""
    ranked = sorted(pairs_of_new, reverse=True)
    at = min(int(len(ranked) * share), len(ranked) - 1)
    return round(min(0.95, max(0.05, ranked[at] + 0.0001)), 3)


def best_scores_of_new(protocol: Protocol, model: Model) -> list[float]:
    """For each truly new name its best score; 1 where a rule sends it to a person whatever the score, 0 where it is declined."""
    register = Register([Identity(name) for _, name in protocol.registered], model)
    found = []
    for _, name in protocol.new:
        results = [result for _, result in register.compared(Identity(name))]
        if any(result.certain for result in results):
            found.append(0.0)
        elif any(result.likely and result.rule != "score" for result in results):
            found.append(1.0)
        else:
            found.append(max((result.score for result in results), default=0.0))
    return found


def fingerprint(folder: Path) -> str:
    """Which names these are; a model says which ones it was fitted on."""
    return sha256((folder / "records.csv").read_bytes()).hexdigest()[:16]


def fitted(folder: Path, half: str = "", version: str = "0", review_share: float = REVIEW_SHARE) -> Model:
    """A model fitted on several draws of that half of the names, or of all; the threshold rests on the same draws."""
    draws = [read_protocol(folder, half, draw) for draw in range(DRAWS)]
    bias, weights = fit_weights([pair for draw in draws for pair in labelled_pairs(draw)])
    rounded = {name: round(weight, 3) for name, weight in {**weights, **BY_HAND}.items()}
    model = parse_model({"version": version, "bias": round(bias, 3), "likely": 0.5, "weights": rounded})
    fresh = [score for draw in draws for score in best_scores_of_new(draw, model)]
    return replace(model, likely=threshold(fresh, review_share))


def fit(folder: Path, version: str) -> dict[str, Any]:
    """A model fitted on all names, as JSON. Its figures: each half by weights fitted on the other one, and their mean."""
    model = fitted(folder, version=version)
    halves = {half: over_draws(folder, half, model=fitted(folder, other)) for half, other in (("fit", "test"), ("test", "fit"))}
    pairs = labelled_pairs(read_protocol(folder))
    figures: dict[str, Any] = {f"{half}, by the other half": found for half, found in halves.items()}
    means = {name: round((halves["fit"][name] + halves["test"][name]) / 2, 2) for name in SHARES}
    figures["names"] = fingerprint(folder)
    figures["mean"] = {"draws": 2 * DRAWS, **means}
    figures |= {"pairs of a draw": len(pairs), "log_loss": round(log_loss(model, pairs), 4), "before": load_model().version}
    shown = {"version": version, "bias": model.bias, "likely": model.likely, "weights": dict(model.weights)}
    return {**shown, "figures": figures}


def main() -> None:
    """Write the fitted model to the second argument."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    version = str(int(load_model().version) + 1) if load_model().version.isdigit() else "1"
    out.write_text(json.dumps(fit(folder, version), indent=1) + "\n", encoding="utf-8")


assert set(NAME_FEATURES) <= set(SAMENESS) | set(CONTRADICTION)

if __name__ == "__main__":
    main()
