"""Text and numbers as people type them."""

import re
import unicodedata
from decimal import Decimal

from babel.numbers import NumberFormatError
from babel.numbers import parse_decimal as babel_parse_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.core.errors import DomainError
from prm.core.locales import reader_locale

# Overrides, embeddings and isolates can make a line read other than it is stored; zero-width spaces hide differences.
# The marks LRM, RLM, ALM and the joiners stay: Hebrew, Arabic, Persian and Indic names need them.
HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\u00ad\u180e\ufff9-\ufffb\U000e0000-\U000e007f]")
BLANK_LINES = re.compile(r"\n{3,}")
NUMBER = re.compile(r"[+-]?[\d.,'’٫٬\s]*\d[\d.,'’٫٬\s]*\Z")
MAX_NUMBER = 40


def clean_text(value: object, max_length: int, *, lines: bool = False, required: bool = False, field: str | None = None) -> str:
    """The text in one normal form (NFC), without control and hidden characters, trimmed.

    lines: keep line breaks (at most one empty line in a row); otherwise all white space becomes one space.
    Raises DomainError on NUL, on broken Unicode, on more than `max_length` characters, and on nothing when `required`.
    """
    text = "" if value is None else str(value)
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise DomainError(_("This text contains characters that cannot be stored. Please type it again."), field=field)
    if len(text) > max_length * 4 + 1000:  # cheap refusal before any work
        raise DomainError(_too_long(max_length), field=field)
    text = unicodedata.normalize("NFC", HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    text = "\n".join(_one_line(line) for line in text.split("\n")).strip()
    text = BLANK_LINES.sub("\n\n", text) if lines else " ".join(text.split())
    if len(text) > max_length:
        raise DomainError(_too_long(max_length), field=field)
    if required and not text:
        raise DomainError(_("Please fill this in."), field=field)
    return text


def _one_line(line: str) -> str:
    """White space (also the tab-like controls) as single spaces, other control characters gone."""
    spaced = " ".join(line.split())
    return "".join(char for char in spaced if unicodedata.category(char) != "Cc").strip()


def _too_long(max_length: int) -> str:
    message = ngettext("Please use at most %(count)d character.", "Please use at most %(count)d characters.", max_length)
    return message % {"count": max_length}


def parse_decimal(text: object, language: str | None = None, *, field: str | None = None) -> Decimal:
    """A number as the reader writes it: `1,234.50` in English, `1.234,50` in German; grouping may be left out.

    Raises DomainError on anything else, also where dot and comma could be read two ways.
    """
    typed = unicodedata.normalize("NFKC", str(text if text is not None else "")).strip()
    if not typed or len(typed) > MAX_NUMBER or not NUMBER.match(typed):
        raise DomainError(_("This is not a number."), field=field)
    locale = reader_locale(language)
    try:
        return babel_parse_decimal(typed.lstrip("+"), locale=locale, strict=True)
    except (NumberFormatError, ArithmeticError, ValueError):
        example = "1{group}234{decimal}50".format(
            group=locale.number_symbols["latn"]["group"], decimal=locale.number_symbols["latn"]["decimal"]
        )
        raise DomainError(_("This is not a number. Write it like %(example)s.") % {"example": example}, field=field)
