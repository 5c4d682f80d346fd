"""Deals of three years with everything a list or a page of one reads: the deals by COPY, the rest in SQL from them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from uuid import UUID

from deals.models.deal import mirror_values
from prm.core import bulk
from prm.core.identifiers import uuid7
from prm.ops.scale.customers import CITIES
from prm.ops.scale.loading import cell, copy_text, ref_of, sql_id, sql_ref
from prm.ops.scale.network import LARGEST, ScaleNetwork
from prm.ops.seed.source import dice

YEARS = timedelta(days=3 * 365)
SHARE_OF_LARGEST = 0.05
PROJECTS = ["", "", "", "New building", "Core replacement", "Branch roll-out", "Server room", "Campus network"]
NATURES = ["new"] * 6 + ["expansion", "renewal", "tender"]
STAGES = ["prospecting", "qualified", "proposal", "negotiation"]
Mix = tuple[Sequence[str], Sequence[int]]
FRESH: Mix = (["in_review", "returned", "approved", "declined", "draft"], [60, 10, 15, 12, 3])  # younger than five days
RECENT: Mix = (["approved", "declined", "lost", "won", "withdrawn", "draft"], [62, 15, 10, 3, 8, 2])  # up to ninety days
OLD: Mix = (
    ["booked", "won", "lost", "expired", "released", "declined", "withdrawn", "lapsed"],
    [24, 2, 22, 20, 4, 16, 8, 4],
)
TABLES = (
    "deals_customer", "deals_tokencount", "deals_deal", "deals_dealline", "deals_participant", "deals_protectedline",
    "deals_clockrun", "deals_conflict", "deals_opportunity", "deals_opportunityproduct", "audit_event",
)  # fmt: skip
COLUMNS = (
    "id", "created_at", "ref", "kind", "nature", "status", "customer_name", "website", "country", "registration_number", "city",
    "project", "amount", "currency", "reporting_amount", "reporting_rate", "rate_source", "expected_close", "stage", "next_step",
    "done_so_far", "submitted_at", "decided_at", "declined_kind", "reason", "reason_text", "due_at", "breach_at", "question_open",
    "returned_until", "days_credited", "scope", "effect", "protected_from", "protected_until", "margin_points", "ended_at",
    "order_ref", "version", "customer_id", "decided_by_id", "owner_id", "partner_id", "registered_by_id", "policy_id",
)  # fmt: skip


def make_deals(count: int, network: ScaleNetwork, customers: int, now: datetime) -> None:
    """`count` deals, the oldest first, and their lines, participants, protections, clocks, checks and events."""
    found = bulk.rows("SELECT id, name FROM deals_customer ORDER BY id LIMIT %s", [customers])
    copy_text("deals_deal", COLUMNS, _lines(count, network, found, now))
    bulk.run("ANALYZE deals_deal")
    _derive(network)


def _weights(network: ScaleNetwork) -> list[float]:
    """Falling with the place; the largest partner has its share of all."""
    tail = [1 / (place + 20) for place in range(1, len(network.partners))]
    rest = (1 - SHARE_OF_LARGEST) / sum(tail)
    weights = [weight * rest for weight in tail]
    weights.insert(LARGEST, SHARE_OF_LARGEST)
    return list(accumulate(weights))


def _lines(count: int, network: ScaleNetwork, customers: list[tuple[UUID, str]], now: datetime) -> Iterator[str]:
    lots, weights = dice("scale-deals"), _weights(network)
    owners = [(partner.pk, seller.pk) for partner, seller in zip(network.partners, network.sellers, strict=True)]
    policy, deciders, held = network.policy.pk, [manager.pk for manager in network.managers], 0
    for number in range(count):
        at = now - YEARS * (1 - (number + lots.random()) / count) - timedelta(minutes=1)
        status = _status(lots, now - at)
        place = bisect(weights, lots.random() * weights[-1])
        partner, seller = owners[min(place, len(owners) - 1)]
        customer, name = customers[held % len(customers) if status == "approved" else lots.randrange(len(customers))]
        held += status == "approved"
        amount = f"{lots.randrange(500, 200_000)}.{lots.randrange(100):02d}"
        draft = status == "draft"
        yield (
            f"{uuid7()}\t{at}\t{ref_of('D', number)}\tregistration\t{lots.choice(NATURES)}\t{status}\t{cell(name)}\t\tUS\t\t"
            f"{lots.choice(CITIES)}\t{lots.choice(PROJECTS)}\t{amount}\tUSD\t{amount}\t1\tsame currency\t"
            f"{(at + timedelta(days=lots.randrange(60, 180))).date()}\t{lots.choice(STAGES)}\tCall the buyer\tFirst meeting\t"
            f"{_null if draft else at}\t{_course(status, at, lots, deciders[place % len(deciders)])}\t"
            f"{_null if draft else customer}\t{_decider(status, deciders, place)}\t{seller}\t{partner}\t{seller}\t"
            f"{_null if draft else policy}\n"
        )


_null = "\\N"
DECIDED = frozenset({"approved", "declined", "lost", "expired", "released", "won", "booked"})


def _status(lots: Random, age: timedelta) -> str:
    statuses, weights = FRESH if age < timedelta(days=5) else RECENT if age < timedelta(days=85) else OLD
    return lots.choices(statuses, weights)[0]


def _decider(status: str, deciders: list[UUID], place: int) -> UUID | str:
    return deciders[place % len(deciders)] if status in DECIDED else _null


def _course(status: str, at: datetime, lots: Random, _decider: UUID) -> str:
    """The columns from decided_at to version."""
    decided = at + timedelta(hours=5) if status in DECIDED else None
    asked = status == "in_review" and lots.random() < 0.1
    due = at + timedelta(days=1) if status == "in_review" and not asked else None
    window = decided if decided and status != "declined" else None
    ended = at + timedelta(days=90) if (decided and status != "approved") or status in ("withdrawn", "lapsed") else None
    cells: list[object] = [
        decided,
        "person" if status == "declined" else "",
        "existing_customer" if status == "declined" else "",
        "",
        due,
        due + timedelta(days=1) if due else None,
        "t" if asked else "f",
        (at + timedelta(days=14)).date() if status == "returned" else None,
        0,
        "site",
        "exclusive",
        window.date() if window else None,
        (window + timedelta(days=90)).date() if window else None,
        5 if window else None,
        ended,
        "",
        1,
    ]
    return "\t".join(_null if value is None else str(value) for value in cells)


def _derive(network: ScaleNetwork) -> None:
    """Rows that follow from the deals, one statement per table."""
    products = [product.pk for product in network.products]
    place = "row_number() OVER (PARTITION BY customer_id, status = 'approved' ORDER BY id) - 1"  # no product held twice
    bulk.run(
        "CREATE TEMPORARY TABLE scale_deal ON COMMIT DROP AS SELECT id, created_at, customer_id, city, status, amount, "  # noqa: S608
        f"(%s::uuid[])[1 + ({place}) %% %s] AS product_id FROM deals_deal",
        [products, len(products)],
    )
    for sql, params in _statements(network):
        bulk.run(sql, params)


def _statements(network: ScaleNetwork) -> list[tuple[str, list[object]]]:
    mirrored = mirror_values("deals_deal")
    columns, values = ", ".join(mirrored), ", ".join(mirrored.values())
    distributor = network.partners[min(7, len(network.partners) - 1)].pk
    return [
        (
            "INSERT INTO deals_dealline (id, created_at, deal_id, product_id, quantity, amount) "  # noqa: S608
            f"SELECT {sql_id('id', 'line')}, created_at, id, product_id, 3, amount FROM scale_deal",
            [],
        ),
        (
            "INSERT INTO deals_protectedline (id, created_at, deal_id, customer_id, site_key, product_id) "  # noqa: S608
            f"SELECT {sql_id('id', 'held')}, created_at, id, customer_id, lower(city), product_id FROM scale_deal "
            "WHERE status = 'approved'",
            [],
        ),
        (
            f"INSERT INTO deals_participant (id, created_at, deal_id, partner_id, role, member_id, sort_at, {columns}) "  # noqa: S608
            f"SELECT {sql_id('id', 'owner')}, created_at, id, partner_id, 'owner', owner_id, created_at, {values} "
            "FROM deals_deal",
            [],
        ),
        (
            f"INSERT INTO deals_participant (id, created_at, deal_id, partner_id, role, sort_at, {columns}) "  # noqa: S608
            f"SELECT {sql_id('id', 'distributor')}, created_at, id, %s, 'distributor', created_at, {values} FROM deals_deal "
            "WHERE partner_id <> %s AND status <> 'draft' AND get_byte(uuid_send(id), 15) < 6",
            [distributor, distributor],
        ),
        (
            "INSERT INTO deals_clockrun (id, created_at, deal_id, started_at, stopped_at) "  # noqa: S608
            f"SELECT {sql_id('id', 'run')}, created_at, id, submitted_at, "
            "CASE WHEN status <> 'in_review' OR question_open THEN submitted_at + interval '3 hours' END "
            "FROM deals_deal WHERE submitted_at IS NOT NULL",
            [],
        ),
        (
            "INSERT INTO deals_conflict (id, created_at, ref, deal_id, outcome, rule, matched_fields, engine_version, policy_id, "  # noqa: S608
            f"inputs) SELECT {sql_id('id', 'check')}, submitted_at, {sql_ref('X', 'row_number() OVER (ORDER BY id)')}, id, "
            "CASE WHEN get_byte(uuid_send(id), 14) < 200 THEN 'clear' ELSE 'review' END, 'nothing_alike', '[]', '1', policy_id, "
            "'{}' FROM deals_deal WHERE submitted_at IS NOT NULL",
            [],
        ),
        _events("submitted", "submitted_at", "owner_id", "submitted_at IS NOT NULL"),
        _events("in_review", "submitted_at + interval '1 second'", "NULL", "submitted_at IS NOT NULL"),
        _events("approved", "decided_at", "decided_by_id", "protected_from IS NOT NULL"),
        _events("declined", "decided_at", "decided_by_id", "status = 'declined'"),
    ]


def _events(step: str, at: str, actor: str, where: str) -> tuple[str, list[object]]:
    return (
        "INSERT INTO audit_event (id, at, name, noun, object_id, partner_id, actor_id, actor_kind, data, internal) "  # noqa: S608
        f"SELECT {sql_id('id', step)}, {at}, 'deals.deal.{step}', 'deals.deal', id::text, partner_id, "
        f"COALESCE({actor}::text, ''), CASE WHEN {actor}::text IS NULL THEN 'system' ELSE 'person' END, '{{}}', false "
        f"FROM deals_deal WHERE {where}",
        [],
    )
