"""Keys by which names are found in a plain B-tree, and keys that transactions lock.

A stored name has at most `MAX_STORED` keys, kept as rows (key, customer) under a plain B-tree. A query probes at most
`MAX_PROBES` and reads at most `ROWS_PER_KEY` rows per key, of the first `EXACT_FIRST` keys
`ROWS_PER_EXACT_KEY` (a LIMIT inside a LATERAL join); rows are ranked by `ranked`: a shared key says the more the fewer rows
have it, and one of the first `EXACT_FIRST` says most; the best `MAX_LOOSE` stay, and with an exact key `MAX_CANDIDATES`. Bounded
work whatever the pool. An array column with GIN and `&&` is no substitute: it cannot stop early (measured at 10⁶: 25 ms to
seconds).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import combinations
from typing import TypeVar

from rapidfuzz.distance import OSA

from .frequency import Frequency
from .identity import Identity
from .normalise import INNER_FORMS, Name
from .segments import DELETED, deletions, probed_pairs, stored_pairs, swapped_pairs

MAX_STORED = 24
MAX_PROBES = 320
ROWS_PER_KEY = 200
EXACT_FIRST = 4  # the first keys stand for the words as they are: more rows of them, and ranked before others
ROWS_PER_EXACT_KEY = 1000
MAX_LOOSE = 300  # candidates without an exact key
MAX_CANDIDATES = 1000
ENDS = 8  # letters a name needs to be found by its first three and last four
DROPS, RAREST = 5, 3
COMMON = 400  # a single word in more names than this is not worth a probe of its own

# Forms seen most, as they end a word when the space is missing.
GLUED = ("incorporated", "corporation", "company", "limited", "gmbh", "corp", "inc", "ltd", "plc", "llc", "co", "sa", "ag", "nv")

Key = tuple[str, int]
Row = TypeVar("Row")


def to_int64(text: str) -> int:
    """A signed 64-bit hash, the same in every process and release."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def lock_keys(identity: Identity) -> list[str]:
    """What two registrations of the same customer would share, sorted: domain, number with country, name with country; the name
    also without its spaces, as the check reads it.

    Both the name with its country and the bare name are given, because an unknown country contradicts none.
    """
    country = identity.clean_country
    keys = {f"domain:{domain}" for domain in identity.clean_domains}
    if country and identity.number.counts:
        keys.add(f"number:{country}:{identity.number.value}")
    for name in identity.names:
        for text in (name.sorted_core, name.joined):
            keys |= {f"name:{text}:{country}", f"name:{text}:"}
    return sorted(keys)


def ranked(hits: Iterable[Sequence[Row]]) -> list[Row]:
    """Rows found, given the rows of each probed key in the order of the keys; the best first.

    A row has 1/√n of each key that it shares with n - 1 others, and 1 more of each of the first `EXACT_FIRST` keys; of equals
    the one whose key was asked for earlier is before (a name with an error in each of its words shares but one key, and that with
    hundreds). The best `MAX_LOOSE` stay, and of the first keys, which many may have (`First Shipping`: 400 names begin so),
    `MAX_CANDIDATES`.
    """
    first: dict[Row, int] = {}
    weight: dict[Row, float] = {}
    for position, rows in enumerate(hits):
        exact = position < EXACT_FIRST
        rows = rows[: ROWS_PER_EXACT_KEY if exact else ROWS_PER_KEY]
        share = exact + max(len(rows), 1) ** -0.5
        for row in rows:
            first.setdefault(row, position)
            weight[row] = weight.get(row, 0.0) + share
    order = sorted(first, key=lambda row: (-weight[row], first[row]))
    return [row for n, row in enumerate(order[:MAX_CANDIDATES]) if n < MAX_LOOSE or first[row] < EXACT_FIRST]


def _key(kind: str, text: str) -> Key:
    return kind, to_int64(f"{kind}:{text}")


def _bag(tokens: list[str] | tuple[str, ...]) -> str:
    return " ".join(sorted(tokens))


def _drops(name: Name, frequency: Frequency, *, probe: bool = False) -> Iterator[str]:
    """The bag of words with one left out, `DROPS` at most, the commonest word first; of two words the rarer one stays.

    Of a long stored name also those without one of the rarest words: of what is left then no pair of words is telling.
    """
    tokens = list(name.tokens)
    if len(tokens) < 3:
        return
    order = sorted(range(len(tokens)), key=lambda i: (-frequency.count(tokens[i]), tokens[i]))
    if len(order) > DROPS and not probe:
        order = order[: DROPS - RAREST] + order[-RAREST:]
    for i in order[:DROPS]:
        yield _bag(tokens[:i] + tokens[i + 1 :])


def _heads(name: Name, *, probe: bool = False) -> list[str]:
    """The first three to six letters of a name of one word, for abbreviations."""
    if len(name.tokens) > 1:
        return []
    word = name.tokens[0]
    if probe:
        return [word] if 3 <= len(word) <= 6 else []
    return [word[:size] for size in range(3, 7) if size < len(word)]


def _edges(tokens: tuple[str, ...], which: list[str]) -> list[str]:
    """A word by its first or last three letters, with the bag of the others: one error or a cut leaves one end alone."""
    found = []
    for token in which:
        rest = list(tokens)
        rest.remove(token)
        found += [f"{token[:3]}* {_bag(rest)}", f"*{token[-3:]} {_bag(rest)}"]
    return found


def _pairs(rare: Sequence[str]) -> list[Key]:
    return [_key("bag", _bag(pair)) for pair in combinations(rare, 2)]


