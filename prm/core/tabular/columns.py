"""The columns a file may have, the check of its header, and rows with every cell read in its type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from prm.core.errors import DomainError
from prm.core.tabular.problems import BadFile, CellError, Problems
from prm.core.tabular.reader import Table

Parse = Callable[[str], Any]
REST = "row"  # the column name of a problem with the row as a whole


@dataclass(frozen=True)
class Column:
    """`parse` gets the cell trimmed, never blank. `filled`: may not be blank; `optional`: the file may lack it."""

    name: str
    parse: Parse
    filled: bool = False
    optional: bool = False
    blank: Any = ""


def match_header(header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Where each column stands. Raises BadFile that names every unknown, missing and repeated column at once."""
    names = {column.name for column in columns}
    missing = [column.name for column in columns if not column.optional and column.name not in header]
    absent = [name for name in names if name not in header]
    wrong = [_unknown(name, absent) for name in header if name not in names]
    wrong += [_("the column “%(name)s” stands there twice") % {"name": name} for name in sorted(names) if header.count(name) > 1]
    wrong += [_("the column “%(name)s” is missing") % {"name": name} for name in missing]
    if wrong:
        raise BadFile(_("The header does not fit: %(what)s.") % {"what": "; ".join(wrong)})
    return {name: header.index(name) for name in header}


def _unknown(name: str, absent: Sequence[str]) -> str:
    shown = name[:40] or _("(no name)")
    near = get_close_matches(name, absent, n=1, cutoff=0.6)
    if near:
        return _("unknown column “%(name)s” (did you mean “%(near)s”?)") % {"name": shown, "near": near[0]}
    return _("unknown column “%(name)s”") % {"name": shown}


def wrong_width(cells: Sequence[str], width: int) -> str:
    """What is wrong with a row that does not fit its header."""
    return _("Cells in this row: %(found)d, in the header: %(width)d.") % {"found": len(cells), "width": width}


def typed_rows(table: Table, columns: Sequence[Column], problems: Problems) -> Iterator[tuple[int, list[Any], bool]]:
    """(line, values in the order of `columns`, whether the row is good); what is wrong goes to `problems`.

    A column that the file lacks has the column's blank value.
    """
    places = match_header(table.header, columns)
    plan = [(places.get(column.name, -1), column) for column in columns]
    width = len(table.header)
    for line, cells in table.rows:
        if len(cells) != width:
            problems.add(line, REST, wrong_width(cells, width))
            yield line, [], False
            continue
        before = problems.count
        values = [_value(cells[at], column, line, problems) if at >= 0 else column.blank for at, column in plan]
        yield line, values, problems.count == before


def _value(cell: str, column: Column, line: int, problems: Problems) -> Any:
    typed = cell.strip()
    if not typed:
        if column.filled:
            problems.add(line, column.name, _("Please fill this in."))
        return column.blank
    try:
        return column.parse(typed)
    except (CellError, DomainError) as error:
        problems.add(line, column.name, str(error), typed)
        return column.blank
