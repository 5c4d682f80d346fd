"""Rows of a CSV or XLSX file as text, one at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _

from prm.core.tabular.delimited import MAX_CELL, Row, delimited_rows
from prm.core.tabular.encoding import detect_encoding
from prm.core.tabular.problems import BadFile

DELIMITERS = (",", ";", "\t")
MAX_COLUMNS = 500
MAX_UNPACKED = 2 << 30


@dataclass
class Table:
    """An open file: its header, its rows as (line, cells), what was noticed, and how far it is read (bytes, or rows of XLSX)."""

    name: str
    header: list[str]
    rows: Iterator[Row]
    size: int
    read: Callable[[], int]
    close: Callable[[], Any]
    notes: list[str] = field(default_factory=list)


def open_table(source: str | Path | BinaryIO, name: str = "") -> Table:
    """Open a CSV or XLSX file by path or as a seekable binary file, which stays open. Raises BadFile in words."""
    file, label = _open(source, name)
    try:
        return (_open_xlsx if file.read(4) == b"PK\x03\x04" else _open_csv)(file, label, own=file is not source)
    except BaseException:
        if file is not source:
            file.close()
        raise


def _open(source: str | Path | BinaryIO, name: str) -> tuple[BinaryIO, str]:
    if not isinstance(source, str | Path):
        source.seek(0)
        return source, name or str(getattr(source, "name", "")) or "upload"
    path = Path(source)
    try:
        return path.open("rb"), name or path.name
    except OSError as error:
        raise BadFile(_("%(file)s cannot be read: %(why)s.") % {"file": path, "why": error.strerror or error})
    except ValueError:  # a NUL in the name
        raise BadFile(_("This is not a file name."))


def _open_csv(file: BinaryIO, name: str, *, own: bool) -> Table:
    encoding = detect_encoding(file)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise BadFile(_("The file is empty."))
    notes = [_("Read as Windows-1252, because it is not UTF-8.")] if encoding == "cp1252" else []
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    first = text.readline(MAX_CELL)
    text.seek(0)
    delimiter = max(DELIMITERS, key=first.count)
    rows = delimited_rows(text, delimiter)
    header = next(rows, (0, []))[1]
    return Table(name, _plain_header(header), rows, size, file.tell, text.close if own else text.detach, notes)


def _open_xlsx(file: BinaryIO, name: str, *, own: bool) -> Table:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise BadFile(_("This workbook is too large. Please save it as CSV."))
        file.seek(0)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, ParseError):
        raise BadFile(_("This is not a workbook we can read. Please save it as XLSX or CSV."))
    sheet.reset_dimensions()
    rows = _xlsx_rows(sheet)
    header = next(rows, (0, []))[1]
    if not header:
        raise BadFile(_("The file is empty."))
    notes = [_("Only the first sheet was read: %(sheet)s.") % {"sheet": sheet.title}] if len(book.worksheets) > 1 else []
    position = [0]

    def close() -> None:
        book.close()
        if own:
            file.close()

    return Table(name, _plain_header(header), _counted(rows, position), 0, lambda: position[0], close, notes)


def _counted(rows: Iterator[Row], position: list[int]) -> Iterator[Row]:
    for row in rows:
        position[0] = row[0]
        yield row


def _xlsx_rows(sheet: Any) -> Iterator[Row]:
    width = 0
    try:
        for line, values in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
            cells = [_cell_text(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            width = width or len(cells)
            yield line, cells + [""] * (width - len(cells))
    except (ParseError, KeyError, ValueError, zipfile.BadZipFile):
        raise BadFile(_("This workbook is damaged. Please save it again, or as CSV."))


def _cell_text(value: object) -> str:
    """A spreadsheet's own types in the spelling we ask for in text: 2026-11-22, 1234.5."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)


def _plain_header(cells: list[str]) -> list[str]:
    return [" ".join(cell.replace("\ufeff", "").split()).lower().replace(" ", "_").replace("-", "_") for cell in cells]
