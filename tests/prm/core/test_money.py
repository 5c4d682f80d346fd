from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from prm.core import money
from prm.core.errors import DomainError


@pytest.mark.parametrize(
    ("amount", "currency", "clean"),
    [
        ("1234.5", "usd", "1234.50"),
        (Decimal("1.234"), "KWD", "1.234"),
        (1000, "JPY", "1000"),
        ("100.000", "JPY", "100"),
        ("0", "EUR", "0.00"),
        ("-0.00", "EUR", "0.00"),
        ("999999999999999.99", "EUR", "999999999999999.99"),
    ],
)
def test_amount_gets_the_digits_of_its_currency(amount, currency, clean):
    assert str(money.clean_amount(amount, currency)) == clean


@pytest.mark.parametrize(
    ("amount", "currency", "says"),
    [
        ("1.5", "JPY", "JPY has no decimal places"),
        ("1.2345", "KWD", "3 decimal places"),
        ("1.005", "USD", "2 decimal places"),
        ("1e30", "USD", "too large"),
        ("1000000000000000", "USD", "too large"),
        ("-1", "USD", "negative"),
        ("NaN", "USD", "not a number"),
        ("Infinity", "USD", "not a number"),
        ("ten", "USD", "not a number"),
        ("1", "XXY", "not a currency code"),
        ("1", "DEM", "not a currency code"),
        ("1", "", "not a currency code"),
        ("1E-999999", "USD", "2 decimal places"),
    ],
)
def test_wrong_amounts_are_refused_with_a_reason(amount, currency, says):
    with pytest.raises(DomainError, match=says):
        money.clean_amount(amount, currency)


def test_zero_and_negative_where_they_have_no_sense():
    with pytest.raises(DomainError, match="more than zero"):
        money.clean_amount("0", "USD", zero=False)
    assert money.clean_amount("-5", "USD", negative=True) == Decimal("-5.00")


def test_a_float_is_a_mistake_of_the_programmer():
    with pytest.raises(TypeError):
        money.clean_amount(1.5, "USD")


@given(
    st.decimals(min_value="-999999999999.999", max_value="999999999999.999", places=3),
    st.sampled_from(["JPY", "EUR", "KWD", "CLP", "BHD"]),
)
def test_an_amount_is_kept_exactly_or_refused(amount, currency):
    try:
        clean = money.clean_amount(amount, currency, negative=True)
    except DomainError:
        assert money.round_money(amount, currency) != amount
    else:
        assert clean == amount
        assert -clean.as_tuple().exponent == money.minor_digits(currency)


def test_shares_round_half_up_in_the_currency():
    assert money.share(Decimal("0.05"), 50, "EUR") == Decimal("0.03")
    assert money.share(Decimal(5), 50, "JPY") == Decimal(3)
    assert money.convert(Decimal(100), Decimal("1.08456"), "USD") == Decimal("108.46")


def test_sums_never_mix_currencies():
    rows = [(Decimal(1), "USD"), (Decimal(2), "EUR"), (Decimal(3), "USD")]
    assert money.totals(rows) == {"EUR": Decimal(2), "USD": Decimal(4)}


@pytest.mark.parametrize(
    ("currency", "language", "shown"),
    [
        ("USD", "en", "$1,234.50"),
        ("EUR", "de", "1.234,50\xa0€"),
        ("JPY", "en", "¥1,234"),
        ("KWD", "en", "KWD1,234.500"),
        ("USD", "xx-unknown", "$1,234.50"),
    ],
)
def test_money_is_shown_as_the_reader_writes_it(currency, language, shown):
    assert money.format_money(Decimal("1234.500"), currency, language) == shown


def test_nothing_is_shown_for_no_amount():
    assert money.format_money(None, "USD") == ""


def test_choices_name_the_currencies():
    assert ("EUR", "EUR – Euro") in money.currency_choices("en")


def test_the_columns():
    amount, currency = money.amount_field(null=True), money.currency_field()
    assert (amount.max_digits, amount.decimal_places, amount.null) == (18, 3, True)
    assert currency.max_length == 3
    with pytest.raises(ValidationError):
        currency.run_validators("usd")
