"""Customers by what identifies them: number and country, domain, core of the name; theirs or learned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from deals.models import Customer
from prm.core import bulk

PER_KEY = 200  # customers looked at for one key, the oldest first: bounded work for a name that thousands share
FIELDS = ("id", "name", "core", "country", "city", "domain", "registration_number", "street", "postcode", "phone")

# A customer that was merged answers with the one it went into.
FIND = f"""
WITH RECURSIVE hits(id) AS (
    SELECT c.id FROM unnest(%(cores)s::text[]) AS k
        CROSS JOIN LATERAL (SELECT id FROM deals_customer WHERE core = k ORDER BY id LIMIT {PER_KEY}) AS c
    UNION SELECT c.id FROM unnest(%(domains)s::text[]) AS k
        CROSS JOIN LATERAL (SELECT id FROM deals_customer WHERE domain = k AND domain <> '' ORDER BY id LIMIT {PER_KEY}) AS c
    UNION SELECT c.id FROM unnest(%(numbers)s::text[], %(countries)s::text[]) AS k(number, country)
        CROSS JOIN LATERAL (
            SELECT id FROM deals_customer
            WHERE registration_number = k.number AND registration_number <> '' AND country = k.country ORDER BY id LIMIT {PER_KEY}
        ) AS c
    UNION SELECT a.id FROM unnest(%(cores)s::text[]) AS k
        CROSS JOIN LATERAL (
            SELECT customer_id FROM deals_customeralias WHERE core = k ORDER BY customer_id LIMIT {PER_KEY}
        ) AS a(id)
    UNION SELECT a.id FROM unnest(%(domains)s::text[]) AS k
        CROSS JOIN LATERAL (
            SELECT customer_id FROM deals_customeralias WHERE domain = k ORDER BY customer_id LIMIT {PER_KEY}
        ) AS a(id)
), chain(id) AS (
    SELECT id FROM hits
    UNION SELECT c.merged_into_id FROM chain JOIN deals_customer AS c ON c.id = chain.id WHERE c.merged_into_id IS NOT NULL
)
SELECT {", ".join("c." + name for name in FIELDS)}, c.merged_into_id FROM chain JOIN deals_customer AS c ON c.id = chain.id
ORDER BY c.id
"""  # noqa: S608 - names from code

ALIASES = "SELECT customer_id, name, core, domain FROM deals_customeralias WHERE customer_id = ANY(%s) ORDER BY id"


@dataclass
class Known:
    """A customer as resolution sees it: the row's own fields, and its aliases as (name, core, domain)."""

    id: UUID
    name: str
    core: str
    country: str = ""
    city: str = ""
    domain: str = ""
    registration_number: str = ""
    street: str = ""
    postcode: str = ""
    phone: str = ""
    merged_into: UUID | None = None
    aliases: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def domains(self) -> set[str]:
        return {domain for domain in (self.domain, *(alias[2] for alias in self.aliases)) if domain}

    @property
    def cores(self) -> set[str]:
        return {core for core in (self.core, *(alias[1] for alias in self.aliases)) if core}


def known_by(cores: Collection[str], domains: Collection[str], numbers: Collection[tuple[str, str]]) -> list[Known]:
    """Customers under any of these keys, oldest first, with those they were merged into. `numbers`: (country, number)."""
    pairs = sorted(numbers)
    params = {
        "cores": sorted(cores),
        "domains": sorted(domains),
        "numbers": [number for _, number in pairs],
        "countries": [country for country, _ in pairs],
    }
    found = {row[0]: Known(*row) for row in bulk.rows(FIND, params)}
    for customer_id, name, core, domain in bulk.rows(ALIASES, [list(found)]) if found else ():
        found[customer_id].aliases.append((name, core, domain))
    return list(found.values())


def token_counts(tokens: Collection[str]) -> dict[str, int]:
    """In how many customer names each word occurs; the empty token counts the names."""
    return dict(bulk.prepared_rows("SELECT token, names FROM deals_tokencount WHERE token = ANY(%s)", [list(tokens)]))


def living(customers: Sequence[Known], start: Known) -> Known:
    """The customer at the end of the merges."""
    by_id = {customer.id: customer for customer in customers}
    seen = {start.id}
    while start.merged_into and start.merged_into in by_id and start.merged_into not in seen:
        start = by_id[start.merged_into]
        seen.add(start.id)
    return start


def living_customer(pk: UUID) -> Customer:
    """The customer, or the one it went into by merges; with its aliases."""
    row = Customer.objects.prefetch_related("aliases").get(pk=pk)
    while row.merged_into_id is not None:
        row = Customer.objects.prefetch_related("aliases").get(pk=row.merged_into_id)
    return row
