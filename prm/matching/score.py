"""A logistic model small enough to read: score = 1 / (1 + exp(-(bias + sum of weight x feature)))."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp
from pathlib import Path
from typing import Any

from .features import CONTRADICTION, SAMENESS

MODEL = Path(__file__).parent / "data" / "model.json"


@dataclass(frozen=True)
class Term:
    """One summand of the score in log-odds."""

    feature: str
    value: float
    points: float


@dataclass(frozen=True)
class Model:
    """Weights with their version, threshold for `likely`, and the figures they were fitted with."""

    version: str
    bias: float
    weights: Mapping[str, float]
    likely: float
    figures: Mapping[str, Any]

    @cached_property
    def _sorted(self) -> tuple[tuple[str, float], ...]:
        """In one order, so that no score hangs on the order in which features were found."""
        return tuple(sorted((name, weight) for name, weight in self.weights.items() if weight))

    def terms(self, features: Mapping[str, float]) -> tuple[Term, ...]:
        """The summands that are not zero, largest first."""
        found = [Term(name, value, self.weights.get(name, 0.0) * value) for name, value in features.items() if value]
        return tuple(sorted((term for term in found if term.points), key=lambda term: (-abs(term.points), term.feature)))

    def value(self, features: Mapping[str, float]) -> float:
        """Between 0 and 1, four digits."""
        total = self.bias + sum([weight * value for name, weight in self._sorted if (value := features.get(name))])
        return round(1 / (1 + exp(-max(-30.0, min(30.0, total)))), 4)


def parse_model(data: Mapping[str, Any]) -> Model:
    """A model from its JSON. Raises ValueError when a weight points the wrong way: evidence could then backfire."""
    weights = {name: float(weight) for name, weight in data["weights"].items()}
    wrong = [
        name for name, weight in weights.items() if (weight < 0 and name in SAMENESS) or (weight > 0 and name in CONTRADICTION)
    ]
    unknown = set(weights) - set(SAMENESS) - set(CONTRADICTION)
    if wrong or unknown:
        raise ValueError(f"model weights point the wrong way or are unknown: {sorted([*wrong, *unknown])}")
    return Model(data["version"], float(data["bias"]), weights, float(data["likely"]), data.get("figures", {}))


@lru_cache(maxsize=1)
def load_model() -> Model:
    """The model shipped in `data/model.json`."""
    return parse_model(json.loads(MODEL.read_text("utf-8")))
