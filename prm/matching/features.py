"""What two identities have in common and where they contradict each other, as numbers between 0 and 1.

Every feature is symmetric. Features named in `SAMENESS` speak for one organisation, those in `CONTRADICTION` against.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from .frequency import Frequency
from .identity import Identity, country_names
from .normalise import ENGLISH_FORMS, INNER_FORMS, Name

NAME_SAMENESS = (
    "same_name", "shared_words", "spelling", "first_word", "rare_word", "acronym", "begins", "begins_long", "same_head",
)  # fmt: skip
_NAME_OTHER = (
    "rare_extra", "after_extra", "both_extra", "other_figures", "other_note", "other_form", "foreign_form", "other_place",
    "everyday_word",
)  # fmt: skip
NAME_FEATURES = NAME_SAMENESS + _NAME_OTHER
SAMENESS = (*NAME_SAMENESS, "same_domain", "same_number", "same_country", "same_city", "same_street", "same_phone")
CONTRADICTION = (*_NAME_OTHER, "other_domain", "other_number", "other_country", "other_city", "other_site")
CLOSE = 0.8
SHORT_WORD = 5
LOOSE_FORMS = frozenset({"co", "ltd", "inc", "corp"})  # written or left out beside another one (`Acme Co., Ltd.`)
LITTLE = 0.05  # the weight of a word that tells nothing
_PLACES = (
    "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa"
    " kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada"
    " hampshire jersey mexico york carolina dakota ohio oklahoma oregon pennsylvania rhode tennessee texas utah vermont virginia"
    " washington wisconsin wyoming europe asia africa america latin global brasil deutschland espana italia polska suisse usa"
    " uk uae"
)
_NO_PLACES = (
    "islands island republic united states south north east west french british minor outlying territories territory part"
)
_DIGIT_LOOKS = str.maketrans("0135", "oles")  # G00gle, App1e
_BEYOND_WORDS = 0.85  # likeness of a cut-off word, and of two words that mean the same in two languages


@lru_cache(maxsize=1)
def meanings() -> dict[str, str]:
    """Common company words of many languages to a sign for what they mean, from `data/common_words.tsv`."""
    lines = (Path(__file__).parent / "data" / "common_words.tsv").read_text("utf-8").splitlines()
    return {word: sign for sign, word in (line.split("\t") for line in lines)}


@lru_cache(maxsize=1)
def everyday_words() -> frozenset[str]:
    """Words that people use without thinking of a company, from `data/everyday_words.txt` (English, German, Spanish, French)."""
    return frozenset((Path(__file__).parent / "data" / "everyday_words.txt").read_text("ascii").split())


@lru_cache(maxsize=1)
def place_words() -> frozenset[str]:
    """Words of the names of countries and of the states of the USA, and what such words are elsewhere."""
    named = {word for country in country_names() for word in country.split() if len(word) > 3}
    return (named | set(_PLACES.split())) - set(_NO_PLACES.split())


@dataclass(frozen=True)
class Alignment:
    """Words of two names paired off: the pairs with their likeness, and what is left on either side."""

    pairs: tuple[tuple[str, str, float], ...]
    left: tuple[str, ...]
    right: tuple[str, ...]


def likeness(a: str, b: str) -> float:
    """Of two words, 0 to 1: by edits (a swap counts once); a cut-off word and a word of equal meaning count 0.85."""
    if a == b:
        return 1.0
    if a.isdigit() or b.isdigit():
        return 0.0
    short, long = sorted((a, b), key=len)
    if long == f"the{short}":
        return 0.95
    if a.translate(_DIGIT_LOOKS) == b.translate(_DIGIT_LOOKS):
        return 0.95
    if (len(short) > 3 and long.startswith(short)) or (meanings().get(a, a) == meanings().get(b, b)):
        return _BEYOND_WORDS
    if len(short) < 3 or len(long) - len(short) > 2:
        return 0.0
    value = OSA.normalized_similarity(a, b)
    close = value >= (CLOSE if len(long) > 4 else 0.75) and (short[0] == long[0] or value >= 0.85)
    if not close:
        return 0.0
    swapped = sorted(a) == sorted(b)  # in a short word one other letter is mostly another word
    return value if len(long) > SHORT_WORD or swapped else 0.6 * value


def _weight(frequency: Frequency, word: str) -> float:
    """How telling a word is; a legal form left inside a name is not, however seldom it stands there."""
    return LITTLE if word in INNER_FORMS else frequency.weight(word)


def _regrouped(tokens: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Two neighbouring words that the other name writes as one (`Super Micro`, `Supermicro`) are one here too."""
    found: list[str] = []
    rest = iter(pairwise((*tokens, "")))
    for word, following in rest:
        if joined := next((other for other in others if other == word + following and following), ""):
            next(rest, None)
        found.append(joined or word)
    return tuple(found)