def _ends(joined: str) -> list[Key]:
    """First three and last four letters: whatever happened between them."""
    return [_key("ends", joined[:3] + joined[-4:])] if len(joined) >= ENDS else []


def _begun(name: Name) -> list[Key]:
    """The first two of three words or more as one, as a short name may have them (`Supermicro`)."""
    return [_key("join", "".join(name.tokens[:2]))] if len(name.tokens) > 2 else []


def _rare(name: Name, frequency: Frequency, most: int) -> list[str]:
    return [token for token in frequency.rarest(name.tokens) if len(token) > 1][:most]


def candidate_keys(name: Name, frequency: Frequency) -> list[Key]:
    """Keys to store for a name, `MAX_STORED` at most, without repetition."""
    if name.empty:
        return []
    joined, alone = name.joined, len(name.tokens) == 1
    keys = [_key("join", joined)]
    keys += [_key("join", text.replace(" ", "")) for text in (name.skeleton, name.head) if text]
    keys += _begun(name)
    keys += [_key("bag", text) for text in ([] if alone else [name.sorted_core, *_drops(name, frequency)])]
    keys += [_key("seg", text) for text in stored_pairs(joined)]
    rare = _rare(name, frequency, 3)
    keys += _pairs(rare)  # any one word may be dropped or misspelt and a pair of rare ones is left
    keys += _ends(joined)
    rare = rare[:2]
    keys += [_key("word", token) for token in rare]
    if not alone:
        keys += [_key("edge", text) for text in _edges(name.tokens, rare if len(name.tokens) == 2 else rare[:1])]
    keys += [_key("head", text) for text in _heads(name)]
    if name.acronym:
        keys.append(_key("join", name.acronym))
    if len(joined) < DELETED:
        keys += [_key("del", text) for text in deletions(joined)]
    return list(dict.fromkeys(keys))[:MAX_STORED]


def _readings(name: Name, frequency: Frequency) -> list[tuple[str, ...]]:
    """The words as they are, and without an end that may be a legal form misspelt (`Ltyd`) or glued on (`globantinc`)."""
    found = [name.tokens]
    last = name.tokens[-1]
    if len(name.tokens) > 1 and (frequency.count(last) <= 2 or _near_form(last)):
        found.append(name.tokens[:-1])
    for form in GLUED:
        if last.endswith(form) and len(last) - len(form) > 2 and frequency.count(last) <= 2:
            found.append((*name.tokens[:-1], last[: -len(form)]))
            break
    if name.head:
        found.append(tuple(name.head.split()))
    inner = tuple(token for token in name.tokens if token not in INNER_FORMS)
    if inner and inner != name.tokens:
        found.append(inner)
    first = name.tokens[0]
    if first.startswith("the") and len(first) > 5 and frequency.count(first) <= 2:
        found.append((first[3:], *name.tokens[1:]))
    return found


def _near_form(word: str) -> bool:
    return len(word) > 1 and any(OSA.distance(word, form, score_cutoff=1) <= 1 for form in GLUED)


def _exact_keys(tokens: tuple[str, ...]) -> list[Key]:
    keys = [_key("join", "".join(tokens))]
    return keys if len(tokens) == 1 else [*keys, _key("bag", _bag(tokens))]


def _error_keys(tokens: tuple[str, ...]) -> list[Key]:
    joined = "".join(tokens)
    short = [_key("del", text) for text in deletions(joined, 2)] if len(joined) < DELETED + 1 else []
    return short + [_key("seg", text) for text in (*probed_pairs(joined), *swapped_pairs(joined))]


def query_keys(name: Name, frequency: Frequency) -> list[Key]:
    """Keys to probe for a name, the most telling first, `MAX_PROBES` at most."""
    if name.empty:
        return []
    readings = _readings(name, frequency)
    alone = [_key("word", name.core)] if len(name.tokens) == 1 else []  # may be what is left of a longer name
    keys = alone + [key for tokens in readings for key in _exact_keys(tokens)]
    if name.skeleton:
        keys.append(_key("join", name.skeleton.replace(" ", "")))
    if name.raw[:4].lower() == "the ":
        keys.append(_key("join", "the" + name.joined))
    for tokens in readings:
        if 1 < len(tokens) <= DROPS:
            keys += [_key("edge", text) for text in _edges(tokens, sorted(set(tokens)))]
    keys += [_key("bag", text) for text in _drops(name, frequency, probe=True)]
    rare = _rare(name, frequency, 4)
    keys += _pairs(rare)
    keys += [key for tokens in readings for key in _ends("".join(tokens))]
    if name.acronym:
        keys.append(_key("join", name.acronym))
    keys += _begun(name)
    keys += _error_keys(name.tokens)
    keys += [_key("head", text) for text in _heads(name, probe=True)]
    keys += [_key("word", token) for token in rare if frequency.count(token) <= COMMON]
    keys += [key for tokens in readings[1:] for key in _error_keys(tokens)]
    return list(dict.fromkeys(keys))[:MAX_PROBES]


def identity_keys(identity: Identity, frequency: Frequency, *, probe: bool = False) -> list[Key]:
    """Keys of a whole identity: its domains, number, then its names. With `probe` those to look for, else those to store."""
    keys = [_key("domain", domain) for domain in sorted(identity.clean_domains)]
    if identity.clean_country and identity.number.counts:
        keys.append(_key("number", f"{identity.clean_country}:{identity.number.value}"))
    if phone := identity.places.get("phone"):
        keys.append(_key("phone", phone))
    for name in identity.names:
        keys += query_keys(name, frequency) if probe else candidate_keys(name, frequency)
    return list(dict.fromkeys(keys))[: MAX_PROBES if probe else None]
