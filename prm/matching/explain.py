"""The largest terms of a score in words: message keys with parameters for translation, and an English text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .score import Term

TEXTS = {
    "same_name": "the names are the same but for legal form, order and spelling signs",
    "shared_words": "{percent} % of the words' weight is shared",
    "spelling": "the spelling agrees to {percent} %",
    "first_word": "the first words agree",
    "rare_word": "a rare word is shared",
    "acronym": "one name is the initials of the other",
    "begins": "one name begins with the other",
    "begins_long": "one name begins with the several words of the other",
    "same_head": "the same up to a legal form inside the name",
    "same_domain": "same web domain",
    "same_number": "same registration number and country",
    "same_country": "same country",
    "same_city": "same city",
    "same_street": "same street",
    "same_phone": "same phone number",
    "rare_extra": "one name has a telling word more",
    "after_extra": "one name goes on with a telling word",
    "both_extra": "each name has a telling word that the other lacks",
    "other_figures": "the numbers in the names differ",
    "other_note": "the remarks in brackets differ",
    "other_domain": "different web domains",
    "other_number": "different registration numbers",
    "other_country": "different countries",
    "other_city": "different cities",
    "other_site": "different sites",
}


@dataclass(frozen=True)
class Reason:
    """`key` names the message, `params` fill it; `speaks_for` says which way it pulls."""

    key: str
    params: dict[str, int]
    speaks_for: bool

    @property
    def text(self) -> str:
        """In English."""
        return TEXTS[self.key].format(**self.params)


def explain(terms: Iterable[Term], most: int = 4) -> list[Reason]:
    """The reasons that weigh most, strongest first."""
    return [Reason(term.feature, {"percent": round(100 * term.value)}, term.points > 0) for term in list(terms)[:most]]