def align(a: tuple[str, ...], b: tuple[str, ...]) -> Alignment:
    """Pair equal words first, then the most alike ones. At most 20 words a side, so at most 400 comparisons."""
    left, right = sorted(a), sorted(b)
    pairs: list[tuple[str, str, float]] = []
    for token in list(left):
        if token in right:
            left.remove(token)
            right.remove(token)
            pairs.append((token, token, 1.0))
    likely = [(likeness(x, y), x, y) for x in left for y in right]
    for value, x, y in sorted(likely, key=lambda item: (item[0], *sorted(item[1:])), reverse=True):
        if value and x in left and y in right:
            left.remove(x)
            right.remove(y)
            pairs.append((x, y, value))
    return Alignment(tuple(pairs), tuple(left), tuple(right))


def look_alike(a: Name, b: Name) -> bool:
    """The same only when foreign letters are read as the Latin ones they look like."""
    if a.script_mixed or b.script_mixed:
        return a.joined == b.joined
    skeletons = {name.skeleton.replace(" ", "") for name in (a, b) if name.skeleton}
    return a.native != b.native and bool(skeletons & {a.joined, b.joined})


def _same_name(a: Name, b: Name) -> bool:
    """Equal but for order and spacing; words in brackets may stand in line (`Lilly (Eli)` is `Eli Lilly`)."""
    if a.note != b.note and sorted([*a.tokens, *a.note.split()]) == sorted([*b.tokens, *b.note.split()]):
        return True
    if look_alike(a, b):
        return True
    return not a.empty and (a.sorted_core == b.sorted_core or (a.joined == b.joined and len(a.joined) > 5))


def _first_word(x: str, y: str, frequency: Frequency) -> float:
    return likeness(x, y) * min(frequency.weight(x), frequency.weight(y))


def _begins(a: tuple[str, ...], b: tuple[str, ...], frequency: Frequency) -> tuple[float, float]:
    """How rare the rarest word is of a name that the other one begins with; the same when it has two words or more."""
    short, long = sorted((a, b), key=len)
    if long[: len(short)] != short:
        return 0.0, 0.0
    rare = max(map(frequency.weight, short))
    return rare, rare if len(short) > 1 else 0.0


def _shared_head(a: Name, b: Name) -> list[str]:
    """The words of one name where they stand before a legal form inside the other, or in both: the rest is a remark."""
    head = a.head or a.core
    return head.split() if (a.head or b.head) and head == (b.head or b.core) else []


def _acronym(a: Name, b: Name) -> bool:
    return any(len(x.acronym) >= 3 and x.acronym == y.joined for x, y in ((a, b), (b, a)))


