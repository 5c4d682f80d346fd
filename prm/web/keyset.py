"""Keyset paging: page 1,000 costs what page 1 costs.

A list names its orderings; the pager turns the one in the URL into `ORDER BY a, id` and, from a page token, into
`(a, id) < (x, y)` as a row value, which PostgreSQL answers from an index. Tokens are signed; a bad one gives the first page.
Rows whose sort key is null come last, in both directions, as a segment of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.db.models import F, Q, prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext

from prm.web import keyset_token as tokens
from prm.web.lists import with_query

SIZES = (25, 50, 100)
FORWARD, BACK = "next", "previous"


@dataclass(frozen=True)
class Sort:
    """One ordering: its name in the URL, the path it sorts by, and whether that may be null. The key breaks ties."""

    name: str
    path: str
    nullable: bool = False
    label: str = ""


class RowCompare(models.Func):
    """`(a, b) < (x, y)` as one row-value comparison."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, paths: Sequence[str], operator: str, values: Sequence[object]) -> None:
        wrapped = [models.Value(value) for value in values]
        super().__init__(*[F(path) for path in paths], *wrapped)
        self.width, self.operator = len(paths), operator

    def as_sql(self, compiler, connection, **_context):
        sides, params = [], []
        for source in self.source_expressions:
            sql, values = compiler.compile(source)
            sides.append(sql)
            params += values
        left, right = ", ".join(sides[: self.width]), ", ".join(sides[self.width :])
        return f"({left}) {self.operator} ({right})", params


@dataclass
class Page:
    """One page of a list, with everything its pager and its table head need."""

    request: HttpRequest
    rows: list
    sort: Sort
    descending: bool
    size: int
    sorts: Sequence[Sort]
    sizes: Sequence[int] = SIZES
    first_token: str = ""
    last_token: str = ""
    has_previous: bool = False
    has_next: bool = False
    warning: str = ""

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def next_url(self) -> str:
        return with_query(self.request) + self._page(self.last_token) if self.has_next else ""

    @property
    def previous_url(self) -> str:
        return with_query(self.request) + self._page(self.first_token) if self.has_previous else ""

    @property
    def first_url(self) -> str:
        return with_query(self.request) if self.has_previous else ""

    def size_url(self, size: int) -> str:
        """This list from its first page, `size` rows at a time."""
        return with_query(self.request, size=size)

    def sort_url(self, name: str) -> str:
        """This list by `name`; the other way round when it is already sorted by it."""
        down = not self.descending if self.sort.name == name else False
        return with_query(self.request, sort=f"-{name}" if down else name)

    def _page(self, token: str) -> str:
        return ("&" if "?" in with_query(self.request) else "?") + f"page={token}"


@dataclass
class _Walk:
    """One reading of a list in one direction from one place."""

    queryset: models.QuerySet
    sort: Sort
    descending: bool
    backwards: bool
    limit: int

    @cached_property
    def path(self) -> str:
        return "_keyset" if "__" in self.sort.path else self.sort.path

    @cached_property
    def base(self) -> models.QuerySet:
        queryset = self.queryset.prefetch_related(None)
        return queryset.annotate(_keyset=F(self.sort.path)) if self.path == "_keyset" else queryset

    @cached_property
    def down(self) -> bool:
        return self.descending != self.backwards

    def key(self, row: models.Model) -> tuple:
        return (row.pk,) if self.path == "pk" else (getattr(row, self.path), row.pk)

    def rows(self, start: tuple | None) -> list:
        """Up to `limit` rows after `start` (a key as `key` gives it), in reading order."""
        found: list = []
        for nulls in self._segments(start):
            where = start if start and (len(start) == 1 or (start[0] is None) == nulls) else None
            found += self._segment(nulls, where)[: self.limit - len(found)]
            if len(found) >= self.limit:
                break
        return found

    def _segments(self, start: tuple | None) -> list[bool]:
        if not self.sort.nullable:
            return [False]
        order = [True, False] if self.backwards else [False, True]
        if start is None:
            return order
        return order[order.index(start[0] is None) :]

    def _segment(self, nulls: bool, start: tuple | None) -> models.QuerySet:
        paths = ["pk"] if nulls or self.path == "pk" else [self.path, "pk"]
        queryset = self.base
        if self.sort.nullable:
            queryset = queryset.filter(Q(**{f"{self.path}__isnull": nulls}))
        if start is not None:
            queryset = queryset.filter(RowCompare(paths, "<" if self.down else ">", start[-len(paths) :]))
        return queryset.order_by(*[f"-{path}" if self.down else path for path in paths])[: self.limit]


def _sort_of(request: HttpRequest, sorts: Sequence[Sort], default: str) -> tuple[Sort, bool, bool]:
    asked = request.GET.get("sort", "") or default
    known = {sort.name: sort for sort in sorts}
    if asked.removeprefix("-") in known:
        return known[asked.removeprefix("-")], asked.startswith("-"), True
    return known[default.removeprefix("-")], default.startswith("-"), False


def _size_of(request: HttpRequest, sizes: Sequence[int]) -> int:
    asked = request.GET.get("size", "")
    return int(asked) if asked in {str(size) for size in sizes} else sizes[0]


def page(
    request: HttpRequest, queryset: models.QuerySet, sorts: Sequence[Sort], default: str, sizes: Sequence[int] = SIZES
) -> Page:
    """The page of `queryset` that the URL's `sort`, `size` and `page` ask for; anything unknown falls back with a warning.

    `default` is the name of one of `sorts`, with a leading `-` for descending. One query, two where a nullable key runs out.
    """
    sort, descending, known = _sort_of(request, sorts, default)
    size = _size_of(request, sizes)
    warning = "" if known else gettext("That order is not known; the list is in its usual order.")
    scope = f"{'-' if descending else ''}{sort.name}"
    direction, start = FORWARD, None
    if token := request.GET.get("page", ""):
        try:
            direction, start = tokens.load(token, scope)
        except tokens.BadToken:
            warning = gettext("That page address is no longer good; this is the first page.")
    walk = _Walk(queryset, sort, descending, direction == BACK, size + 1)
    rows = walk.rows(start)
    if walk.backwards and len(rows) <= size:  # the beginning was reached: show the full first page
        walk, start = _Walk(queryset, sort, descending, False, size + 1), None
        rows = walk.rows(None)
    more = len(rows) > size
    rows = rows[size - 1 :: -1] if walk.backwards else rows[:size]
    lookups = queryset._prefetch_related_lookups  # type: ignore[attr-defined]
    if lookups:
        prefetch_related_objects(rows, *lookups)
    result = Page(request, rows, sort, descending, size, sorts, sizes, warning=warning)
    result.has_previous = more if walk.backwards else start is not None
    result.has_next = more or walk.backwards
    if rows:
        result.first_token = tokens.dump(BACK, scope, walk.key(rows[0]))
        result.last_token = tokens.dump(FORWARD, scope, walk.key(rows[-1]))
    return result
