"""Judged pairs: which hold for an identity, what stands beside a candidate, the doors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from deals.enums import Judged
from deals.models import ConflictCandidate, Customer, Deal, IdentityVerdict, Opportunity
from deals.queries.conflict import identity_of_customer, identity_of_deal
from deals.queries.customer import token_counts
from deals.queries.learned import current_model
from deals.queries.review import staff_deals
from deals.rules.verdict import FACTS, can_see_engine, identity_from, name_sign, stays_apart, suggested, why_not_judge
from partners.queries.access import one_or_not_visible
from prm.core.errors import NotVisible
from prm.matching import Comparison, Frequency, Identity, compare


def customer_of(candidate: ConflictCandidate) -> UUID | None:
    """The register's customer behind a candidate."""
    thing = candidate.opportunity or candidate.deal
    return thing.customer_id if thing else candidate.customer_id


def asked_identity(candidate: ConflictCandidate) -> Identity:
    """The asked side as the check saw it."""
    inputs = candidate.conflict.inputs
    return identity_from({**inputs, "name": inputs.get("customer", "")})


def known_identity(candidate: ConflictCandidate, customer: Customer) -> Identity:
    """The other side as the check saw it: the thing as written, with what the register knows of its customer."""
    register = identity_of_customer(customer)
    if candidate.deal:
        own = identity_of_deal(candidate.deal)
    elif candidate.opportunity:
        own = _of_opportunity(candidate.opportunity)
    else:
        return register
    return Identity(
        name=own.name,
        domain=own.domain or register.domain,
        country=str(own.country or register.country),
        registration_number=own.registration_number or register.registration_number,
        city=own.city,
        aliases=tuple(dict.fromkeys([register.name, *register.aliases])),
        domains=register.domains,
    )


def _of_opportunity(row: Opportunity) -> Identity:
    return identity_from({"name": row.customer_name, **{name: str(getattr(row, name)) for name in FACTS[1:]}})


def compare_pair(one: Identity, other: Identity) -> Comparison:
    """Two identities by the present model and the register's word counts. Two queries."""
    tokens = {token for identity in (one, other) for name in identity.names for token in name.tokens}
    counts = token_counts([*tokens, ""])
    return compare(one, other, Frequency(counts, max(counts.pop("", 0), 1000)), current_model())


def get_candidate(user: Any, deal: Deal, pk: UUID) -> ConflictCandidate:
    """The door to a candidate of a deal the user has reached already. Raises NotVisible."""
    rows = ConflictCandidate.objects.filter(conflict__deal=deal).select_related(
        "conflict__deal", "opportunity", "deal__partner", "customer"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found


def get_verdict(user: Any, ref: str) -> IdentityVerdict:
    """The door to a judged pair: of a registration this user may look at, or of the register. Raises NotVisible."""
    seen = Q(deal__in=staff_deals(user))
    if can_see_engine(user):
        seen |= Q(deal=None)
    rows = IdentityVerdict.objects.filter(seen)
    return one_or_not_visible(rows.select_related("customer", "deal__partner", "candidate__deal__partner"), ref)


@dataclass(frozen=True)
class Word:
    """What stands beside one candidate: the word in force, whether this reader may give or take one, what suggests itself."""

    row: IdentityVerdict | None
    may: bool
    suggested: str = ""


def said_of(candidates: Sequence[ConflictCandidate]) -> QuerySet[IdentityVerdict]:
    """Every word in force about the name that was asked for; the candidates are those of one check, with it loaded."""
    if not candidates:
        return IdentityVerdict.objects.none()
    rows = IdentityVerdict.objects.standing().filter(core=name_sign(asked_identity(candidates[0])))
    return rows.select_related("by").order_by("at", "pk")


def words_for(
    user: Any, deal: Deal, candidates: Sequence[ConflictCandidate], said: Iterable[IdentityVerdict]
) -> dict[UUID, Word]:
    """By candidate, out of what `said_of` found; the things that candidates point at are loaded. The newest word counts."""
    standing = {row.customer_id: row for row in said}
    return {
        row.pk: Word(standing.get(customer), not why_not_judge(user, deal, row), suggested(deal, row))
        for row in candidates
        if (customer := customer_of(row))
    }


def judged_between(one: Customer, other: Customer) -> IdentityVerdict | None:
    """The word "not the same" in force between two customers of the register, whichever was asked about."""
    return next((row for row in words_between(one, other) if row.verdict == Judged.DIFFERENT), None)


def words_between(one: Customer, other: Customer) -> list[IdentityVerdict]:
    """Every word in force between two customers of the register, whichever was asked about. Two queries."""
    found: list[IdentityVerdict] = []
    for known, asked in ((one, other), (other, one)):
        identity = identity_of_customer(asked)
        rows = IdentityVerdict.objects.standing().filter(customer=known, core=name_sign(identity)).select_related("by")
        found += [row for row in rows if is_about(row, asked.pk, identity, identity_of_customer(known))]
    return found


def is_about(row: IdentityVerdict, pk: UUID, asked: Identity, known: Identity) -> bool:
    """Whether this word about the customer `known` was said of the customer `asked` (with the key `pk`) too: it was named, or
    it is what was judged; or a registration of that name was taken from it because the two are the same."""
    if row.other_id == pk or stays_apart(identity_from(row.asked), asked, known):
        return True
    return row.verdict == Judged.SAME and row.moved_from_id == pk and row.core == name_sign(asked)
