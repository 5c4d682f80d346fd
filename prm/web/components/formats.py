"""Numbers, money, days and moments in the reader's language and time zone."""

import functools
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from babel.numbers import get_currency_precision
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext

NOTHING = mark_safe('<span class="nothing">–</span>')


@functools.lru_cache(maxsize=256)
def digits(currency: str) -> int:
    """Decimals of an ISO 4217 code: JPY 0, USD 2, KWD 3; 2 when unknown."""
    return get_currency_precision(currency) if len(currency) == 3 else 2


def amount(value: Decimal | int | float, currency: str) -> str:
    """The amount without its code, with as many decimals as the currency has."""
    places = digits(currency)
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    return formats.number_format(exact, places, use_l10n=True, force_grouping=True)


def money(value: Decimal | int | None, currency: str = "", *, whole: bool = False) -> SafeString:
    """`1,234.00 USD` as HTML that stays on one line; a dash for None. `whole` leaves out the decimals."""
    if value is None or value == "":
        return NOTHING
    return _money(value, currency, whole, get_language())


@functools.lru_cache(maxsize=8192)  # lists show the same amounts again and again, and formatting costs more than looking up
def _money(value: Decimal | int, currency: str, whole: bool, _language: str) -> SafeString:
    text = number(round(Decimal(value))) if whole else amount(value, currency or "USD")
    return format_html('<span class="money">{} <span class="code">{}</span></span>', text, currency)


def number(value: Decimal | int | float | None, places: int | None = None) -> str:
    """A number with the reader's separators; empty for None."""
    if value is None or value == "":
        return ""
    return formats.number_format(value, places, use_l10n=True, force_grouping=True)


def day_text(value: date | datetime) -> str:
    """`22 Nov 2026` in the reader's language and zone."""
    return _day_text(_as_day(value), get_language())


def _as_day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@functools.lru_cache(maxsize=8192)
def _day_text(value: date, _language: str) -> str:
    # Translators: a day in tables, in the letters of the "date" template filter.
    return formats.date_format(value, pgettext("date format", "j M Y"))


@functools.lru_cache(maxsize=8192)
def _day(value: date, language: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _day_text(value, language))


def moment_text(value: datetime) -> str:
    """`22 Nov 2026, 14:05` in the reader's language and zone."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return _moment_text(local.replace(tzinfo=None), get_language())  # one instant is many moments: the zone is spent first


@functools.lru_cache(maxsize=8192)
def _moment_text(value: datetime, _language: str) -> str:
    # Translators: a moment, in the letters of the "date" template filter.
    return formats.date_format(value, pgettext("date format", "j M Y, H:i"))


def day(value: date | datetime | None) -> SafeString:
    """The day as a <time> element; a dash for None."""
    return _day(_as_day(value), get_language()) if value else NOTHING


def moment(value: datetime | None) -> SafeString:
    """The moment as a <time> element whose title names the zone; a dash for None."""
    if not value:
        return NOTHING
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), timezone.get_current_timezone_name(), moment_text(value)
    )
