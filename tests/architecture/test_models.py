"""Laws over the models as Django knows them."""

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from prm.core import money
from prm.core.models import RefField, RefRow, Row
from tests.architecture.source import PACKAGES

# Tables that are not domain rows, and why they may be keyed otherwise.
OTHER_KEYS = {
    "deals.matchkey": "(key, customer): the primary key is the probed index itself, 15 rows per customer",
    "partners.partneruserobjectpermission": "guardian's direct permission row",
    "partners.partnergroupobjectpermission": "guardian's direct permission row",
    "deals.tokencount": "a counter per word, keyed by the word",
    "deals.opportunityproduct": "a bare pair, loaded by COPY",
}
# Amounts whose currency stands on the row they belong to.
CURRENCY_ON_PARENT = {"deals.dealline"}


def our_models():
    """Our own tables, without those Django or pghistory makes beside them."""
    return [
        model
        for config in apps.get_app_configs()
        if config.name.split(".")[0] in PACKAGES
        for model in config.get_models()
        if not model._meta.proxy and not any(field.name.startswith("pgh_") for field in model._meta.fields)
    ]


def wrong_key(model) -> str | None:
    key = model._meta.pk
    if isinstance(key, models.OneToOneField):
        return None
    if not isinstance(key, models.UUIDField):
        return f"{model._meta.label}: the primary key is a {type(key).__name__}; derive from prm.core.models.Row (UUIDv7)"
    if key.has_db_default() or not key.has_default():
        return f"{model._meta.label}: keys are made in Python: default=uuid7, never a database default"
    return None


def save_is_overridden(model) -> bool:
    return any("save" in vars(base) for base in model.__mro__ if base.__module__.split(".")[0] in PACKAGES)


def test_every_row_has_a_uuid7_key():
    wrong = [found for model in our_models() if model._meta.label_lower not in OTHER_KEYS and (found := wrong_key(model))]
    assert not wrong, "\n".join(["", *wrong])


def test_the_list_of_other_keys_is_still_needed():
    labels = {model._meta.label_lower for model in our_models()}
    assert set(OTHER_KEYS) <= labels


def test_no_model_overrides_save():
    assert [model._meta.label for model in our_models() if save_is_overridden(model)] == []


def test_refs_have_prefixes_of_their_own():
    prefixes = {}
    for model in our_models():
        for field in model._meta.fields:
            if isinstance(field, RefField):
                assert field.prefix, f"{model._meta.label}: set REF_PREFIX"
                prefixes.setdefault(field.prefix, []).append(model._meta.label)
    assert {prefix: labels for prefix, labels in prefixes.items() if len(labels) > 1} == {}


def wrong_money(model) -> list[str]:
    names = {field.name for field in model._meta.fields}
    beside = model._meta.label_lower in CURRENCY_ON_PARENT or any("currency" in name for name in names)
    wrong = []
    for field in model._meta.fields:
        if not re.search(r"(^|_)amount(_|$)", field.name):
            continue
        name = f"{model._meta.label}.{field.name}"
        in_reporting_currency = field.name.startswith("reporting_")  # one for the whole installation
        if getattr(field, "max_digits", 0) != 18 or getattr(field, "decimal_places", 0) != 3:
            wrong.append(f"{name}: money is prm.core.money.amount_field(), a Decimal(18,3)")
        if not beside and not in_reporting_currency:
            wrong.append(f"{name}: put a currency beside it, prm.core.money.currency_field()")
    return wrong


def test_money_is_a_decimal_beside_a_currency():
    wrong = [found for model in our_models() for found in wrong_money(model)]
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.django_db
def test_migrations_are_complete():
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    except SystemExit:
        pytest.fail("a model changed without its migration: run `manage.py makemigrations`")


def test_the_checks_bite():
    class Fake:
        class _meta:  # noqa: N801
            label = "x.Thing"
            pk = models.AutoField(primary_key=True)

    assert "derive from" in wrong_key(Fake)
    Fake._meta.pk = models.UUIDField(primary_key=True)
    assert "never a database default" in wrong_key(Fake)
    Fake._meta.pk = Row._meta.get_field("id")
    assert wrong_key(Fake) is None
    amount = models.FloatField(name="amount")
    Fake._meta.label_lower, Fake._meta.fields = "x.thing", [amount]
    assert len(wrong_money(Fake)) == 2
    Fake._meta.fields = [money.amount_field(name="amount"), money.currency_field(name="currency")]
    assert wrong_money(Fake) == []
    Saver = type("Saver", (), {"save": lambda self: None, "__module__": "deals.models.deal"})
    assert save_is_overridden(Saver)
    assert not save_is_overridden(RefRow)
