"""Identifiers: UUIDv7 keys (sortable by time, made in Python) and short public refs."""

import secrets
import uuid

import uuid_utils.compat

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
REF_LENGTH = 8


def uuid7() -> uuid.UUID:
    """A new time-ordered UUID (RFC 9562, version 7)."""
    return uuid_utils.compat.uuid7()


def make_ref(prefix: str) -> str:
    """A public reference: prefix, hyphen, 8 random Crockford characters (40 bits)."""
    bits = secrets.randbits(5 * REF_LENGTH)
    return f"{prefix}-" + "".join([ALPHABET[bits >> shift & 31] for shift in range(0, 5 * REF_LENGTH, 5)])


def make_refs(prefix: str, count: int) -> list[str]:
    """`count` references that differ from each other, for bulk loads: among 10⁶ of 2⁴⁰ chance repeats one in every third load."""
    refs: set[str] = set()
    while len(refs) < count:
        refs.add(make_ref(prefix))
    return list(refs)
