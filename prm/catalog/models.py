"""Product families, products and exchange rates."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from prm.core.models import RefField, Row


class ProductFamily(Row):
    """Products of one family overlap for deal protection."""

    key = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("product families")

    def __str__(self) -> str:
        return self.name


class Product(Row):
    """`key` is the name without case, spaces and punctuation. Imports create unknown products unreviewed."""

    ref = RefField("G")
    key = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=100)
    family = models.ForeignKey(ProductFamily, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    reviewed = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    list_price = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Rate(Row):
    """Units of the reporting currency per unit of `currency` on a day, with its source."""

    day = models.DateField()
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=18, decimal_places=9)
    source = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "currency"], name="rate_once"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"
