"""The names and domains a customer goes by, each with where it comes from, and the doors to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deals.models import Customer, CustomerAlias, CustomerMerge, IdentityVerdict
from deals.queries.customer import living_customer
from deals.rules.review import can_see_records
from partners.queries.access import one_or_not_visible
from prm.core.errors import NotVisible


@dataclass(frozen=True)
class NameShown:
    """One name or domain. At most one of `verdict` and `merge` is set; with neither and nobody who recorded it, an import."""

    alias: CustomerAlias
    verdict: IdentityVerdict | None = None
    merge: CustomerMerge | None = None


def names_of(customer: Customer) -> list[NameShown]:
    """All that the customer goes by beside its own name and domain, in the order it came. Three queries."""
    aliases = list(CustomerAlias.objects.filter(customer=customer).select_related("recorded_by").order_by("pk"))
    learned = [str(alias.pk) for alias in aliases if alias.recorded_by_id is None]
    if not learned:
        return [NameShown(alias) for alias in aliases]
    verdicts = IdentityVerdict.objects.standing().filter(customer=customer, taught__aliases__has_any_keys=learned)
    merges = CustomerMerge.objects.filter(kept=customer, moved__taught__aliases__has_any_keys=learned, undone_at=None)
    by_verdict = {pk: row for row in verdicts.select_related("deal") for pk in row.taught["aliases"]}
    by_merge = {pk: row for row in merges for pk in row.moved["taught"]["aliases"]}
    return [NameShown(alias, by_verdict.get(str(alias.pk)), by_merge.get(str(alias.pk))) for alias in aliases]


def get_customer_record(user: Any, ref: str) -> Customer:
    """The door to a customer's record page; of a merged one, the one it went into. Raises NotVisible."""
    if not can_see_records(user):
        raise NotVisible
    return living_customer(one_or_not_visible(Customer.objects.all(), ref).pk)


def get_alias(user: Any, pk: UUID) -> CustomerAlias:
    """The door to a name or domain of a customer, for who may see its record page. Raises NotVisible."""
    row = CustomerAlias.objects.select_related("customer").filter(pk=pk).first() if can_see_records(user) else None
    if row is None:
        raise NotVisible
    return row
