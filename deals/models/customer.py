"""The end customer: one identity, its aliases, and the token counts that say which words are rare."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django_countries.fields import CountryField

from prm.core import history
from prm.core.models import RefField, Row


def spread_triggers() -> list[pgtrigger.Trigger]:
    """New match keys become rows, whoever writes the customer: service, import or COPY. Old ones stay, as the services do."""
    insert = "INSERT INTO deals_matchkey (key, customer_id)"
    return [
        pgtrigger.Trigger(
            name="spread_new_keys",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=f"{insert} SELECT DISTINCT unnest(match_keys), id FROM new_rows; RETURN NULL;",  # noqa: S608
        ),
        pgtrigger.Trigger(
            name="spread_more_keys",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
            func=(
                f"{insert} SELECT DISTINCT k, n.id FROM new_rows n JOIN old_rows o USING (id) CROSS JOIN unnest(n.match_keys) k "  # noqa: S608
                "WHERE n.match_keys IS DISTINCT FROM o.match_keys ON CONFLICT DO NOTHING; RETURN NULL;"
            ),
        ),
    ]


class CustomerQuerySet(models.QuerySet["Customer"]):
    def live(self) -> "CustomerQuerySet":
        return self.filter(merged_into=None)


@history.track("name", "country", "city", "domain", "registration_number", "street", "postcode", "parent", "merged_into")
class Customer(Row):
    """An end-customer organisation. `core`, `domain` and `registration_number` are stored
    in normalised form (`prm.matching`); `match_keys` are its candidate keys (signed 64-bit), which a trigger keeps as rows of
    `MatchKey`, where they are probed."""

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
            models.Index(fields=["core"], name="customer_core"),
            models.Index(fields=["domain"], name="customer_domain", condition=~models.Q(domain="")),
            models.Index(fields=["registration_number"], name="customer_number", condition=~models.Q(registration_number="")),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(merged_into=models.F("id")), name="customer_not_into_itself"),
        ]
        triggers = spread_triggers()

    def __str__(self) -> str:
        return self.name


class MatchKey(models.Model):
    """One candidate key of one customer. The primary key is the index that is probed; 15 rows per customer and no foreign key
    check on each (the trigger above writes them, customers are merged, never deleted)."""

    pk = models.CompositePrimaryKey("key", "customer_id")
    key = models.BigIntegerField()
    customer_id = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.key} {self.customer_id}"


class CustomerAlias(Row):
    """Another name or domain of a customer: learned from a staff decision or an import, or recorded by hand.

    `recorded_by`, `brought_keys`: who recorded it, and the candidate keys the customer has because of it; null of what was
    learned, since its undo is that of the decision."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=300, blank=True)
    core = models.CharField(max_length=300, blank=True, db_index=True)
    domain = models.CharField(max_length=253, blank=True, db_index=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    brought_keys = ArrayField(models.BigIntegerField(), null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "core", "domain", "name"], name="customeralias_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.domain


class TokenCount(models.Model):
    """In how many customer names a word occurs: what makes a word rare. The empty token counts the names themselves."""

    token = models.CharField(max_length=64, primary_key=True)
    names = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.token}: {self.names}"