def name_features(a: Name, b: Name, frequency: Frequency) -> dict[str, float]:
    """Features of the names alone."""
    if a.empty or b.empty:
        return dict.fromkeys(NAME_FEATURES, 0.0)
    if _same_name(a, b):
        rare = max(frequency.weight(token) for token in (*a.tokens, *b.tokens))
        found = {"same_name": 1.0, "shared_words": 1.0, "spelling": 1.0, "first_word": rare, "rare_word": rare}
        found |= {"begins": rare, "begins_long": rare if max(len(a.tokens), len(b.tokens)) > 1 else 0.0, "same_head": 1.0}
        return dict.fromkeys(NAME_FEATURES, 0.0) | found | _contradictions(a, b)
    weight = partial(_weight, frequency)
    head = _shared_head(a, b)
    rare = max(map(weight, head), default=0.0)
    if head and not (a.head and b.head):  # the other one goes on with nothing but a remark
        found = dict.fromkeys(("shared_words", "spelling"), 1.0)
        found |= dict.fromkeys(("first_word", "rare_word", "begins", "same_head"), rare)
        return dict.fromkeys(NAME_FEATURES, 0.0) | found | {"begins_long": rare if len(head) > 1 else 0.0} | _forms(a, b)
    mine, theirs = _regrouped(a.tokens, b.tokens), _regrouped(b.tokens, a.tokens)
    paired = align(mine, theirs)
    shared = sum(value * (weight(x) + weight(y)) for x, y, value in paired.pairs)
    # A paired but misspelt word is rare only because it is misspelt: its partner's weight counts.
    missing = [sum(map(weight, side)) for side in (paired.left, paired.right)]
    extra = max((weight(token) for side in (paired.left, paired.right) for token in side), default=0.0)
    begins, begins_long = _begins(mine, theirs, frequency)
    total = sum(weight(x) + weight(y) for x, y, _ in paired.pairs) + sum(missing)
    return {
        "same_name": 0.0,
        "shared_words": shared / total,
        "spelling": max(fuzz.ratio(a.joined, b.joined), fuzz.token_sort_ratio(a.core, b.core)) / 100,
        "first_word": _first_word(mine[0], theirs[0], frequency),
        "rare_word": max((value * min(weight(x), weight(y)) for x, y, value in paired.pairs), default=0.0),
        "begins": begins,
        "begins_long": begins_long,
        "acronym": float(_acronym(a, b)),
        "same_head": rare,
        "rare_extra": 0.0 if begins else extra,
        "after_extra": extra if begins else 0.0,
        "both_extra": min(max(map(weight, side), default=0.0) for side in (paired.left, paired.right)),
        "other_place": float(not place_words().isdisjoint((*paired.left, *paired.right))),
        "everyday_word": float(_everyday(paired)),
    } | _contradictions(a, b)


def _everyday(paired: Alignment) -> bool:
    """All that the names share is one word that anybody may use (`Pineapple Inc`, `Pineapple Financial`)."""
    if len(paired.pairs) != 1 or not (paired.left or paired.right):
        return False
    x, y, _ = paired.pairs[0]
    return x in everyday_words() or y in everyday_words()


def forms_differ(a: Name, b: Name) -> bool:
    """Each has a legal form, and they are not one: `Toro Co` is not `Toro Corp`, a GmbH no GmbH & Co. KG."""
    if a.forms and b.forms:
        part = a.forms <= b.forms or b.forms <= a.forms
        return not part or not a.forms ^ b.forms <= LOOSE_FORMS
    return len({a.legal_form, b.legal_form, "", "-"}) == 4  # two known classes: OOO and ZAO


def _forms(a: Name, b: Name) -> dict[str, float]:
    """Other forms of one law, or of two: the latter may be translated (`Banco Macro SA`, `Macro Bank Inc`) and says little."""
    differ = forms_differ(a, b)
    one_law = a.forms.isdisjoint(ENGLISH_FORMS) == b.forms.isdisjoint(ENGLISH_FORMS)
    return {"other_form": float(differ and one_law), "foreign_form": float(differ and not one_law)}


def _contradictions(a: Name, b: Name) -> dict[str, float]:
    return {
        "other_figures": float(a.numbers != b.numbers),
        "other_note": float(bool(a.note and b.note) and a.note != b.note),
    } | _forms(a, b)


def _field(a: str, b: str) -> tuple[float, float]:
    """(same, other); unknown on either side is neither."""
    return (0.0, 0.0) if not a or not b else (float(a == b), float(a != b))


def identity_features(a: Identity, b: Identity) -> dict[str, float]:
    """Features of everything but the name."""
    found: dict[str, float] = {}
    country = _field(a.clean_country, b.clean_country)
    found["same_country"], found["other_country"] = country
    shared = a.clean_domains & b.clean_domains
    found["same_domain"] = float(bool(shared))
    found["other_domain"] = float(bool(a.clean_domains and b.clean_domains) and not shared)
    comparable = bool(country[0])  # a number says something only within one known country
    found["same_number"] = float(comparable and a.number.same(b.number))
    found["other_number"] = float(comparable and a.number.differs(b.number))
    places, others = a.places, b.places
    found["same_city"], found["other_city"] = _field(places.get("city", ""), others.get("city", ""))
    _, found["other_site"] = _field(places.get("site", ""), others.get("site", ""))
    postcode, street = (_field(places.get(field, ""), others.get(field, "")) for field in ("postcode", "street"))
    numbered = any(char.isdigit() for char in places.get("street", ""))  # every town has a Main Street
    found["same_street"] = float(bool(street[0]) and numbered and not postcode[1])
    found["same_phone"], _ = _field(places.get("phone", ""), others.get("phone", ""))
    return found
