"""Taking a person's name and address out of free text, wherever people typed it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from django.db import models

from prm.core import bulk

MARK = "[…]"  # shorter than anything it stands for, so that every column keeps its length


def words_of(names: Iterable[str], addresses: Iterable[str]) -> list[str]:
    """What to look for: addresses, and names of two words or more (a single word is too often something else)."""
    found = {name.strip() for name in names if len(name.split()) > 1} | {address.strip() for address in addresses}
    escaped = {name.replace("'", "&#x27;").replace('"', "&quot;") for name in found}  # as HTML mails spell them
    return sorted((word for word in found | escaped if len(word) >= 4), key=lambda word: (-len(word), word))


def blank_words(model: type[models.Model], columns: Iterable[str], words: Collection[str]) -> int:
    """Put a mark in place of these words, whatever their case, in the text columns of a table; answers how many rows changed."""
    if not words:
        return 0
    pattern = r"\y(?:" + "|".join(re.sub(r"([^\w\s])", r"\\\1", word) for word in words) + r")"
    names = list(columns)  # text columns are called as their fields
    table = model._meta.db_table
    sets = ", ".join(f"{name} = regexp_replace({name}, %(pattern)s, %(mark)s, 'gi')" for name in names)
    hits = " OR ".join(f"{name} ~* %(pattern)s" for name in names)
    return bulk.run(f"UPDATE {table} SET {sets} WHERE {hits}", {"pattern": pattern, "mark": MARK})  # noqa: S608 - names from code
