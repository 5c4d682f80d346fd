"""The duplicate check as a read: candidates from indexes, identities compared, policy applied. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, Q

from deals.enums import UNDECIDED, ChangeRequestStatus, DealStatus, MatchedKind, OpportunityState
from deals.models import ChangeRequest, Customer, Deal, DealLine, Opportunity, OpportunityProduct, TokenCount
from deals.rules.change import facts_after, facts_before, products_claimed
from deals.rules.conflict import Asking, Finding, Match, Products, Thing, Verdict, conclude, judge
from deals.rules.policy import PolicyRules
from prm.catalog.models import Product
from prm.matching import MAX_CANDIDATES, ROWS_PER_KEY, Frequency, Identity, compare, identity_keys, shortlist
from prm.matching.keys import EXACT_FIRST, ROWS_PER_EXACT_KEY

CANDIDATES = 100
ALIKE = 20
HARD = ("domain", "number", "phone")
PROBE = f"""
    WITH hits AS (
        SELECT m.customer_id, count(*) AS shared, min(k.place) AS place
        FROM unnest(%s::bigint[]) WITH ORDINALITY AS k(key, place)
        CROSS JOIN LATERAL (
            SELECT customer_id FROM deals_matchkey WHERE key = k.key
            LIMIT CASE WHEN k.place <= %s + {EXACT_FIRST} THEN {ROWS_PER_EXACT_KEY} ELSE {ROWS_PER_KEY} END
        ) AS m
        GROUP BY m.customer_id
    )
    SELECT c.id, c.core, hits.place FROM hits JOIN deals_customer c ON c.id = hits.customer_id
    ORDER BY (hits.place <= %s) DESC, hits.shared DESC, hits.place LIMIT {MAX_CANDIDATES}
