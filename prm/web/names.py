"""The names of our models and fields in the reader's language, also where a model names none and Django derives it.

Migrations do not see this: they compare what the model itself says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig
from django.db import models
from django.utils.translation import gettext_lazy, override

OURS = frozenset({"prm", "partners", "programs", "deals", "mdf"})


def is_ours(thing: Any) -> bool:
    return str(thing.__module__).split(".")[0] in OURS


def translate_model(sender: type[models.Model]) -> None:
    """Where a name is plain text, it becomes one that is looked up in the reader's language."""
    if not is_ours(sender):
        return
    meta: Any = sender._meta
    if "verbose_name_plural" not in meta.original_attrs:
        meta.verbose_name_plural = f"{_source(meta.verbose_name)}s"
    named = [(meta, "verbose_name"), (meta, "verbose_name_plural"), *((field, "verbose_name") for field in _fields(sender))]
    for thing, name in named:
        if type(getattr(thing, name)) is str:
            setattr(thing, name, gettext_lazy(getattr(thing, name)))


def translate_app(config: AppConfig) -> None:
    if is_ours(config) and type(config.verbose_name) is str:
        config.verbose_name = gettext_lazy(config.verbose_name)


def names_of(model: type[models.Model], config: AppConfig) -> Iterator[str]:
    """What the catalogues need of a model that staff see: its own names, those of its fields, that of its app."""
    for name in (model._meta.verbose_name, model._meta.verbose_name_plural, config.verbose_name):
        yield _source(name)
    for field in _fields(model):
        yield _source(field.verbose_name)


def _fields(model: type[models.Model]) -> list[Any]:
    return [*model._meta.local_fields, *model._meta.local_many_to_many]


def _source(name: Any) -> str:
    """The English text behind a translated one."""
    with override(None):
        return str(name)
