"""Files out: streaming CSV and XLSX in constant memory, through one cell escaper."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.text import slugify

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_CELL = 32_767
MAX_ROWS = 1_048_575


@dataclass(frozen=True)
class Column:
    """A header and how its value is taken from a row."""

    header: str
    value: Callable[[Any], Any]


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: object) -> object:
    """The value as no spreadsheet takes for a formula: text that begins like one gets an apostrophe; numbers and days stay."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal | float):
        return value
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.replace(tzinfo=None, microsecond=0)
    if isinstance(value, date):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def csv_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[str]:
    """The CSV line by line, with the mark that makes Excel read UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([safe_cell(column.header) for column in columns])
    for row in rows:
        yield writer.writerow([safe_cell(column.value(row)) for column in columns])


def _in_readers_terms(lines: Iterator[str], zone: tzinfo, language: str | None) -> Iterator[str]:
    """Each line made in the reader's zone and language: it is streamed when the request's own are set back already."""
    while True:
        with timezone.override(zone), translation.override(language):
            line = next(lines, None)
        if line is None:
            return
        yield line


def filename(name: str, ending: str) -> str:
    """`deals-2026-11-22.csv`."""
    return f"{slugify(name) or 'export'}-{timezone.localdate():%Y-%m-%d}.{ending}"


def csv_response(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> StreamingHttpResponse:
    """A CSV download that is written while it is sent; give `rows` as `queryset.iterator(chunk_size=2000)`."""
    lines = _in_readers_terms(csv_lines(columns, rows), timezone.get_current_timezone(), translation.get_language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    return _as_download(response, filename(name, "csv"))


def xlsx_response(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> FileResponse:
    """An XLSX download, written row by row to a temporary file that goes when it has been sent."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response
    write_xlsx(file, columns, rows)
    file.seek(0)
    response = FileResponse(file, content_type=XLSX_TYPE)
    return _as_download(response, filename(name, "xlsx"))


def write_xlsx(file: Any, columns: Sequence[Column], rows: Iterable[Any]) -> int:
    """Write the rows to `file`; returns how many. Raises ValueError beyond what one sheet holds."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats = {date: book.add_format({"num_format": "yyyy-mm-dd"}), datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"})}
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for index, column in enumerate(columns):
        sheet.write_string(0, index, str(safe_cell(column.header)), bold)
    sheet.freeze_panes(1, 0)
    count = 0
    try:
        for count, row in enumerate(rows, start=1):
            if count > MAX_ROWS:
                raise ValueError("More rows than a sheet holds; export CSV instead.")
            for index, column in enumerate(columns):
                _write_cell(sheet, count, index, safe_cell(column.value(row)), formats)
    finally:
        book.close()  # also ends the book's own temporary file
    return count


def _write_cell(sheet: Any, row: int, column: int, value: object, formats: dict[type, Any]) -> None:
    if isinstance(value, datetime | date):
        sheet.write_datetime(row, column, value, formats[type(value)])
    elif isinstance(value, int | Decimal | float):
        sheet.write_number(row, column, value)
    elif value != "":
        sheet.write_string(row, column, str(value)[:MAX_CELL])


def _as_download(response: Any, name: str) -> Any:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response
