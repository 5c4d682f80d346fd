"""Money: a Decimal(18,3) beside an ISO 4217 code, two plain columns. No sum ever mixes currencies."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from babel.core import get_global
from babel.numbers import format_currency, get_currency_name, get_currency_precision, get_territory_currencies
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.core.errors import DomainError
from prm.core.locales import reader_locale

MAX_DIGITS = 18
PLACES = 3
LIMIT = Decimal(10) ** (MAX_DIGITS - PLACES)
ZERO = Decimal(0)


def amount_field(**kwargs: Any) -> models.DecimalField:
    """The column of an amount; its currency stands beside it in a `currency_field`."""
    return models.DecimalField(max_digits=MAX_DIGITS, decimal_places=PLACES, **kwargs)


def currency_field(**kwargs: Any) -> models.CharField:
    """The column of an ISO 4217 code."""
    return models.CharField(max_length=3, validators=[RegexValidator(r"^[A-Z]{3}\Z")], **kwargs)


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """The codes that are legal tender somewhere today (CLDR)."""
    territories = get_global("territory_currencies")
    return frozenset(code for territory in territories for code in get_territory_currencies(territory))


def currency_choices(language: str | None = None) -> list[tuple[str, str]]:
    """(code, "EUR – Euro") by code, for forms."""
    locale = reader_locale(language)
    return [(code, f"{code} – {get_currency_name(code, locale=locale)}") for code in sorted(currencies())]


def clean_currency(code: object) -> str:
    """The code in capitals. Raises DomainError when nobody pays with it."""
    text = str(code or "").strip().upper()
    if text not in currencies():
        raise DomainError(
            _("“%(code)s” is not a currency code we know. Use a code such as USD or EUR.") % {"code": text[:10]}, field="currency"
        )
    return text


def minor_digits(currency: str) -> int:
    """How many digits follow the decimal point in this currency: JPY 0, EUR 2, KWD 3."""
    return get_currency_precision(currency)


def clean_amount(
    amount: Decimal | int | str, currency: str, *, negative: bool = False, zero: bool = True, field: str = "amount"
) -> Decimal:
    """The amount with exactly the digits of its currency. Raises DomainError with what is wrong.

    Text must be a plain number (`1234.50`); what people type goes through `text.parse_decimal` first.
    """
    code = clean_currency(currency)
    value = _decimal(amount, field)
    if abs(value) >= LIMIT:
        raise DomainError(_("This amount is too large."), field=field)
    if value < 0 and not negative:
        raise DomainError(_("The amount may not be negative."), field=field)
    if value == 0 and not zero:
        raise DomainError(_("The amount must be more than zero."), field=field)
    digits = minor_digits(code)
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if rounded != value:
        raise DomainError(_too_many_digits(code, digits), field=field)
    return rounded + ZERO.quantize(rounded)  # never a negative zero


def _too_many_digits(code: str, digits: int) -> str:
    if not digits:
        return _("%(code)s has no decimal places. Please enter a whole number.") % {"code": code}
    message = ngettext(
        "%(code)s has %(digits)d decimal place at most.", "%(code)s has %(digits)d decimal places at most.", digits
    )
    return message % {"code": code, "digits": digits}


def _decimal(amount: Decimal | int | str, field: str) -> Decimal:
    if isinstance(amount, float):
        raise TypeError("money is never a float: pass a Decimal")
    try:
        value = Decimal(amount)
    except (ArithmeticError, ValueError):
        value = Decimal("NaN")
    if not value.is_finite():
        raise DomainError(_("This is not a number."), field=field)
    return value


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Rounded half up to the digits of the currency."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_UP)


def share(amount: Decimal, percent: Decimal | int, currency: str) -> Decimal:
    """`percent` (50 = half) of the amount, rounded half up to the digits of the currency."""
    return round_money(amount * Decimal(percent) / 100, currency)


def convert(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """The amount in `currency`; `rate` is how many of `currency` one unit of the amount's own currency buys."""
    return round_money(amount * rate, currency)


def totals(rows: Iterable[tuple[Decimal, str]]) -> dict[str, Decimal]:
    """One sum per currency, by code."""
    sums: dict[str, Decimal] = {}
    for amount, currency in rows:
        sums[currency] = sums.get(currency, ZERO) + amount
    return dict(sorted(sums.items()))


def format_money(amount: Decimal | None, currency: str, language: str | None = None) -> str:
    """The amount as the reader writes it: `$1,234.50`, `1.234,50 €`, `¥1,234`. Empty for None."""
    if amount is None:
        return ""
    return format_currency(amount, currency, locale=reader_locale(language), currency_digits=True)
