"""Likely doubles in the register: customers that share candidate keys, compared as a check compares. Bounded work, streaming."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deals.enums import Judged
from deals.models import Customer, IdentityVerdict
from deals.queries.conflict import identity_of_customer
from deals.queries.customer import living_customer, token_counts
from deals.queries.learned import current_model
from deals.queries.verdict import is_about
from deals.rules.verdict import can_see_engine, name_sign
from deals.rules.wording import FIELD_NAMES, terms_in_words
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
    """Two customers of the register that may be one: the older, the newer, how alike they are, and the word of a person that
    they are the same, if one was given."""

    older: Customer
    newer: Customer
    found: Comparison
    word: IdentityVerdict | None = None

    @property
    def matched(self) -> list[str]:
        return [str(FIELD_NAMES.get(name, name)) for name in self.found.matched_fields]

    @property
    def contradicted(self) -> list[str]:
        return [str(FIELD_NAMES.get(name, name)) for name in self.found.contradictions]

    @property
    def words(self) -> tuple[list[str], list[str]]:
        """What speaks for one customer, and what against."""
        return terms_in_words(reason.as_json() for reason in self.found.reasons())

    def as_json(self) -> dict[str, Any]:
        return {
            "older": {"ref": self.older.ref, "name": self.older.name},
            "newer": {"ref": self.newer.ref, "name": self.newer.name},
            "certainty": self.found.certainty,
            "score": self.found.score,
            "rule": self.found.rule,
            "same": list(self.found.matched_fields),
            "contradicting": list(self.found.contradictions),
            "because": self.words[0],
            "against": self.words[1],
        }


@dataclass(frozen=True)
class Look:
    """One stretch of the register, newest customers first; `last` is where the next one goes on (None: the end), `total` how
    many customers there are in all."""

    doubles: list[Double]
    looked_at: int
    last: UUID | None
    total: int = 0


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
    found.sort(key=lambda double: (double.found.certainty, -double.found.score))
    return Look(found, looked, last, max(token_counts([""]).get("", 0), looked))


def _doubles(ids: Sequence[UUID], model: Model) -> list[Double]:
    pairs = bulk.rows(PAIRS, [list(ids)]) if ids else []
    known = {row.pk: row for row in _customers({pk for pair in pairs for pk in pair})}
    identities = {pk: identity_of_customer(row) for pk, row in known.items()}
    frequency = _frequency(identities.values())
    words = _words(known, identities)
    found = []
    for newer, older in pairs:
        word = words.get(frozenset((older, newer)))
        if older not in known or newer not in known or (word and word.verdict == Judged.DIFFERENT):
            continue
        result = compare(identities[newer], identities[older], frequency, model)
        if result.certainty != "unlikely":
            found.append(Double(known[older], known[newer], result, word))
    return found


def _customers(ids: Iterable[UUID]) -> Iterable[Customer]:
    return Customer.objects.live().filter(pk__in=list(ids)).defer("match_keys").prefetch_related("aliases")


def _frequency(identities: Iterable[Identity]) -> Frequency:
    counts = token_counts([*{token for one in identities for name in one.names for token in name.tokens}, ""])
    return Frequency(counts, max(counts.pop("", 0), 1000))


def _words(known: dict[UUID, Customer], identities: dict[UUID, Identity]) -> dict[frozenset[UUID], IdentityVerdict]:
    """What people said of each pair, whichever was asked about; "not the same" counts first, as it bars the merge."""
    named: dict[str, set[UUID]] = defaultdict(set)
    for pk, identity in identities.items():
        named[name_sign(identity)].add(pk)
    found: dict[frozenset[UUID], IdentityVerdict] = {}
    rows = IdentityVerdict.objects.standing().filter(customer__in=list(known)).select_related("by").defer("features", "known")
    for row in rows.order_by("verdict", "-at", "-pk"):  # "different" stands before "same"
        for pk in (known.keys() & {row.other_id, row.moved_from_id} | named[row.core]) - {row.customer_id}:
            if is_about(row, pk, identities[pk], identities[row.customer_id]):
                found.setdefault(frozenset((pk, row.customer_id)), row)
    return found


def get_customer(user: Any, ref: str) -> Customer:
    """The door to a customer for those who put the register in order; of a merged one, the one it went into."""
    if not can_see_engine(user):
        raise NotVisible
    return living_customer(one_or_not_visible(Customer.objects.all(), ref).pk)
