"""The end customer: one identity, its aliases, and the token counts that say which words are rare."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django_countries.fields import CountryField

from prm.core import history
from prm.core.models import RefField, Row


class CustomerQuerySet(models.QuerySet["Customer"]):
    def live(self) -> "CustomerQuerySet":
        return self.filter(merged_into=None)


@history.track(
    "name", "country", "city", "domain", "registration_number", "street", "postcode", "parent", "merged_into"
)
class Customer(Row):
    """An end-customer organisation. `core` (the words of the name, sorted), `domain` and `registration_number` are stored
    in normalised form (`prm.matching`); `match_keys` are its candidate keys (signed 64-bit), probed through the GIN index."""

    ref = RefField("C")
    name = models.CharField(max_length=300)
    core = models.CharField(max_length=300)
    country = CountryField(blank=True)
    city = models.CharField(max_length=100, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    registration_number = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="subsidiaries")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    match_keys = ArrayField(models.BigIntegerField(), default=list, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["match_keys"], name="customer_match_keys", fastupdate=False),
            models.Index(fields=["core"], name="customer_core"),
            models.Index(fields=["domain"], name="customer_domain", condition=~models.Q(domain="")),
            models.Index(fields=["registration_number"], name="customer_number", condition=~models.Q(registration_number="")),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(merged_into=models.F("id")), name="customer_not_into_itself"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerAlias(Row):
    """Another name or domain of a customer, learned from a staff decision or an import."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=300, blank=True)
    core = models.CharField(max_length=300, blank=True, db_index=True)
    domain = models.CharField(max_length=253, blank=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "core", "domain"], name="customeralias_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.domain


class TokenCount(models.Model):
    """In how many customer names a word occurs: what makes a word rare. The empty token counts the names themselves."""

    token = models.CharField(max_length=64, primary_key=True)
    names = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.token}: {self.names}"
