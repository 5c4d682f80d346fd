"""What a customer is taught by a person's word: further names and domains, with the keys that make it findable by them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from deals.models import Customer, CustomerAlias
from deals.queries.customer import token_counts
from deals.services.resolution import MAX_ALIASES, Facts, keys_of
from prm.core import bulk
from prm.core.identifiers import uuid7
from prm.matching import Frequency, Identity


def teach_customer(customer: Customer, identities: Iterable[Identity], keys: Collection[int] = ()) -> dict[str, Any]:
    """Add the names and domains of these identities that the customer does not know, and the keys that follow from them.

    `keys`: further ones to be found by. Answers {"mark", "aliases": ids, "keys": what is new}, for `forget_aliases`. The caller
    holds the identity locks. A customer learns `MAX_ALIASES` names and domains at most.
    """
    row = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    mark = uuid7()
    made = CustomerAlias.objects.bulk_create(_new_aliases(row, identities))
    added = sorted((_keys(made) | set(keys)) - set(row.match_keys))
    if added:
        Customer.objects.filter(pk=row.pk).update(match_keys=sorted({*row.match_keys, *added}))
    return {"mark": str(mark), "aliases": [str(alias.pk) for alias in made], "keys": added}


def _new_aliases(row: Customer, identities: Iterable[Identity]) -> list[CustomerAlias]:
    aliases = list(row.aliases.all())
    cores = {row.core, *(alias.core for alias in aliases)}
    domains = {row.domain, *(alias.domain for alias in aliases)}
    found: list[CustomerAlias] = []
    for facts in map(Facts.of, identities):
        if facts.core and facts.core not in cores:
            cores.add(facts.core)
            found.append(CustomerAlias(customer=row, name=facts.columns["name"], core=facts.core))
        for domain in facts.domains:
            if domain not in domains:
                domains.add(domain)
                found.append(CustomerAlias(customer=row, domain=domain))
    return found[: max(0, MAX_ALIASES - len(aliases))]


def forget_aliases(customer_id: UUID, taught: dict[str, Any]) -> None:
    """Take back what `teach_customer` added; keys that names learned later need as well stay."""
    if not taught:
        return
    row = Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)
    CustomerAlias.objects.filter(customer=row, pk__in=taught["aliases"]).delete()
    dropped = set(taught["keys"]) - _keys(row.aliases.filter(pk__gt=taught["mark"]))
    if dropped:
        Customer.objects.filter(pk=row.pk).update(match_keys=sorted(set(row.match_keys) - dropped))
        bulk.run("DELETE FROM deals_matchkey WHERE customer_id = %s AND key = ANY(%s)", [row.pk, sorted(dropped)])


def _keys(aliases: Iterable[CustomerAlias]) -> set[int]:
    """What these names and domains are found by, as common as their words are now."""
    identities = [Identity(name=alias.name, domain=alias.domain) for alias in aliases]
    counts = token_counts([*{token for identity in identities for token in identity.name_key.tokens}, ""])
    frequency = Frequency(counts, max(counts.pop("", 0), 1000))
    return {key for identity in identities for key in keys_of(identity, frequency)}
