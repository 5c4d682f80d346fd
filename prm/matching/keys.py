"""Keys by which names are found in a plain B-tree, and keys that transactions lock.

A stored name has at most `MAX_STORED` keys. A query probes at most `MAX_PROBES`, reads at most `ROWS_PER_KEY` rows per key
(a LIMIT inside a LATERAL join), keys in the given order, and stops at `MAX_CANDIDATES`: bounded work whatever the pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from .frequency import Frequency
from .identity import Identity
from .normalise import Name
from .segments import SHORT, deletions, probed_pairs, stored_pairs

MAX_STORED = 20
MAX_PROBES = 240
ROWS_PER_KEY = 60
MAX_CANDIDATES = 400
DROPS = 5
COMMON = 400  # a single word in more names than this is not worth a probe of its own

Key = tuple[str, int]


def to_int64(text: str) -> int:
    """A signed 64-bit hash, the same in every process and release."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def lock_keys(identity: Identity) -> list[str]:
    """What two registrations of the same customer would share, sorted: domain, number with country, name with country.

    Both the name with its country and the bare name are given, because an unknown country contradicts none.
    """
    country = identity.clean_country
    keys = {f"domain:{domain}" for domain in identity.clean_domains}
    if identity.number.counts:
        keys.add(f"number:{country}:{identity.number.value}")
    for name in identity.names:
        keys |= {f"name:{name.sorted_core}:{country}", f"name:{name.sorted_core}:"}
    return sorted(keys)


def _key(kind: str, text: str) -> Key:
    return kind, to_int64(f"{kind}:{text}")


def _bag(tokens: list[str] | tuple[str, ...]) -> str:
    return " ".join(sorted(tokens))


def _drops(name: Name, frequency: Frequency) -> Iterator[str]:
    """The bag of words with one left out, the commonest first, `DROPS` at most; of two words the rarer one stays."""
    tokens = list(name.tokens)
    if len(tokens) < 3:
        return
    order = sorted(range(len(tokens)), key=lambda i: (-frequency.count(tokens[i]), tokens[i]))
    for i in order[:DROPS]:
        yield _bag(tokens[:i] + tokens[i + 1 :])


def _prefixes(tokens: tuple[str, ...]) -> str:
    """First three letters of the first two words: abbreviations and late errors leave them alone."""
    return " ".join(token[:3] for token in tokens[:2])


def _rare(name: Name, frequency: Frequency, most: int) -> list[str]:
    return [token for token in frequency.rarest(name.tokens) if len(token) > 1][:most]


def candidate_keys(name: Name, frequency: Frequency) -> list[Key]:
    """Keys to store for a name, `MAX_STORED` at most, without repetition."""
    if name.empty:
        return []
    keys = [_key("join", name.joined), _key("bag", name.sorted_core)]
    if name.skeleton:
        keys.append(_key("join", name.skeleton.replace(" ", "")))
    keys += [_key("bag", text) for text in _drops(name, frequency)]
    if len(name.joined) < SHORT:
        keys += [_key("del", text) for text in deletions(name.joined)]
    else:
        keys += [_key("seg", text) for text in stored_pairs(name.joined)]
    rare = _rare(name, frequency, 2)
    keys += [_key("word", token) for token in rare]
    if len(rare) == 2:
        keys.append(_key("pair", _bag(rare)))
    if len(name.tokens) > 1:
        keys.append(_key("head", _prefixes(name.tokens)))
    if name.acronym:
        keys.append(_key("join", name.acronym))
    return list(dict.fromkeys(keys))[:MAX_STORED]


def _shorter(name: Name, frequency: Frequency) -> list[tuple[str, ...]]:
    """The words without the last one, when that may be a misspelt legal form."""
    last = name.tokens[-1]
    return [name.tokens[:-1]] if len(name.tokens) > 1 and frequency.count(last) <= 2 else []


def query_keys(name: Name, frequency: Frequency) -> list[Key]:
    """Keys to probe for a name, the most telling first, `MAX_PROBES` at most."""
    if name.empty:
        return []
    keys = [_key("join", name.joined), _key("bag", name.sorted_core)]
    if name.skeleton:
        keys.append(_key("join", name.skeleton.replace(" ", "")))
    shorter = _shorter(name, frequency)
    for tokens in shorter:
        keys += [_key("join", "".join(tokens)), _key("bag", _bag(tokens))]
    keys += [_key("bag", text) for text in _drops(name, frequency)]
    rare = [token for token in _rare(name, frequency, 4) if frequency.count(token) <= COMMON]
    words = list(dict.fromkeys([*rare, *_rare(name, frequency, 4)]))
    keys += [_key("pair", _bag([a, b])) for i, a in enumerate(words) for b in words[i + 1 :]]
    if len(name.joined) < SHORT + 2:
        keys += [_key("del", text) for text in deletions(name.joined)]
    if name.acronym:
        keys.append(_key("join", name.acronym))
    keys += [_key("seg", text) for tokens in (name.tokens, *shorter) for text in probed_pairs("".join(tokens))]
    keys += [_key("word", token) for token in rare]
    if len(name.tokens) > 1:
        keys.append(_key("head", _prefixes(name.tokens)))
    return list(dict.fromkeys(keys))[:MAX_PROBES]


def identity_keys(identity: Identity, frequency: Frequency, *, probe: bool = False) -> list[Key]:
    """Keys of a whole identity: its domains, number, then its names. With `probe` those to look for, else those to store."""
    keys = [_key("domain", domain) for domain in sorted(identity.clean_domains)]
    if identity.number.counts:
        keys.append(_key("number", f"{identity.clean_country}:{identity.number.value}"))
    if phone := identity.places.get("phone"):
        keys.append(_key("phone", phone))
    for name in identity.names:
        keys += query_keys(name, frequency) if probe else candidate_keys(name, frequency)
    return list(dict.fromkeys(keys))
