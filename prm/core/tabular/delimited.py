"""Rows of delimited text.

A quotation mark out of place swallows the rows behind it without a word, so cells of more than one line are looked at twice.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

from django.utils.translation import gettext as _

from prm.core.tabular.problems import BadFile

BREAK = re.compile(r"\r\n|\r|\n")
MAX_CELL = 1 << 17
MAX_LINES = 20
Row = tuple[int, list[str]]


def delimited_rows(text: Iterable[str], delimiter: str) -> Iterator[Row]:
    """(line on which the row begins, cells); empty lines are skipped.

    Raises BadFile with the line where a cell begins that is too long, runs over too many lines or is not closed as it should be.
    """
    csv.field_size_limit(MAX_CELL)
    held: list[str] = []
    reader = csv.reader(_holding(text, held), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if len(held) > 1:
                _check_quotes(held, line, cells, delimiter)
            held.clear()
            if any(cell and not cell.isspace() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        message = _("From line %(line)d on the file cannot be read: a cell is too long; often a quotation mark is not closed.")
        raise BadFile(message % {"line": _opened(held[:-1], line, delimiter)})


def _holding(text: Iterable[str], held: list[str]) -> Iterator[str]:
    """The lines, those of the row at hand kept in `held`; an empty one behind them when the file ends within the row."""
    for line in text:
        held.append(line)
        yield line
    held.append("")


def _check_quotes(held: Sequence[str], line: int, cells: Sequence[str], delimiter: str) -> None:
    """For a row of more than one line."""
    begins = _begins(cells, line)
    if not held[-1]:
        message = _("The quotation mark that opens a cell on line %(line)d is not closed. Close it, or take it out.")
        raise BadFile(message % {"line": begins[-2]})
    for first, after in pairwise(begins):
        if after - first >= MAX_LINES:
            message = _(
                "The cell that begins on line %(line)d runs over more than %(most)d lines; often a quotation mark is not closed."
            )
            raise BadFile(message % {"line": first, "most": MAX_LINES})
    strict = csv.reader(iter(held), delimiter=delimiter, strict=True)
    try:
        next(strict)
    except csv.Error:  # text behind a closing quotation mark: most likely it was to open another cell
        message = _(
            "In the cell that begins on line %(line)d a quotation mark is out of place. Close each; double those within a cell."
        )
        raise BadFile(message % {"line": _opened(held[: strict.line_num - 1], line, delimiter)})


def _begins(cells: Sequence[str], line: int) -> list[int]:
    """The line on which each cell begins, and the one on which the last ends."""
    return list(accumulate((len(BREAK.findall(cell)) for cell in cells), initial=line))


def _opened(lines: Sequence[str], line: int, delimiter: str) -> int:
    """Where the cell begins that is still open behind these lines of a row; `line` is that of the row."""
    return _begins(next(csv.reader(lines, delimiter=delimiter), [""]), line)[-2]
