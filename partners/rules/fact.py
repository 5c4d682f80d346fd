"""The keys of facts: declared as data by the apps that know them, in `apps.ready()`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from partners.enums import FactType


@dataclass(frozen=True)
class FactKey:
    """One thing to be known about a partner (or, with `of_member`, a member). `way_in`: URL name of the page that changes it."""

    key: str
    type: FactType
    label: Any  # a lazy translation
    way_in: str = ""
    of_member: bool = False


_keys: dict[str, FactKey] = {}


def declare(*keys: FactKey) -> None:
    """Make keys known. The same key twice with another meaning is a mistake."""
    for fact in keys:
        known = _keys.setdefault(fact.key, fact)
        if (known.type, known.of_member) != (fact.type, fact.of_member):
            raise ValueError(f"fact {fact.key} is declared twice with different types")


def known_keys() -> list[FactKey]:
    """Every declared key, by key."""
    return [fact for _key, fact in sorted(_keys.items())]


def fact_key(key: str) -> FactKey:
    """The declaration. Raises LookupError for a key nobody declared."""
    return _keys[key]


def columns(fact: FactKey, value: Any) -> dict[str, Any]:
    """The four value columns for this value; None in all means not known. Raises TypeError when it is of another type."""
    found = {"number": None, "text": None, "date": None, "flag": None}
    if value is not None:
        found[fact.type.value] = _fitting(fact, value)
    return found


def _fitting(fact: FactKey, value: Any) -> Any:
    if fact.type == FactType.NUMBER and isinstance(value, int | Decimal) and not isinstance(value, bool):
        try:
            return Decimal(value).quantize(Decimal("0.001"))
        except InvalidOperation:
            raise TypeError(f"fact {fact.key}: {value} has too many digits") from None
    if fact.type == FactType.DATE and isinstance(value, date) and not isinstance(value, datetime):
        return value
    if fact.type == FactType.FLAG and isinstance(value, bool):
        return value
    if fact.type == FactType.TEXT and isinstance(value, str):
        return str(value)[:200]
    raise TypeError(f"fact {fact.key} is a {fact.type.value}, not {value!r}")
