"""Likely doubles in the register: customers that share candidate keys, compared as a check compares. Bounded work, streaming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deals.enums import Judged
from deals.models import Customer, IdentityVerdict
from deals.queries.conflict import identity_of_customer
from deals.queries.customer import living_customer, token_counts
from deals.queries.learned import current_model
from deals.rules.verdict import can_see_engine, identity_from, stays_apart
from deals.rules.wording import FIELD_NAMES, term_text
from partners.queries.access import one_or_not_visible
from prm.core import bulk
from prm.core.errors import NotVisible
from prm.matching import Comparison, Frequency, Identity, Model, compare

CHUNK = 200  # customers looked at together
PER_KEY = 12  # older customers read per key: of a name that thousands share, each meets the next dozen
PER_CUSTOMER = 10  # compared, those that share most keys first
PAIRS = f"""
    WITH asked AS (SELECT id, match_keys FROM deals_customer WHERE id = ANY(%s)),
    shared AS (
        SELECT asked.id, other.customer_id, count(*) AS keys FROM asked CROSS JOIN unnest(asked.match_keys) AS k
        CROSS JOIN LATERAL (
            SELECT customer_id FROM deals_matchkey
            WHERE key = k AND customer_id < asked.id ORDER BY customer_id DESC LIMIT {PER_KEY}
        ) AS other GROUP BY asked.id, other.customer_id
    )
    SELECT id, customer_id FROM (
        SELECT *, row_number() OVER (PARTITION BY id ORDER BY keys DESC, customer_id) AS place FROM shared
    ) AS ranked WHERE place <= {PER_CUSTOMER} ORDER BY id DESC, place
"""  # noqa: S608 - numbers of our own


@dataclass(frozen=True)
class Double:
    """Two customers of the register that may be one: the older, the newer, and how alike they are."""

    older: Customer
    newer: Customer
    found: Comparison

    @property
    def matched(self) -> list[str]:
        return [str(FIELD_NAMES.get(name, name)) for name in self.found.matched_fields]

    @property
    def contradicted(self) -> list[str]:
        return [str(FIELD_NAMES.get(name, name)) for name in self.found.contradictions]

    def as_json(self) -> dict[str, Any]:
        return {
            "older": {"ref": self.older.ref, "name": self.older.name},
            "newer": {"ref": self.newer.ref, "name": self.newer.name},
            "certainty": self.found.certainty,
            "score": self.found.score,
            "rule": self.found.rule,
            "same": list(self.found.matched_fields),
            "contradicting": list(self.found.contradictions),
            "because": [term_text(reason.as_json()) for reason in self.found.reasons()],
        }


@dataclass(frozen=True)
class Look:
    """One stretch of the register, newest customers first; `last` is where the next one goes on (None: the end)."""

    doubles: list[Double]
    looked_at: int
    last: UUID | None


def find_doubles(before: UUID | None = None) -> Iterator[Look]:
    """Go through the register from the newest customer (or those older than `before`), a chunk at a time."""
    model = current_model()
    while True:
        rows = Customer.objects.live().order_by("-pk")
        ids = list((rows.filter(pk__lt=before) if before else rows).values_list("pk", flat=True)[:CHUNK])
        before = ids[-1] if len(ids) == CHUNK else None
        yield Look(_doubles(ids, model), len(ids), before)
        if before is None:
            return


def look(before: UUID | None, enough: int, most: int) -> Look:
    """Chunks until there are `enough` doubles, or `most` customers were looked at: what one page shows."""
    found: list[Double] = []
    looked, last = 0, None
    for part in find_doubles(before):
        found += part.doubles
        looked, last = looked + part.looked_at, part.last
        if len(found) >= enough or looked >= most:
            break
    return Look(sorted(found, key=lambda double: (double.found.certainty, -double.found.score)), looked, last)


def _doubles(ids: Sequence[UUID], model: Model) -> list[Double]:
    pairs = bulk.rows(PAIRS, [list(ids)]) if ids else []
    known = {row.pk: row for row in _customers({pk for pair in pairs for pk in pair})}
    identities = {pk: identity_of_customer(row) for pk, row in known.items()}
    frequency = _frequency(identities.values())
    apart = _apart(known, identities)
    found = []
    for newer, older in pairs:
        if older not in known or newer not in known or (newer, older) in apart:
            continue
        result = compare(identities[newer], identities[older], frequency, model)
        if result.certainty != "unlikely":
            found.append(Double(known[older], known[newer], result))
    return found


def _customers(ids: Iterable[UUID]) -> Iterable[Customer]:
    return Customer.objects.live().filter(pk__in=list(ids)).defer("match_keys").prefetch_related("aliases")


def _frequency(identities: Iterable[Identity]) -> Frequency:
    counts = token_counts([*{token for one in identities for name in one.names for token in name.tokens}, ""])
    return Frequency(counts, max(counts.pop("", 0), 1000))


def _apart(known: dict[UUID, Customer], identities: dict[UUID, Identity]) -> set[tuple[UUID, UUID]]:
    """Pairs of which a person said that they are not the same, both ways round."""
    found: set[tuple[UUID, UUID]] = set()
    rows = IdentityVerdict.objects.standing().filter(customer__in=list(known), verdict=Judged.DIFFERENT)
    for customer, other, facts in rows.order_by().values_list("customer_id", "other_id", "asked"):
        judged = identity_from(facts)
        meant = {other} & set(known) or {
            pk for pk, one in identities.items() if pk != customer and stays_apart(judged, one, identities[customer])
        }
        found |= {pair for pk in meant for pair in ((customer, pk), (pk, customer))}
    return found


def get_customer(user: Any, ref: str) -> Customer:
    """The door to a customer for those who put the register in order; of a merged one, the one it went into."""
    if not can_see_engine(user):
        raise NotVisible
    return living_customer(one_or_not_visible(Customer.objects.all(), ref).pk)
