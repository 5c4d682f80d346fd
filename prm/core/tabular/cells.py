"""Cells in their types. Each `parse` takes text that is not blank and returns the value, or raises CellError with a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.core.money import LIMIT, currencies, minor_digits
from prm.core.tabular.problems import CellError
from prm.core.text import clean_text

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")
FIRST_YEAR, LAST_YEAR = 1900, 2199
NAME_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "tr", "id", "ja", "zh", "ko")
MISREAD = {code: char for code in range(0x80, 0xA0) if (char := bytes([code]).decode("cp1252", "ignore"))}
ALSO_CALLED = {"uk": "GB", "england": "GB", "usa": "US", "uae": "AE", "holland": "NL", "korea": "KR", "russia": "RU"}


def text(max_length: int) -> Callable[[str], str]:
    """One line of at most `max_length` characters; NUL and control characters are refused.

    Signs of Windows-1252 that another program took for Latin-1 (U+0093 for a quotation mark) are put right.
    """

    def parse(cell: str) -> str:
        if not (cell.isascii() and cell.isprintable()):
            cell = cell.translate(MISREAD)
            if any(unicodedata.category(char) == "Cc" and char not in "\t\r\n" for char in cell[: max_length * 4 + 1000]):
                raise CellError(_("This cell contains control characters."))
            return clean_text(cell, max_length)
        cell = " ".join(cell.split()) if "  " in cell else cell
        if len(cell) > max_length:
            raise CellError(_too_long(max_length))
        return cell

    return parse


def _too_long(most: int) -> str:
    return ngettext("Please use at most %(count)d character.", "Please use at most %(count)d characters.", most) % {"count": most}


@lru_cache(maxsize=4096)
def day(cell: str) -> date:
    """An ISO date."""
    if not DAY.fullmatch(cell):
        raise CellError(_("Write the date as year-month-day, such as 2026-11-22."))
    try:
        found = date.fromisoformat(cell)
    except ValueError:
        raise CellError(_("There is no such day."))
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CellError(_("The year must lie between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR})
    return found


def decimal(cell: str) -> Decimal:
    """A plain number with a decimal point."""
    if not PLAIN_NUMBER.fullmatch(cell):
        raise CellError(_("Write the number with a point and without thousands separators, such as 1234.50."))
    return Decimal(cell)


def amount(*, negative: bool = False) -> Callable[[str], Decimal]:
    """An amount of money, below the limit of an amount column."""

    def parse(cell: str) -> Decimal:
        value = decimal(cell)
        if abs(value) >= LIMIT:
            raise CellError(_("This amount is too large."))
        if value < 0 and not negative:
            raise CellError(_("The amount may not be negative."))
        return value

    return parse


def fits_currency(value: Decimal, code: str) -> Decimal:
    """The amount without digits its currency does not have. Raises CellError where one of them is not zero."""
    digits = _digits(code)
    rounded = round(value, digits) if digits else round(value, 0)
    if rounded != value:
        raise CellError(
            ngettext("%(code)s has %(digits)d decimal place at most.", "%(code)s has %(digits)d decimal places at most.", digits)
            % {"code": code, "digits": digits}
        )
    return rounded


@lru_cache(maxsize=256)
def _digits(code: str) -> int:
    return minor_digits(code)


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number between two."""

    def parse(cell: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", cell) or not least <= int(cell) <= most:
            raise CellError(_("Write a whole number between %(least)d and %(most)d.") % {"least": least, "most": most})
        return int(cell)

    return parse


@lru_cache(maxsize=512)
def currency(cell: str) -> str:
    """An ISO 4217 code."""
    code = cell.upper()
    if code not in currencies():
        raise CellError(_("This is not a currency code we know. Use a code such as USD or EUR."))
    return code


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    names = dict(ALSO_CALLED)
    for language in NAME_LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "EZ", "UN", "XA", "XB", "QO"):
                names.setdefault(name.casefold(), code)
    return names


@lru_cache(maxsize=4096)
def country(cell: str) -> str:
    """An ISO 3166 alpha-2 code, or a country's name in one of many languages."""
    names = _country_names()
    code = cell.upper()
    if len(code) == 2 and code.isascii() and code in _codes():
        return code
    found = names.get(unicodedata.normalize("NFC", cell).casefold())
    if not found:
        raise CellError(_("We do not know this country. Use a code such as DE, or its English name."))
    return found


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(_country_names().values())


@lru_cache(maxsize=8192)
def email(cell: str) -> str:
    """An e-mail address, in lower case."""
    try:
        validate_email(cell)
    except ValidationError:
        raise CellError(_("This is not an e-mail address."))
    if len(cell) > 254:
        raise CellError(_("This is not an e-mail address."))
    return cell.lower()


def choice(values: Mapping[str, str]) -> Callable[[str], str]:
    """One of the keys (without regard to case); gives its value."""
    known = {key.casefold(): value for key, value in values.items()}

    def parse(cell: str) -> str:
        found = known.get(cell.casefold())
        if found is None:
            raise CellError(_("Use one of: %(choices)s.") % {"choices": ", ".join(sorted(values))})
        return found

    return parse
