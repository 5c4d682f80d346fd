"""Abstract bases of every domain table; this app has no table of its own."""

from typing import Any, ClassVar

from django.db import models

from prm.core.identifiers import REF_LENGTH, make_ref, uuid7

MAX_REF = 16


class RefField(models.CharField):
    """The short public name of a row in URLs, made when the object is made, so `bulk_create` has it too.

    The prefix is given here or by `REF_PREFIX` of the model, and stands in the migration as `prefix`.
    """

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs.update(max_length=MAX_REF, unique=True, editable=False)
        super().__init__(**kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        self.prefix = getattr(cls, "REF_PREFIX", "") or self.prefix
        if not self.prefix and cls.__module__ != "__fake__" and not cls._meta.abstract:
            raise ValueError(f"{cls.__name__} needs a REF_PREFIX")
        if len(self.prefix) + 1 + REF_LENGTH > MAX_REF:
            raise ValueError(f"{cls.__name__}.REF_PREFIX may have {MAX_REF - REF_LENGTH - 1} characters at most")
        super().contribute_to_class(cls, name, private_only)

    def get_default(self) -> str:
        return make_ref(self.prefix)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "unique", "editable"):
            kwargs.pop(fixed, None)
        return name, path, list(args), {**kwargs, "prefix": self.prefix}


class Row(models.Model):
    """UUIDv7 primary key and the time the row was made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class RefRow(Row):
    """A row people see in a URL: also a random, unique `ref` such as `D-7K3QX2MV`."""

    REF_PREFIX: ClassVar[str] = ""

    ref = RefField()

    class Meta:
        abstract = True