"""  # noqa: S608 - numbers of prm.matching; the keys are parameters
THINGS = 300
IN_THE_WAY = [DealStatus.APPROVED, *sorted(UNDECIDED)]


@dataclass(frozen=True)
class Question:
    """What is checked: an identity, what is asked for it, and the deal it is about (left out of the answer)."""

    identity: Identity
    asking: Asking
    deal_id: UUID | None = None
    deal_ref: str = ""


def check(question: Question, rules: PolicyRules, today: date) -> Verdict:
    """Judge one registration against the register, in a bounded number of queries."""
    customers, frequency = _candidates(question.identity)
    matches = {c.pk: _match(question.identity, identity_of_customer(c), frequency) for c in customers}
    certain = {pk for pk, match in matches.items() if match.certainty == "certain"}
    relatives = _relatives(customers, certain)
    findings: list[Finding] = []
    busy: set[UUID] = set()
    for customer, identity, thing in _things([*customers, *relatives], question):
        if question.deal_id and thing.id == question.deal_id:
            continue
        sister = customer.pk not in certain and _related(customer, certain, customers)
        match = _match(question.identity, identity, frequency, sister=sister)
        if match.certainty == "unlikely" and not sister:
            continue
        busy.add(customer.pk)
        findings.append(judge(question.asking, thing, match, rules, today))
    findings += _customer_findings(customers, matches, busy, question.asking, rules, today)
    best = max(certain, key=lambda pk: (matches[pk].score, str(pk)), default=None)
    return conclude(findings, best)


def _customer_findings(
    customers: Iterable[Customer], matches: dict[UUID, Match], busy: set[UUID], asking: Asking, rules: PolicyRules, today: date
) -> list[Finding]:
    """Customers alike but with nothing open: shown as evidence, never in the way."""
    return [
        judge(asking, Thing(MatchedKind.CUSTOMER, customer.pk, customer.ref), matches[customer.pk], rules, today)
        for customer in customers
        if customer.pk not in busy and matches[customer.pk].certainty != "unlikely"
    ]


def identity_of_customer(customer: Customer) -> Identity:
    """The identity a customer row stands for, with the aliases that were prefetched."""
    aliases = list(customer.aliases.all())
    return Identity(
        name=customer.name,
        domain=customer.domain,
        country=str(customer.country),
        registration_number=customer.registration_number,
        city=customer.city,
        street=customer.street,
        postcode=customer.postcode,
        phone=customer.phone,
        aliases=tuple(a.name for a in aliases if a.name),
        domains=tuple(a.domain for a in aliases if a.domain),
    )


def identity_of_deal(deal: Deal) -> Identity:
    """The customer as the partner wrote it."""
    return Identity(
        name=deal.customer_name,
        domain=deal.website,
        country=str(deal.country),
        registration_number=deal.registration_number,
        city=deal.city,
    )


def _candidates(identity: Identity) -> tuple[list[Customer], Frequency]:
    """The customers most like this identity, and how common the words at hand are. Bounded work whatever the register holds."""
    tokens = {token for name in identity.names for token in name.tokens}
    probe = _frequency(tokens)
    keys = identity_keys(identity, probe, probe=True)
    if not keys:
        return [], probe
    chosen = _shortlisted(identity, keys)
    rows = Customer.objects.live().filter(pk__in=chosen).defer("match_keys").prefetch_related("aliases")
    customers = sorted(rows, key=lambda customer: chosen.index(customer.pk))
    others = {token for c in customers for name in identity_of_customer(c).names for token in name.tokens} - tokens
    return customers, Frequency({**probe.counts, **_counts(others)}, probe.total) if others else probe


def _shortlisted(identity: Identity, keys: Sequence[tuple[str, int]]) -> list[UUID]:
    """Ids of who shares a hard fact (domain, number, phone), then of the twenty whose names are most alike."""
    hard = sum(kind in HARD for kind, _key in keys)
    with connection.cursor() as cursor:
        cursor.execute(PROBE, [[key for _kind, key in keys], hard, hard + EXACT_FIRST])
        hits = cursor.fetchall()
    facts = [pk for pk, _core, place in hits if place <= hard][:CANDIDATES]
    found = [(pk, core) for pk, core, _place in hits]
    alike = [pk for name in identity.names for pk in shortlist(name, found, ALIKE)]
    return list(dict.fromkeys([*facts, *alike]))


def _frequency(tokens: Iterable[str]) -> Frequency:
    counts = _counts([*tokens, ""])  # the empty token carries the number of names
    return Frequency(counts, max(counts.pop("", 0), 1000))


def _counts(tokens: Iterable[str]) -> dict[str, int]:
    return dict(TokenCount.objects.filter(token__in=sorted({token[:64] for token in tokens})).values_list("token", "names"))


def _match(identity: Identity, other: Identity, frequency: Frequency, *, sister: bool = False) -> Match:
    found = compare(identity, other, frequency)
    return Match(
        certainty=found.certainty,
        score=found.score,
        reason=found.rule,
        matched_fields=tuple(found.matched_fields),
        contradictions=tuple(found.contradictions),
        terms=tuple(reason.text for reason in found.reasons()),
        sister=sister,
    )


def _relatives(customers: Sequence[Customer], certain: set[UUID]) -> list[Customer]:
    """Parents, subsidiaries and siblings of what certainly matches: their business goes to a person."""
    if not certain:
        return []
    known = {customer.pk for customer in customers}
    parents = {c.parent_id for c in customers if c.pk in certain and c.parent_id}
    rows = Customer.objects.live().filter(Q(parent__in=certain | parents) | Q(pk__in=parents)).exclude(pk__in=known)
    return list(rows.defer("match_keys").prefetch_related("aliases")[:CANDIDATES])


def _related(customer: Customer, certain: set[UUID], customers: Sequence[Customer]) -> bool:
    parents = {c.parent_id for c in customers if c.pk in certain and c.parent_id}
    return bool(certain) and (customer.parent_id in certain | parents or customer.pk in parents)


def _things(customers: Sequence[Customer], question: Question) -> Iterable[tuple[Customer, Identity, Thing]]:
    """Open opportunities and live or undecided deals of these customers, each with the identity it was written with."""
    by_id = {customer.pk: customer for customer in customers}
    if not by_id:
        return
    for opportunity in _open_opportunities(list(by_id), question.deal_ref):
        customer = by_id[opportunity.customer_id]
        yield customer, _identity_of_opportunity(opportunity, customer), _opportunity_thing(opportunity)
    for deal in _deals_in_the_way(list(by_id)):
        customer = by_id[cast(UUID, deal.customer_id)]
        yield customer, _with_aliases(identity_of_deal(deal), customer), _deal_thing(deal)
    for change in _changes_in_the_way(list(by_id)):
        customer = by_id[cast(UUID, change.customer_id)]
        yield customer, _with_aliases(_identity_of_change(change), customer), _change_thing(change)


def _open_opportunities(ids: list[UUID], deal_ref: str) -> Iterable[Opportunity]:
    rows = Opportunity.objects.filter(customer__in=ids, state=OpportunityState.OPEN)
    if deal_ref:
        rows = rows.exclude(deal_ref=deal_ref)
    lines = OpportunityProduct.objects.select_related("product").only("opportunity", "product__id", "product__family")
    return rows.prefetch_related(Prefetch("product_rows", queryset=lines)).order_by("-last_activity_on", "id")[:THINGS]


def _deals_in_the_way(ids: list[UUID]) -> Iterable[Deal]:
    lines = DealLine.objects.select_related("product").only("deal", "product__id", "product__family")
    rows = Deal.objects.filter(customer__in=ids, status__in=IN_THE_WAY)
    return rows.prefetch_related(Prefetch("lines", queryset=lines)).order_by("submitted_at", "id")[:THINGS]


def _changes_in_the_way(ids: list[UUID]) -> Iterable[ChangeRequest]:
    """Undecided change requests for one of these customers: like registrations, the earliest leads."""
    rows = ChangeRequest.objects.filter(customer__in=ids, status=ChangeRequestStatus.IN_REVIEW)
    return rows.select_related("deal").order_by("created_at", "id")[:THINGS]


def _identity_of_change(change: ChangeRequest) -> Identity:
    after = facts_after(change)
    return Identity(
        name=after.customer_name,
        domain=after.website,
        country=after.country,
        registration_number=after.registration_number,
        city=after.city,
    )


def _change_thing(change: ChangeRequest) -> Thing:
    after, before, deal = facts_after(change), facts_before(change), change.deal
    return Thing(
        MatchedKind.DEAL,
        deal.pk,
        deal.ref,
        products=products_of(Product.objects.filter(pk__in=products_claimed(before, after))),
        partner_id=deal.partner_id,
        status=ChangeRequestStatus.IN_REVIEW,
        scope=deal.scope,
        effect=deal.effect,
        project=after.project,
        submitted_at=change.created_at,
    )


def _identity_of_opportunity(opportunity: Opportunity, customer: Customer) -> Identity:
    own = Identity(
        name=opportunity.customer_name,
        domain=opportunity.domain or customer.domain,
        country=str(opportunity.country or customer.country),
        registration_number=opportunity.registration_number or customer.registration_number,
        city=opportunity.city,
    )
    return _with_aliases(own, customer)


def _with_aliases(identity: Identity, customer: Customer) -> Identity:
    """What the register knows of the customer adds names and domains; it never overrides what was typed."""
    known = identity_of_customer(customer)
    return Identity(
        name=identity.name,
        domain=identity.domain or known.domain,
        country=identity.country or known.country,
        registration_number=identity.registration_number or known.registration_number,
        city=identity.city,
        street=known.street,
        postcode=known.postcode,
        phone=known.phone,
        aliases=tuple(dict.fromkeys([known.name, *known.aliases])),
        domains=known.domains,
    )


def _opportunity_thing(opportunity: Opportunity) -> Thing:
    return Thing(
        MatchedKind.OPPORTUNITY,
        opportunity.pk,
        opportunity.external_id,
        products=products_of(row.product for row in opportunity.product_rows.all()),
        status=opportunity.state,
        touched_on=opportunity.last_activity_on,
    )


def _deal_thing(deal: Deal) -> Thing:
    return Thing(
        MatchedKind.DEAL,
        deal.pk,
        deal.ref,
        products=products_of(line.product for line in deal.lines.all()),
        partner_id=deal.partner_id,
        status=deal.status,
        protected_until=deal.protected_until if deal.status == DealStatus.APPROVED else None,
        scope=deal.scope,
        effect=deal.effect,
        project=deal.project,
        submitted_at=deal.submitted_at,
    )


def products_of(products: Iterable) -> Products:
    """The products and their families, as the overlap rule reads them."""
    rows = list(products)
    return Products(frozenset(p.pk for p in rows), frozenset(p.family_id for p in rows if p.family_id))


def recently_released(partner_id: UUID, customer_id: UUID, rules: PolicyRules, today: date) -> Deal | None:
    """The same partner's expired, released or revoked deal of this customer: only after some days may it be registered again."""
    since = today - timedelta(days=rules.register_again_days)
    ended = [DealStatus.EXPIRED, DealStatus.RELEASED, DealStatus.REVOKED]
    return (
        Deal.objects.filter(partner=partner_id, customer=customer_id, status__in=ended, ended_at__date__gt=since)
        .order_by("-ended_at")
        .first()
    )
