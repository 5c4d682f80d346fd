"""Who in the register an identity may be: found by keys, sieved by likeness, with what is known of them.

One path for a single registration and for the rows of a file: a few round trips for all of them, bounded work for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from deals.queries.customer import token_counts
from prm.core import bulk
from prm.matching import MAX_CANDIDATES, ROWS_PER_KEY, Frequency, Identity, identity_keys, shortlist
from prm.matching.keys import EXACT_FIRST, MAX_LOOSE, ROWS_PER_EXACT_KEY

FACTS_AT_MOST = 100  # customers looked at because they share a domain, number or phone
ALIKE = 20
SAME_AT_MOST = 100  # customers looked at because their core is the very one (branches, other legal forms)
HARD = frozenset({"domain", "number", "phone"})
PROBE = f"""
    WITH hits AS MATERIALIZED (
        SELECT k.row, k.place, m.ids, (k.most = {ROWS_PER_EXACT_KEY})::int + 1 / sqrt(cardinality(m.ids)) AS share
        FROM unnest(%s::text::int[], %s::text::bigint[], %s::text::int[]) WITH ORDINALITY AS k(row, key, most, place)
        CROSS JOIN LATERAL (
            SELECT array_agg(f.customer_id) AS ids
            FROM (SELECT customer_id FROM deals_matchkey WHERE key = k.key LIMIT k.most) AS f
        ) AS m
        WHERE m.ids IS NOT NULL
    ), best AS (
        SELECT row, customer_id, min(place) AS place, bool_or(share > 1) AS exact,
               row_number() OVER (PARTITION BY row ORDER BY sum(share) DESC, min(place), customer_id) AS n
        FROM hits CROSS JOIN unnest(ids) AS customer_id GROUP BY row, customer_id
    )
    SELECT best.row, best.customer_id, c.core, c.name, c.country, best.place
    FROM best JOIN deals_customer AS c ON c.id = best.customer_id
    WHERE (best.n <= {MAX_LOOSE} OR best.exact AND best.n <= {MAX_CANDIDATES}) AND c.merged_into_id IS NULL
    ORDER BY best.row, best.n
"""  # noqa: S608 - numbers of prm.matching; the keys are parameters
KNOWN = """
    SELECT c.id, c.ref, c.parent_id, c.name, c.domain, c.country, c.registration_number, c.city, c.street, c.postcode, c.phone,
           ARRAY(SELECT ARRAY[a.name, a.domain] FROM deals_customeralias AS a WHERE a.customer_id = c.id ORDER BY a.id)
    FROM deals_customer AS c WHERE c.merged_into_id IS NULL AND
"""
BY_ID = f"{KNOWN} c.id = ANY(%s)"
FAMILY = f"{KNOWN} (c.parent_id = ANY(%s) OR c.id = ANY(%s)) ORDER BY c.id"


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer of the register as it is compared."""

    pk: UUID
    ref: str
    parent_id: UUID | None
    identity: Identity


class Hit(NamedTuple):
    """A customer that shares a key; `hard`: of a domain, number or phone."""

    pk: UUID
    core: str
    name: str
    country: str
    hard: bool


@dataclass(frozen=True)
class Candidates:
    """For each identity asked about, the customers most like it, best first; and how common the words at hand are."""

    rows: list[list[Entry]]
    frequency: Frequency


def candidates_for(identities: Sequence[Identity]) -> Candidates:
    """Four round trips for all identities together."""
    tokens, asked = _words_of(identities)
    chosen = [_shortlisted(*pair) for pair in zip(identities, _hits(identities, asked), strict=True)]
    entries = {entry.pk: entry for entry in _entries(BY_ID, [list({pk for pks in chosen for pk in pks})])} if any(chosen) else {}
    others = {token for entry in entries.values() for name in entry.identity.names for token in name.tokens} - tokens
    known = Frequency({**asked.counts, **token_counts(others)}, asked.total) if others else asked
    return Candidates([[entries[pk] for pk in pks if pk in entries] for pks in chosen], known)


def counting(frequency: Frequency, identities: Iterable[Identity]) -> Frequency:
    """The same, knowing the words of these as well: one round trip, or none."""
    words = {token for identity in identities for name in identity.names for token in name.tokens} - frequency.counts.keys()
    return Frequency({**frequency.counts, **token_counts(words)}, frequency.total) if words else frequency


def hits_for(identities: Sequence[Identity]) -> list[list[Hit]]:
    """For each identity the customers that share a key with it, the best first: what the sieve is given."""
    return _hits(identities, _words_of(identities)[1])


def _words_of(identities: Sequence[Identity]) -> tuple[set[str], Frequency]:
    tokens = {token for identity in identities for name in identity.names for token in name.tokens}
    counts = token_counts([*tokens, ""])  # the empty token carries the number of names
    return tokens, Frequency(counts, max(counts.pop("", 0), 1000))


def _hits(identities: Sequence[Identity], frequency: Frequency) -> list[list[Hit]]:
    rows: list[int] = []
    keys: list[int] = []
    most: list[int] = []
    hard: list[bool] = []
    for row, identity in enumerate(identities):
        found = identity_keys(identity, frequency, probe=True)
        facts = sum(kind in HARD for kind, _key in found)
        exact = min(facts + EXACT_FIRST, len(found))
        rows += [row] * len(found)
        keys += [key for _kind, key in found]
        most += [ROWS_PER_EXACT_KEY] * exact + [ROWS_PER_KEY] * (len(found) - exact)
        hard += [True] * facts + [False] * (len(found) - facts)
    hits: dict[int, list[Hit]] = defaultdict(list)
    arrays = list(map(bulk.array, (rows, keys, most)))
    for row, pk, core, name, country, place in bulk.prepared_rows(PROBE, arrays) if keys else ():
        hits[row].append(Hit(pk, core, name, country, hard[place - 1]))
    return [hits[row] for row in range(len(identities))]


def _shortlisted(identity: Identity, hits: list[Hit]) -> list[UUID]:
    """Who shares a hard fact, then who has the very words, then the twenty whose names are most alike: of equals those in the
    same country. Of the same words those written the same come first: their brackets and legal form are the same too."""
    country = identity.clean_country
    hits.sort(key=lambda hit: bool(country and hit.country) and hit.country != country)
    facts = [hit.pk for hit in hits if hit.hard][:FACTS_AT_MOST]
    cores, written = {name.core for name in identity.names}, {name.raw.casefold() for name in identity.names}
    same = sorted((hit for hit in hits if hit.core in cores), key=lambda hit: hit.name.casefold() not in written)
    found = [(hit.pk, hit.core) for hit in hits]
    alike = [pk for name in identity.names for pk in shortlist(name, found, ALIKE)]
    return list(dict.fromkeys([*facts, *(hit.pk for hit in same[:SAME_AT_MOST]), *alike]))


def _entries(sql: str, params: Sequence[Any]) -> Iterable[Entry]:
    for pk, ref, parent, name, domain, country, number, city, street, postcode, phone, aliases in bulk.prepared_rows(sql, params):
        identity = Identity(
            name=name,
            domain=domain,
            country=country,
            registration_number=number,
            city=city,
            street=street,
            postcode=postcode,
            phone=phone,
            aliases=tuple(alias for alias, _domain in aliases if alias),
            domains=tuple(domain for _alias, domain in aliases if domain),
        )
        yield Entry(pk, ref, parent, identity)


def family_of(certain: Collection[UUID], parents: Collection[UUID]) -> list[Entry]:
    """Subsidiaries of these customers and of these parents, and the parents themselves."""
    return list(_entries(FAMILY, [[*certain, *parents], list(parents)]))
