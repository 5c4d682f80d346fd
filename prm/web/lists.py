"""What a list page shows beside its rows: chips and addresses that keep the rest of the query string."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from prm.web.counts import Bounded

PAGE_KEYS = ("page",)


@dataclass(frozen=True)
class Chip:
    """One filter chip: what it says, where it leads, whether it is on, and how many it would show (None = not counted)."""

    label: str
    url: str
    active: bool = False
    count: Bounded | int | None = None


def with_query(request: HttpRequest, **changes: object) -> str:
    """This page's address with some parameters set (None or '' removes one); the page token is always dropped."""
    query: QueryDict = request.GET.copy()
    for key in PAGE_KEYS:
        query.pop(key, None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        elif isinstance(value, list | tuple):
            query.setlist(key, [str(item) for item in value])
        else:
            query[key] = str(value)
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path


def chips(
    request: HttpRequest,
    key: str,
    choices: Iterable[tuple[str, object]],
    counts: Mapping[str, Bounded | int] | None = None,
    *,
    current: str | None = None,
) -> list[Chip]:
    """Chips for one parameter: each choice is (value, label); the value '' stands for all."""
    now = request.GET.get(key, "") if current is None else current
    counts = counts or {}
    return [Chip(str(label), with_query(request, **{key: value}), value == now, counts.get(value)) for value, label in choices]
