"""Recombined names and misspelt queries for benchmarks: seeded, so that every run sees the same."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence

from .normalise import ABBREVIATIONS, legal_forms, normalise_name

# Share of each kind among the queries (issue 3, Figures).
MIX = {"form": 0.20, "rotated": 0.15, "edit1": 0.30, "edit2": 0.10, "dropped": 0.10, "short": 0.10, "spacing": 0.05}
_SHORT_FOR = {full: short for short, full in ABBREVIATIONS.items() if len(full) > len(short) + 2 and len(short) > 2}


def split_form(name: str) -> tuple[list[str], list[str]]:
    """Words of a name as typed, and the words of its closing legal form."""
    words = name.split()
    count = len(normalise_name(name).tokens)
    body = list(words)
    while len(body) > 1 and len(normalise_name(" ".join(body[:-1])).tokens) == count and _is_form(body[-1]):
        body.pop()
    return body, words[len(body) :]


def _is_form(word: str) -> bool:
    bare = "".join(char for char in word.lower() if char.isalnum())
    return bare in legal_forms() or bare in ("and", "public")


def recombine(names: Sequence[str], count: int, seed: int = 7) -> Iterator[str]:
    """`count` new names, no two the same when normalised: head of one real name, tail of another, legal form of a third."""
    rng = random.Random(seed)
    heads, tails, forms = [], [], []
    for name in names:
        body, form = split_form(name)
        cut = max(1, (len(body) + 1) // 2)
        heads.append(" ".join(body[:cut]))
        tails.append(" ".join(body[cut:]))
        forms.append(" ".join(form))
    seen = {hash(normalise_name(name).sorted_core) for name in names}
    made = 0
    while made < count:
        name = " ".join(filter(None, (rng.choice(heads), rng.choice(tails), rng.choice(forms)))).strip(" ,")
        core = hash(normalise_name(name).sorted_core)
        if core not in seen:
            seen.add(core)
            made += 1
            yield name


def edit(text: str, rng: random.Random) -> str:
    """One insertion, deletion, substitution or swap of neighbours at a random place."""
    at = rng.randrange(len(text))
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + rng.choice(string.ascii_lowercase) + text[at:]
    if kind == 1 and len(text) > 2:
        return text[:at] + text[at + 1 :]
    if kind == 2 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + rng.choice(string.ascii_lowercase) + text[at + 1 :]


def _rotated(words: list[str], rng: random.Random) -> list[str]:
    at = rng.randrange(1, len(words)) if len(words) > 1 else 0
    return words[at:] + words[:at]


def _dropped(words: list[str], rng: random.Random) -> list[str]:
    """One word less, two left at least."""
    if len(words) < 3:
        return words
    at = rng.randrange(len(words))
    return words[:at] + words[at + 1 :]


def _abbreviated(words: list[str], rng: random.Random) -> list[str]:
    """The longest word by its usual short form, else cut after three to five letters, with a full stop."""
    at = max(range(len(words)), key=lambda i: len(words[i]))
    word = words[at]
    short = _SHORT_FOR.get(word.lower()) or word[: rng.randrange(3, 6)]
    return [*words[:at], short + ".", *words[at + 1 :]]


def _spaced(words: list[str], rng: random.Random) -> list[str]:
    """Two words written as one, or one as two."""
    if len(words) > 1 and rng.random() < 0.5:
        at = rng.randrange(len(words) - 1)
        return [*words[:at], words[at] + words[at + 1].lower(), *words[at + 2 :]]
    at = max(range(len(words)), key=lambda i: len(words[i]))
    half = len(words[at]) // 2
    return [*words[:at], *filter(None, (words[at][:half], words[at][half:])), *words[at + 1 :]]


def vary(name: str, kind: str, rng: random.Random) -> str:
    """The name as somebody in a hurry would type it; `kind` is a key of `MIX`."""
    body, form = split_form(name)
    if kind == "form":
        return " ".join(body)
    if kind == "edit1":
        return edit(name, rng)
    if kind == "edit2":
        return edit(edit(name, rng), rng)
    change = {"rotated": _rotated, "dropped": _dropped, "short": _abbreviated, "spacing": _spaced}[kind]
    return " ".join([*change(body, rng), *form])


def queries(names: Sequence[str], count: int, seed: int = 11) -> Iterator[tuple[int, str, str]]:
    """(index of the true name, kind, query) in the shares of `MIX`."""
    rng = random.Random(seed)
    kinds = rng.choices(list(MIX), weights=list(MIX.values()), k=count)
    for kind in kinds:
        at = rng.randrange(len(names))
        yield at, kind, vary(names[at], kind, rng)
