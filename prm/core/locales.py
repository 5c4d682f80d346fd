"""The reader's locale for Babel."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, to_locale

FALLBACK = "en"


def reader_locale(language: str | None = None) -> Locale:
    """The Babel locale of this language code, else of the active language, else English."""
    return _parse(language or get_language() or FALLBACK)


@lru_cache(maxsize=64)
def _parse(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(FALLBACK)
