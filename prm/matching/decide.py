"""What a pair of identities is: certain, likely or unlikely the same organisation, and by which rule.

`certain` never rests on a score. It takes the same registration number and country; the same domain without a contradicting
country, city, site or number; or the same normalised name without any contradiction, another legal form included, whose rarest
word is rare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .features import forms_differ, look_alike
from .frequency import Frequency
from .normalise import Name

CERTAIN, LIKELY, UNLIKELY = "certain", "likely", "unlikely"
RARE_WORD_AT_MOST = 5  # a name alone is certain only when its rarest word is in at most this many names of the register
CONTRADICTED_BY = ("other_country", "other_city", "other_site", "other_number")


@dataclass(frozen=True)
class Verdict:
    """`rule` is same_number, same_domain, same_name, look_alike, common_name, contradicted, score or none."""

    certainty: str
    rule: str


def rarest_count(a: Name, b: Name, frequency: Frequency) -> int:
    """Names of the register that contain the rarest word of the name; of two spellings the commoner counts."""
    return max(min(map(frequency.count, name.tokens), default=0) for name in (a, b))


def exact(a: Name, b: Name) -> bool:
    """The same normalised name: same words in any order, or the same letters with other spacing (six letters or more).

    Numbers are the same and in their order, and remarks of a registry (`/NC/`, `/PR/`) do not differ.
    """
    if a.empty or b.empty or a.only_form or b.only_form or a.truncated or b.truncated or len(a.joined) < 2:
        return False
    same = a.sorted_core == b.sorted_core or (a.joined == b.joined and len(a.joined) > 5)
    if not same or a.native != b.native or a.note != b.note or a.script_mixed or b.script_mixed:
        return False
    return _figures(a) == _figures(b) and not (a.remark and b.remark and a.remark != b.remark)


def _figures(name: Name) -> list[str]:
    return [token for token in name.tokens if not token.isalpha()]


def decide(pair: tuple[Name, Name] | None, features: Mapping[str, float], frequency: Frequency, *, by_score: bool) -> Verdict:
    """The verdict on one pair; `pair` = the two names (or aliases) that fit best, `by_score` = the score passes."""
    if features["same_number"]:
        return Verdict(CERTAIN, "same_number")
    contradicted = any(features[name] for name in CONTRADICTED_BY)
    if features["same_domain"]:
        return Verdict(LIKELY, "contradicted") if contradicted else Verdict(CERTAIN, "same_domain")
    if pair and exact(*pair):
        if contradicted or features["other_domain"] or forms_differ(*pair):
            return Verdict(LIKELY, "contradicted")
        supported = features["same_phone"] or features["same_street"]
        if supported or rarest_count(*pair, frequency) <= RARE_WORD_AT_MOST:
            return Verdict(CERTAIN, "same_name")
        return Verdict(LIKELY, "common_name")
    if pair and look_alike(*pair):
        return Verdict(LIKELY, "look_alike")
    return Verdict(LIKELY, "score") if by_score else Verdict(UNLIKELY, "none")
