"""What may stand in an event: ids, field names, statuses, amounts, dates. Never a name, address, phone or free text."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

MAX_TEXT = 80
PERSONAL_KEYS = re.compile(
    r"(^|_)(e?mail|name|phone|mobile|fax|address|street|city|postcode|zip|birthday|contact|comment|note|text|body|message|ip)(e?s)?($|_)"
)
HARMLESS_KEYS = frozenset({"field_name", "field_names"})  # names of columns, not of people


def clean_data(data: Mapping[str, Any] | None) -> dict[str, Any]:
    """The data as JSON values. Raises ValueError, for the programmer, on keys or values that could carry personal data."""
    return {_clean_key(key): _clean_value(key, value) for key, value in (data or {}).items()}


def _clean_key(key: str) -> str:
    if key not in HARMLESS_KEYS and PERSONAL_KEYS.search(key.lower()):
        raise ValueError(f"audit data may not hold “{key}”: record ids and field names, and keep personal data in its own row")
    return key


def _clean_value(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return clean_data(value)
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_clean_value(key, item) for item in items]
    if isinstance(value, str):
        return _clean_text(key, str(value))
    raise ValueError(f"audit data “{key}” is a {type(value).__name__}: use ids, statuses, numbers and dates (floats as Decimal)")


def _clean_text(key: str, value: str) -> str:
    if len(value) > MAX_TEXT or "@" in value or "\n" in value:
        raise ValueError(f"audit data “{key}” looks like free text or an address: record the id of the row that holds it")
    return value
