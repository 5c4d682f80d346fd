"""Files of rows: encodings, delimiters, headers, typed cells."""

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from prm.core.tabular import (
    BadFile,
    Column,
    Problems,
    amount,
    choice,
    country,
    currency,
    day,
    email,
    number,
    open_table,
    text,
    typed_rows,
)
from prm.core.tabular.cells import fits_currency

COLUMNS = (
    Column("name", text(5), filled=True),
    Column("day", day, blank=None),
    Column("country", country, optional=True),
)


def read(raw):
    problems = Problems()
    table = open_table(io.BytesIO(raw))
    try:
        return [(line, values, good) for line, values, good in typed_rows(table, COLUMNS, problems)], problems, table
    finally:
        table.close()


def said(problems):
    return [(problem.line, problem.column) for problem in problems.in_order()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_encoding_and_delimiter(encoding, delimiter):
    raw = delimiter.join(["name", "day", "country"]) + "\r\n" + delimiter.join(["Zoë", "2026-01-02", "Österreich"]) + "\r\n"
    rows, problems, table = read(raw.encode(encoding))
    assert rows == [(2, ["Zoë", date(2026, 1, 2), "AT"], True)]
    assert problems.count == 0
    assert len(table.notes) == (encoding == "cp1252")


def test_a_damaged_utf8_file_is_refused_with_its_line():
    with pytest.raises(BadFile, match="Line 3 is not valid UTF-8"):
        read("name,day\né,\n".encode() + b"\xe9,\n")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The file is empty."),
        (b"name,dai\nx,\n", "unknown column “dai” \\(did you mean “day”\\?\\); the column “day” is missing"),
        (b"name,day,day\n", "the column “day” stands there twice"),
        (b"name,day,,\nx,,,\n", "unknown column “\\(no name\\)”"),
        (b'name,day\n"x' + b"y" * 200_000, "From line 2 on"),
        (b"PK\x03\x04 no zip", "not a workbook"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_words(raw, said):
    with pytest.raises(BadFile, match=said):
        read(raw)


def test_problems_name_line_and_column_even_behind_lines_within_cells():
    rows, problems, _table = read(b'name,day\n\n"a\nb",\nx,2026-13-01\n,\nabcdef,\nx,1,2\n,01.02.2026\nx\x00,\n')
    assert [row[0] for row in rows if row[2]] == [3]
    assert said(problems) == [(5, "day"), (7, "name"), (8, "row"), (9, "name"), (9, "day"), (10, "name")]
    assert problems.rows == 5


MORE = b"x,\n" * 30
QUOTES = {  # rows behind a header, and the line on which the cell begins that is told of
    "never closed": (b'x,\nx,"a\n' + b"x,\n" * 5, 3),
    "never closed, of one line": (b'x,\n"x,', 3),
    "never closed, behind a cell of two lines": (b'"a\nb","\nx,\n', 3),
    "never closed, with Windows breaks": (b'"a\r\nb","\r\nx,\r\n', 3),
    "never closed, with old Mac breaks": (b'"a\rb","\rx,\r', 3),
    "over many lines and closed": (b'x,"' + MORE + b'"\n' + MORE, 2),
    "over many lines, behind a cell of two lines": (b'"a\nb","' + MORE + b'"\n', 3),
    "up to the next quoted cell": (b'x,\n"x,\n"x, y",\nx,\n', 3),
    "up to the next quoted cell, behind a cell of two lines": (b'"a\nb","x\nx,"x, y"\n', 3),
    "up to a quotation mark within a cell": (b'"x,\nx 5" pipes,\n', 2),
    "over a cell too long": (b'"a\nb","x\n' + b"y" * 200_000, 3),
    "in the header": (b"", 1),
}


@pytest.mark.parametrize("name", QUOTES)
def test_a_quotation_mark_out_of_place_is_refused_with_the_line_of_its_cell(name):
    rows, line = QUOTES[name]
    with pytest.raises(BadFile, match=rf"(?=.*line {line} ).*quotation mark"):
        read(b'name,"day\nx,\n' if name == "in the header" else b"name,day\n" + rows)


def test_lines_and_quotation_marks_within_a_cell_are_read_as_ever():
    table = open_table(io.BytesIO(b'a,b\r\n"x\r\n""y""\n, z","\n"\r\n1 " 2,"x" y\n"' + b"\n" * 19 + b'",v\n\n"w",""'))
    assert list(table.rows) == [
        (2, ['x\r\n"y"\n, z', "\n"]),
        (6, ['1 " 2', "x y"]),
        (7, ["\n" * 19, "v"]),
        (28, ["w", ""]),
    ]
    table.close()


def test_a_line_of_nothing_but_delimiters_is_no_row():
    rows, problems, _table = read(b"name,day\n,\nx,\n , \n")
    assert [row[0] for row in rows] == [3]
    assert problems.count == 0


def test_headers_may_be_written_freely():
    rows, _problems, _table = read(b"\xef\xbb\xbf Name ,DAY\nx,\n")
    assert rows == [(2, ["x", None, ""], True)]


def test_xlsx_cells_are_read_in_their_own_types():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["name", "day", "country", None])
    sheet.append([12.0, datetime(2026, 1, 2), "DE"])
    sheet.append([None, None, None])
    sheet.append(["x", "2026-1-2"])
    file = io.BytesIO()
    book.save(file)
    rows, problems, _table = read(file.getvalue())
    assert rows == [(2, ["12", date(2026, 1, 2), "DE"], True), (4, ["x", None, ""], False)]
    assert said(problems) == [(4, "day")]


def test_a_path_that_is_not_there():
    with pytest.raises(BadFile, match="No such file"):
        open_table("/nowhere/at/all.csv")
    with pytest.raises(BadFile):
        open_table("a\x00b")
    with pytest.raises(BadFile):
        open_table("/")


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (text(10), "  a  b ", "a b"),
        (text(10), "\u201cx\u201d", "\u201cx\u201d"),
        (text(10), "\u0093x\u0094", "\u201cx\u201d"),
        (day, "2024-02-29", date(2024, 2, 29)),
        (amount(), "1234.50", Decimal("1234.50")),
        (amount(negative=True), "-3", Decimal(-3)),
        (currency, "eur", "EUR"),
        (country, "de", "DE"),
        (country, "Deutschland", "DE"),
        (country, "United Kingdom", "GB"),
        (country, "uk", "GB"),
        (country, "日本", "JP"),
        (email, "A@B.com", "a@b.com"),
        (number(1, 5), "5", 5),
        (choice({"Small": "s"}), "SMALL", "s"),
    ],
)
def test_cells(parse, cell, value):
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell"),
    [
        (text(3), "abcd"),
        (text(3), "é" * 20_000),
        (text(30), "a\x07b"),
        (text(30), "a\x81b"),
        (day, "20240101"),
        (day, "2023-02-29"),
        (day, "1066-01-01"),
        (day, "２０２４-01-01"),
        (amount(), "1,234.50"),
        (amount(), "-1"),
        (amount(), "1e3"),
        (amount(), "NaN"),
        (amount(), "9" * 16),
        (currency, "XYZ"),
        (country, "Mars"),
        (country, "ZZ"),
        (email, "nobody"),
        (email, "a" * 250 + "@b.com"),
        (number(1, 5), "6"),
        (number(1, 5), "1.0"),
        (choice({"small": "s"}), "big"),
        (lambda cell: fits_currency(Decimal(cell), "JPY"), "1.5"),
        (lambda cell: fits_currency(Decimal(cell), "EUR"), "1.005"),
    ],
)
def test_cells_that_are_refused(parse, cell):
    problems = Problems()
    table = open_table(io.BytesIO(b"a\n"))
    table.rows = iter([(2, [cell])])
    assert list(typed_rows(table, (Column("a", parse),), problems)) == [(2, [""], False)]
    table.close()
    assert problems.count == 1


def test_zero_digits_beyond_the_currency_are_no_fault():
    assert fits_currency(Decimal("15.00"), "JPY") == 15
    assert fits_currency(Decimal("1.2340"), "KWD") == Decimal("1.234")
