from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.errors import DomainError
from prm.core.text import clean_text, parse_decimal


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  Müller   GmbH ", "Müller GmbH"),
        ("Mu\u0308ller", "Müller"),
        ("a\tb\x0bc", "a b c"),
        ("bell\x07", "bell"),
        ("pay\u202eexe.pdf", "payexe.pdf"),
        ("zero\u200bwidth", "zerowidth"),
        ("שלום\u200f!", "שלום\u200f!"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("two\nlines", "two lines"),
        (None, ""),
    ],
)
def test_one_line(typed, clean):
    assert clean_text(typed, 50) == clean


def test_lines_are_kept_where_asked():
    assert clean_text("one \r\n\r\n\r\n\r\ntwo\r three\n", 50, lines=True) == "one\n\ntwo\nthree"


@pytest.mark.parametrize("typed", ["a\x00b", "a\ud800b", "x" * 51, "x" * 10_000])
def test_refused_with_a_message(typed):
    with pytest.raises(DomainError) as refusal:
        clean_text(typed, 50, field="name")
    assert str(refusal.value)
    assert refusal.value.field == "name"


def test_nothing_but_hidden_characters_is_empty():
    with pytest.raises(DomainError, match="fill this in"):
        clean_text(" \u200b\x07 ", 50, required=True)


@given(st.text(max_size=80), st.booleans())
def test_cleaning_twice_changes_nothing_more(typed, lines):
    try:
        once = clean_text(typed, 400, lines=lines)
    except DomainError:
        return
    assert clean_text(once, 400, lines=lines) == once
    once.encode()
    assert "\x00" not in once


@pytest.mark.parametrize(
    ("typed", "language", "value"),
    [
        ("1,234.50", "en", "1234.50"),
        ("1234.5", "en", "1234.5"),
        ("+7", "en", "7"),
        ("-7.25", "en", "-7.25"),
        ("1.234,50", "de", "1234.50"),
        ("1234,5", "de", "1234.5"),
        ("12.345", "id", "12345"),
    ],
)
def test_numbers_as_the_reader_writes_them(typed, language, value):
    assert parse_decimal(typed, language) == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("1234.5", "de"),
        ("1.234,50", "en"),
        ("1e5", "en"),
        ("NaN", "en"),
        ("", "en"),
        (None, "en"),
        ("9" * 60, "en"),
        ("1-2", "en"),
    ],
)
def test_numbers_that_could_mean_something_else_are_refused(typed, language):
    with pytest.raises(DomainError, match="not a number"):
        parse_decimal(typed, language, field="amount")


@given(st.text(max_size=45))
def test_whatever_is_typed_is_a_number_or_a_clear_refusal(typed):
    try:
        assert parse_decimal(typed).is_finite()
    except DomainError as refusal:
        assert str(refusal)
