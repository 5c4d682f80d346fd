"""Keys that survive two typing errors, after Pass-Join (Li, Deng, Wang, Feng, PVLDB 2011).

A word is cut in four parts. Two edits leave at least two parts untouched, so a name stores its six pairs of parts, and a
query looks for each pair at every place where two edits can have pushed it. Stored: 6 keys. Probed: about 100.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, pairwise

PARTS = 4
EDITS = 2
SHORT = 6  # below this parts are too small to tell anything
DELETED = 9  # below this single deletions are stored (and two are probed)
LONG = 48  # what comes after is not looked at


@lru_cache(maxsize=256)
def cuts(length: int) -> tuple[tuple[int, int], ...]:
    """(start, end) of the four parts of a word of that length, as even as possible, the longer ones last."""
    edges = [length * part // PARTS for part in range(PARTS + 1)]
    return tuple(pairwise(edges))


def stored_pairs(word: str) -> Iterator[str]:
    """The six keys of a stored word (empty below `SHORT`)."""
    word = word[:LONG]
    if len(word) < SHORT:
        return
    parts = cuts(len(word))
    for i, j in combinations(range(PARTS), 2):
        yield f"{len(word)}/{i}{j}/{word[slice(*parts[i])]}/{word[slice(*parts[j])]}"


@lru_cache(maxsize=256)
def _places(length: int) -> tuple[tuple[int, int, int, int, int, int, int], ...]:
    """(stored length, i, j, start i, end i, start j, end j) in a query of `length` signs, for every way to spend two edits.

    Those of the same length come first: it is the likeliest.
    """
    found = set()
    for stored in range(max(SHORT, length - EDITS), min(LONG, length + EDITS) + 1):
        parts = cuts(stored)
        for i, j in combinations(range(PARTS), 2):
            (si, ei), (sj, ej) = parts[i], parts[j]
            for before in range(-min(EDITS, si), EDITS + 1):
                for between in range(-min(EDITS, sj - ei), EDITS + 1):
                    after = length - stored - before - between
                    fits = after >= -(stored - ej) and abs(before) + abs(between) + abs(after) <= EDITS
                    if fits and si + before >= 0 and ej + before + between <= length:
                        found.add((stored, i, j, si + before, ei + before, sj + before + between, ej + before + between))
    return tuple(sorted(found, key=lambda place: (abs(place[0] - length), place)))


def probed_pairs(word: str) -> list[str]:
    """Every key a stored word within two edits may share with this one."""
    word = word[:LONG]
    return list(dict.fromkeys(f"{n}/{i}{j}/{word[a:b]}/{word[c:d]}" for n, i, j, a, b, c, d in _places(len(word))))


def swapped_pairs(word: str) -> Iterator[str]:
    """Two neighbouring parts with the letters at their border swapped back: such a swap breaks both of them.

    With at most one more edit elsewhere. Where that edit is in one of the two parts, the other two are whole.
    """
    word = word[:LONG]
    for longer, shift in ((0, 0), (1, 0), (1, 1), (-1, 0), (-1, -1)):
        stored = len(word) - longer
        if not SHORT <= stored <= LONG:
            continue
        for i, ((start, border), (_, end)) in enumerate(pairwise(cuts(stored))):
            a, at, b = start + shift, border + shift, end + shift
            if 0 <= a < at < b <= len(word):
                yield f"{stored}/{i}{i + 1}/{word[a : at - 1]}{word[at]}/{word[at - 1]}{word[at + 1 : b]}"


def deletions(word: str, times: int = 1) -> list[str]:
    """The word and all forms with up to `times` signs less (SymSpell), for short words."""
    found = {word: None}
    for _ in range(times):
        found |= {form[:i] + form[i + 1 :]: None for form in list(found) for i in range(len(form)) if len(form) > 2}
    return list(found)
