"""How rare a word is in the register: document frequency in, weight out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log

from .normalise import Name


@dataclass(frozen=True)
class Frequency:
    """`counts[token]` = names of the register that contain it; `total` = names in the register. Unknown tokens count 0.

    Only the tokens of the names at hand are needed, so a caller may pass the few counts it has just read.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    total: int = 1000
    _weights: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def count(self, token: str) -> int:
        """Names that contain the token."""
        return self.counts.get(token, 0)

    def weight(self, token: str) -> float:
        """Rarity between 0.05 (in every name) and 1 (in none): inverse document frequency on its own scale."""
        known = self._weights.get(token)
        if known is None:
            total = max(self.total, 100)
            known = self._weights[token] = max(0.05, 1 - log(1 + min(self.count(token), total)) / log(1 + total))
        return known

    def rarest(self, tokens: Iterable[str]) -> list[str]:
        """Tokens by rising count; equal ones longest first, then by alphabet, so the order never depends on the name."""
        return sorted(set(tokens), key=lambda token: (self.count(token), -len(token), token))

    @classmethod
    def of(cls, names: Iterable[Name]) -> Frequency:
        """Counted over normalised names."""
        counts: Counter[str] = Counter()
        total = 0
        for name in names:
            counts.update(set(name.tokens))
            total += 1
        return cls(counts, total)
