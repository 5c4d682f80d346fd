"""A person says whether two identities are the same customer, and may take it back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.enums import UNDECIDED, VERDICT_STEPS, Judged, JudgedAt
from deals.models import ConflictCandidate, Customer, Deal, IdentityVerdict
from deals.queries.conflict import identity_of_customer, identity_of_deal
from deals.queries.customer import living_customer
from deals.queries.verdict import asked_identity, compare_pair, customer_of, known_identity
from deals.rules.verdict import (
    GONE,
    NOT_YOURS,
    can_merge_customers,
    facts_of,
    identity_from,
    name_sign,
    pair_sign,
    why_not_judge,
    why_not_withdraw,
)
from deals.services.alias import forget_aliases, teach_customer
from deals.services.customer import lock_identities, resolve_customer
from partners.models import User
from prm.audit import services as audit
from prm.core.errors import DomainError, NotAllowed
from prm.core.states import take
from prm.matching import Identity


@transaction.atomic
def judge_candidate(candidate: ConflictCandidate, verdict: str, *, by: User, now: datetime | None = None) -> IdentityVerdict:
    """Say of a candidate of a duplicate check whether it is the same customer. Saying the same again changes nothing.

    "Same" teaches the customer the name and domain; "not the same" keeps the two apart in later checks (`rules.verdict`). A
    registration that is still undecided goes over to the customer it belongs to. Records deals.verdict.recorded. Raises
    NotAllowed; DomainError when the candidate has no customer.
    """
    deal = candidate.conflict.deal
    reasons = why_not_judge(by, deal, candidate)
    if reasons:
        raise NotAllowed(reasons)
    pk = customer_of(candidate)
    if pk is None:
        raise DomainError(GONE, key="gone")
    asked = asked_identity(candidate)
    customer = _locked(pk, asked, identity_of_deal(deal))
    row, new = record_pair(
        asked,
        known_identity(candidate, customer),
        customer,
        verdict,
        by=by,
        now=now or timezone.now(),
        source=JudgedAt.REVIEW,
        deal=deal,
        candidate=candidate,
    )
    if new:
        _teach(row, asked)
        _move_deal(row, deal)
    return row


@transaction.atomic
def keep_customers_apart(customer: Customer, other: Customer, *, by: User, now: datetime | None = None) -> IdentityVerdict:
    """Say of two customers of the register that they are not the same: no list of likely doubles shows them any more."""
    require_keeper(by)
    if customer.pk == other.pk:
        raise DomainError(_("Choose two different customers."), key="same")
    asked = identity_of_customer(other)
    known = _locked(customer.pk, asked)
    row, _new = record_pair(
        asked,
        identity_of_customer(known),
        known,
        Judged.DIFFERENT,
        by=by,
        now=now or timezone.now(),
        source=JudgedAt.REGISTER,
        other=other,
    )
    return row


@transaction.atomic
def withdraw_verdict(row: IdentityVerdict, *, by: User, now: datetime | None = None) -> IdentityVerdict:
    """Take a judgement back, with what it taught. Records deals.verdict.withdrawn. Raises NotAllowed, StaleState."""
    reasons = why_not_withdraw(by, row)
    if reasons:
        raise NotAllowed(reasons)
    _locked(row.customer_id, identity_from(row.asked))
    _end(row, "withdraw", by, now or timezone.now())
    return row


def require_keeper(by: User) -> None:
    """Raises NotAllowed for whoever may not put the register in order."""
    if not can_merge_customers(by):
        raise NotAllowed(NOT_YOURS)


def _locked(pk: UUID, *asked: Identity) -> Customer:
    """The living customer, under the identity locks of both sides."""
    lock_identities([*asked, identity_of_customer(living_customer(pk))])
    return living_customer(pk)


def record_pair(
    asked: Identity,
    known: Identity,
    customer: Customer,
    verdict: str,
    *,
    by: User,
    now: datetime,
    source: str,
    **about: Any,
) -> tuple[IdentityVerdict, bool]:
    """The labelled pair, and whether it is new: the same word again is the word that stands; another one replaces it.

    The caller holds the identity locks of both sides.
    """
    if verdict not in Judged.values:
        raise DomainError(_("Say whether they are the same."), field="verdict")
    pair = pair_sign(asked)
    standing = IdentityVerdict.objects.standing().filter(customer=customer, pair=pair).select_related("deal", "customer").first()
    if standing and standing.verdict == verdict:
        return standing, False
    if standing:
        _end(standing, "supersede", by, now)
    found = compare_pair(asked, known)
    row = IdentityVerdict.objects.create(
        verdict=verdict,
        source=source,
        customer=customer,
        core=name_sign(asked),
        pair=pair,
        asked=facts_of(asked),
        known=facts_of(known),
        features={name: round(value, 4) for name, value in found.features.items() if value},
        score=Decimal(str(found.score)),
        certainty=found.certainty,
        rule=found.rule,
        engine_version=found.version,
        by=by,
        at=now,
        **about,
    )
    _record("recorded", row, by, {"verdict": verdict, "source": source})
    return row, True


def _teach(row: IdentityVerdict, asked: Identity) -> None:
    if row.verdict == Judged.SAME:
        row.taught = teach_customer(row.customer, [asked])
        IdentityVerdict.objects.filter(pk=row.pk).update(taught=row.taught)


def _move_deal(row: IdentityVerdict, deal: Deal) -> None:
    """An undecided registration belongs to the customer it is; one that is decided keeps what its protection rests on."""
    if pair_sign(identity_of_deal(deal)) != row.pair:
        return  # rewritten since that check
    there = Deal.objects.filter(pk=deal.pk, status__in=UNDECIDED, customer__isnull=False).values_list("customer_id", flat=True)
    before = there.first()
    if before is None:
        return
    if row.verdict == Judged.SAME:
        after = row.customer_id
    else:
        found, _new = resolve_customer(identity_of_deal(deal), by=row.by, learn=False)
        after = found.pk if found else before
    if after != before and (row.verdict == Judged.SAME or before == row.customer_id):
        there.update(customer=after)
        row.moved_from_id = before
        IdentityVerdict.objects.filter(pk=row.pk).update(moved_from=before)


def _end(row: IdentityVerdict, step: str, by: User, now: datetime) -> None:
    """Out of force, and what it taught is forgotten."""
    if row.customer.merged_into_id:
        raise DomainError(_("This customer was merged into another one. Undo that merge first."), key="merged")
    take(VERDICT_STEPS[step], row, ended_by=by, ended_at=now)
    forget_aliases(row.customer_id, row.taught)
    if row.deal and row.moved_from_id:
        Deal.objects.filter(pk=row.deal.pk, status__in=UNDECIDED).update(customer=living_customer(row.moved_from_id))
    _record("withdrawn" if step == "withdraw" else "superseded", row, by)


def _record(verb: str, row: IdentityVerdict, by: User, data: dict[str, Any] | None = None) -> None:
    values = {"customer": str(row.customer_id), "deal": str(row.deal_id or ""), **(data or {})}
    partner = row.deal.partner_id if row.deal else None
    audit.record(f"deals.verdict.{verb}", row, by=by, partner=partner, data=values, internal=True)
