import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.utils import timezone

from prm.web import export

COLUMNS = [export.Column("=Name", lambda row: row[0]), export.Column("Value", lambda row: row[1])]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_like_a_formula_gets_an_apostrophe(text):
    assert export.safe_cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (Decimal("-1.50"), Decimal("-1.50")),
        (-3, -3),
        (True, "yes"),
        (False, "no"),
        (date(2026, 1, 2), date(2026, 1, 2)),
        ("a=b", "a=b"),
    ],
)
def test_numbers_and_days_stay(value, cell):
    assert export.safe_cell(value) == cell


def test_moments_are_in_the_readers_zone():
    with timezone.override("Asia/Jakarta"):
        assert export.safe_cell(datetime(2026, 1, 2, 20, 0, 1, 5, tzinfo=UTC)) == datetime(2026, 1, 3, 3, 0, 1)


def test_csv_streams_with_names_escaped():
    response = export.csv_response("My deals", COLUMNS, iter([("=cmd()", Decimal("-2")), ('say "hi", 北京', None)]))
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:]))) == [["'=Name", "Value"], ["'=cmd()", "-2"], ['say "hi", 北京', ""]]
    assert response["Content-Disposition"] == f'attachment; filename="my-deals-{timezone.localdate():%Y-%m-%d}.csv"'
    assert response["Cache-Control"] == "no-store, private"


def test_xlsx_holds_values_not_formulas():
    response = export.xlsx_response(
        "deals", COLUMNS, iter([("=cmd()", date(2026, 1, 2)), ("http://x", datetime(2026, 1, 2, 3, 4)), ("z" * 40_000, 1)])
    )
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["'=Name", "Value"]
    assert rows[1] == ["'=cmd()", datetime(2026, 1, 2)]
    assert rows[2] == ["http://x", datetime(2026, 1, 2, 3, 4)]
    assert rows[3] == ["z" * export.MAX_CELL, 1]
    assert sheet["A3"].hyperlink is None
    response.file_to_stream.close()


def test_a_sheet_says_when_it_is_full(monkeypatch):
    monkeypatch.setattr(export, "MAX_ROWS", 1)
    with pytest.raises(ValueError):
        export.write_xlsx(io.BytesIO(), COLUMNS, [("a", 1), ("b", 2)])
