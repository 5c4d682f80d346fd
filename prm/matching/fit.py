"""Fit the weights from labelled pairs: logistic regression by gradient steps, each weight held on its right side of zero.

`python -m prm.matching.fit FOLDER OUT.json` uses the `fit` half of the registrar protocol (see `quality`). Weights of fields that
the data does not have (domain, number, place) are set by hand in `BY_HAND`: they order what a person sees, while certainty
comes from rules alone.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, log
from pathlib import Path
from typing import Any

from .features import CONTRADICTION, NAME_FEATURES, SAMENESS
from .identity import Identity
from .quality import Protocol, read_protocol, run_protocol
from .register import Register
from .score import Model, load_model, parse_model
from .variants import MIX, vary

Pair = tuple[Mapping[str, float], int]
BY_HAND = {
    "same_domain": 6.0, "same_number": 9.0, "same_country": 0.2, "same_city": 0.6, "same_street": 1.5, "same_phone": 2.0,
    "other_domain": -2.0, "other_number": -3.0, "other_country": -2.0, "other_city": -1.0, "other_site": -1.0,
}  # fmt: skip
TYPED = 0.15  # share of misspelt copies of registered names among the questions


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
    """For each truly new name its best score among comparisons that are not certain."""
    register = Register([Identity(name) for _, name in protocol.registered])
    found = []
    for _, name in protocol.new:
        scores = [model.value(result.features) for _, result in register.compared(Identity(name)) if not result.certain]
        found.append(max(scores, default=0.0))
    return found


def fit(folder: Path, version: str, review_share: float = 0.015) -> dict[str, Any]:
    """A model as JSON with the figures of both halves."""
    train, test = read_protocol(folder, "fit"), read_protocol(folder, "test")
    pairs = labelled_pairs(train)
    bias, weights = fit_weights(pairs)
    data: dict[str, Any] = {
        "version": version,
        "bias": round(bias, 3),
        "likely": 0.5,
        "weights": {name: round(weight, 3) for name, weight in {**weights, **BY_HAND}.items()},
    }
    model = parse_model(data)
    data["likely"] = threshold(best_scores_of_new(train, model), review_share)
    model = replace(model, likely=data["likely"])
    keep = ("registered", "duplicates", "new", "caught", "caught_certain", "new_to_review", "new_declined")
    figures = {half: run_protocol(protocol, model=model) for half, protocol in (("fit", train), ("test", test))}
    data["figures"] = {half: {key: figures[half][key] for key in keep} for half in figures}
    data["figures"] |= {"pairs": len(pairs), "log_loss": round(log_loss(model, pairs), 4), "before": load_model().version}
    return data


def main() -> None:
    """Write the fitted model to the second argument."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    version = str(int(load_model().version) + 1) if load_model().version.isdigit() else "1"
    out.write_text(json.dumps(fit(folder, version), indent=1) + "\n", encoding="utf-8")


assert set(NAME_FEATURES) <= set(SAMENESS) | set(CONTRADICTION)

if __name__ == "__main__":
    main()
