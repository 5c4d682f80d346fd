"""Page tokens: a place in a list, signed, so that nobody can type one."""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from django.core import signing

SALT = "prm.web.keyset"
LONGEST = 4000
DIRECTIONS = ("next", "previous")

_WRITERS: list[tuple[type, str, Callable[[object], str]]] = [
    (datetime, "t", lambda value: value.isoformat()),  # type: ignore[attr-defined]
    (date, "d", lambda value: value.isoformat()),  # type: ignore[attr-defined]
    (bool, "b", lambda value: "1" if value else ""),
    (int, "i", str),
    (Decimal, "n", str),
    (uuid.UUID, "u", lambda value: value.hex),  # type: ignore[attr-defined]
    (float, "f", repr),
    (str, "s", str),
]
_READERS: dict[str, Callable[[str], object]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "b": bool,
    "i": int,
    "n": Decimal,
    "u": uuid.UUID,
    "f": float,
    "s": str,
}


class BadToken(ValueError):
    """Not a token of ours, or of another list order."""


def _write(value: object) -> str | None:
    if value is None:
        return None
    for kind, letter, writer in _WRITERS:
        if isinstance(value, kind):
            return letter + writer(value)
    raise TypeError(f"A list cannot be sorted by {type(value).__name__}; add a writer and a reader here.")


def dump(direction: str, scope: str, key: tuple) -> str:
    """A token for the rows beyond `key` in `direction`; `scope` names the ordering it belongs to."""
    return signing.dumps([DIRECTIONS.index(direction), scope, [_write(value) for value in key]], salt=SALT, compress=False)


def load(token: str, scope: str) -> tuple[str, tuple]:
    """The direction and key of a token made by `dump` for the same ordering; raises BadToken."""
    if len(token) > LONGEST:
        raise BadToken
    try:
        direction, made_for, values = signing.loads(token, salt=SALT)
        if made_for != scope:
            raise BadToken
        return DIRECTIONS[direction], tuple(None if value is None else _READERS[value[0]](value[1:]) for value in values)
    except (signing.BadSignature, ValueError, KeyError, IndexError, TypeError, ArithmeticError) as error:
        raise BadToken from error
