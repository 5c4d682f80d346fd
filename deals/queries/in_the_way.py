"""What may stand in the way of a registration: open opportunities, live or undecided deals, changes under review."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deals.enums import UNDECIDED, ChangeRequestStatus, DealStatus, MatchedKind, OpportunityState
from deals.models import ChangeRequest
from deals.rules.change import facts_after, facts_before, products_claimed
from deals.rules.conflict import Products, Thing
from prm.catalog.models import Product
from prm.core import bulk
from prm.matching import Identity

THINGS = 300  # of a kind, for one question
IN_THE_WAY = [DealStatus.APPROVED, *sorted(UNDECIDED)]


def _newest(table: str, where: str, order: str) -> str:
    """The rows of each question's customers, so many of them as one question may look at."""
    return (
        f"(SELECT k.row, t.*, row_number() OVER (PARTITION BY k.row ORDER BY {order}) AS n "  # noqa: S608 - words from code
        f"FROM unnest(%s::int[], %s::uuid[]) AS k(row, customer) JOIN {table} AS t ON t.customer_id = k.customer AND {where})"
    )


def _products(lines: str, owner: str) -> str:
    return (
        f"LEFT JOIN LATERAL (SELECT array_agg(p.id) AS ids, array_agg(p.family_id) AS families FROM {lines} AS l "  # noqa: S608
        f"JOIN catalog_product AS p ON p.id = l.product_id WHERE l.{owner}_id = t.id) AS p ON true"
    )


_WHOSE = "t.row, t.customer_id, t.customer_name, {domain}, t.country, t.registration_number, t.city, t.id, p.ids, p.families"
OPPORTUNITIES = f"""
    SELECT {_WHOSE.format(domain="t.domain")}, t.external_id, t.state, t.last_activity_on, t.deal_ref
    FROM {_newest("deals_opportunity", "t.state = %s", "t.last_activity_on DESC, t.id")} AS t
    {_products("deals_opportunityproduct", "opportunity")} WHERE t.n <= {THINGS} ORDER BY t.row, t.n
"""  # noqa: S608
DEALS = f"""
    SELECT {_WHOSE.format(domain="t.website")}, t.ref, t.status, t.protected_until, t.partner_id, t.scope, t.effect, t.project,
           t.submitted_at
    FROM {_newest("deals_deal", "t.status = ANY(%s)", "t.submitted_at, t.id")} AS t
    {_products("deals_dealline", "deal")} WHERE t.n <= {THINGS} ORDER BY t.row, t.n
"""  # noqa: S608
CHANGES = "SELECT id FROM deals_changerequest WHERE customer_id = ANY(%s) AND status = %s"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A thing with the identity it was written with. `row`: whose question; `deal_ref`: the deal an opportunity mirrors."""

    row: int
    customer_id: UUID
    typed: Identity
    thing: Thing
    deal_ref: str = ""


def in_the_way(asked: Sequence[Collection[UUID]]) -> Iterator[Obstacle]:
    """For each question the things of its customers: opportunities, deals, then changes. Three round trips for all."""
    rows = [row for row, customers in enumerate(asked) for _ in customers]
    customers = [pk for customers in asked for pk in customers]
    if not customers:
        return
    for found in bulk.prepared_rows(OPPORTUNITIES, [rows, customers, OpportunityState.OPEN]):
        yield _opportunity(*found)
    for found in bulk.prepared_rows(DEALS, [rows, customers, IN_THE_WAY]):
        yield _deal(*found)
    yield from _changes(asked, customers)


def _typed(name: str, domain: str, country: str, number: str, city: str) -> Identity:
    return Identity(name=name, domain=domain, country=country, registration_number=number, city=city)


def _both(ids: list[UUID] | None, families: list[UUID | None] | None) -> Products:
    return Products(frozenset(ids or ()), frozenset(family for family in families or () if family))


def _opportunity(row: int, customer: UUID, *rest: Any) -> Obstacle:
    *typed, pk, ids, families, external_id, state, touched_on, deal_ref = rest
    thing = Thing(MatchedKind.OPPORTUNITY, pk, external_id, _both(ids, families), status=state, touched_on=touched_on)
    return Obstacle(row, customer, _typed(*typed), thing, deal_ref)


def _deal(row: int, customer: UUID, *rest: Any) -> Obstacle:
    *typed, pk, ids, families, ref, status, until, partner, scope, effect, project, submitted_at = rest
    thing = Thing(
        MatchedKind.DEAL,
        pk,
        ref,
        _both(ids, families),
        partner_id=partner,
        status=status,
        protected_until=until if status == DealStatus.APPROVED else None,
        scope=scope,
        effect=effect,
        project=project,
        submitted_at=submitted_at,
    )
    return Obstacle(row, customer, _typed(*typed), thing)


def _changes(asked: Sequence[Collection[UUID]], customers: list[UUID]) -> Iterator[Obstacle]:
    """Undecided change requests for one of these customers: like registrations, the earliest leads."""
    ids = [pk for (pk,) in bulk.prepared_rows(CHANGES, [customers, ChangeRequestStatus.IN_REVIEW])]
    if not ids:
        return
    rows = list(ChangeRequest.objects.filter(pk__in=ids).select_related("deal").order_by("created_at", "id"))
    for row, mine in enumerate(asked):
        for change in [change for change in rows if change.customer_id in mine][:THINGS]:
            yield _change(row, change)


def _change(row: int, change: ChangeRequest) -> Obstacle:
    after, before, deal = facts_after(change), facts_before(change), change.deal
    thing = Thing(
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
    assert change.customer_id is not None
    typed = _typed(after.customer_name, after.website, after.country, after.registration_number, after.city)
    return Obstacle(row, change.customer_id, typed, thing)


def products_of(products: Iterable) -> Products:
    """The products and their families, as the overlap rule reads them."""
    rows = list(products)
    return Products(frozenset(p.pk for p in rows), frozenset(p.family_id for p in rows if p.family_id))
