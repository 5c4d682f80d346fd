"""The largest terms of a score as message keys with what fills them; the words are the caller's, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .features import NAME_SAMENESS
from .score import Term


@dataclass(frozen=True)
class Reason:
    """`key` names the message, `params` fill it; `speaks_for` says which way it pulls."""

    key: str
    params: dict[str, int]
    speaks_for: bool

    def as_json(self) -> dict[str, str | int]:
        """As it is kept with a candidate."""
        return {"key": self.key, **self.params}


def explain(terms: Iterable[Term], most: int = 4) -> list[Reason]:
    """The reasons that weigh most, strongest first; where the names are the same, that alone is said of what they share."""
    told = list(terms)
    same = [term for term in told if term.feature == "same_name"]
    if same:
        told = same + [term for term in told if term.feature not in NAME_SAMENESS]
    return [Reason(term.feature, {"percent": round(100 * term.value)}, term.points > 0) for term in told[:most]]
