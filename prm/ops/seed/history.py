"""Three years of deals and booked sales, written in bulk with the guards off; everything else goes through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pgtrigger
from django.db import connection

from deals.enums import DealNature, DealStatus, ParticipantRole
from deals.models import Activity, Customer, Deal, DealLine, Participant, Policy, ProtectedLine, Sale
from deals.services.protection import site_key
from partners.enums import PartnerStatus
from partners.models import Partner, User
from prm.audit.models import Event
from prm.audit.services import event_values
from prm.catalog.models import Product
from prm.core.identifiers import uuid7
from prm.ops.seed.partners import Network
from prm.ops.seed.source import ORDERS_END, days_ago, dice, rows, shifted
from prm.ops.seed.staff import Staff

S = DealStatus
OTHER_ENDS = [
    (S.LOST, 300),
    (S.EXPIRED, 220),
    (S.RELEASED, 60),
    (S.WITHDRAWN, 90),
    (S.LAPSED, 60),
    (S.DECLINED, 220),
    (S.WON, 40),
    (S.APPROVED, 260),
]
GUARDS = ["deals.Deal:status_starts"]


@dataclass
class Batch:
    """Rows gathered before they are written."""

    deals: list[Deal] = field(default_factory=list)
    lines: list[DealLine] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    protected: list[ProtectedLine] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)


@dataclass
class Scene:
    """What the history is drawn from."""

    network: Network
    staff: Staff
    products: list[Product]
    customers: list[Customer]
    policy: Policy
    today: date
    lots: Random
    batch: Batch = field(default_factory=Batch)
    sales: dict[Any, User] = field(default_factory=dict)


def seed_history(
    network: Network, staff: Staff, products: dict[str, Product], today: date, small: bool = False
) -> tuple[int, int]:
    """Booked orders, every third with its deal, and deals that ended otherwise; answers (deals, sales)."""
    busy = Customer.objects.filter(opportunities__state="open").values("pk")
    customers = list(Customer.objects.exclude(pk__in=busy).order_by("name", "pk"))
    policy = Policy.objects.get()
    scene = Scene(network, staff, list(products.values()), customers, policy, today, dice("history"))
    scene.sales = {network.by_key[key].pk: user for (key, role), user in network.members.items() if role == "sales"}
    for number, row in enumerate(row for row in rows("orders", small) if row["reseller_key"] in network.by_key):
        _order(scene, row, with_deal=number % 3 == 0)
    active = [p for p in network.by_key.values() if p.status == PartnerStatus.ACTIVE]
    free = iter(scene.lots.sample(customers, len(customers)))
    for status, count in OTHER_ENDS:
        for _number in range(count // 20 if small else count):
            partner = network.by_key[network.showcase] if scene.lots.random() < 0.06 else scene.lots.choice(active)
            submitted = days_ago(today, scene.lots.randint(10, 85) if status == S.APPROVED else scene.lots.randint(100, 1000))
            customer = next(free) if status == S.APPROVED else scene.lots.choice(customers)
            _deal(scene, partner, customer, status, submitted)
    _write(scene.batch)
    return len(scene.batch.deals), len(scene.batch.sales)


def _order(scene: Scene, row: dict[str, str], with_deal: bool) -> None:
    partner = scene.network.by_key[row["reseller_key"]]
    ordered = shifted(row["ordered_on"], ORDERS_END, scene.today)
    customer, product = scene.lots.choice(scene.customers), scene.lots.choice(scene.products)
    amount = Decimal(row["amount"]).quantize(Decimal("0.01"))
    deal = None
    if with_deal:
        deal = _deal(scene, partner, customer, S.BOOKED, ordered - timedelta(days=scene.lots.randint(20, 110)), amount, product)
        deal.order_ref = row["order_ref"]
    scene.batch.sales.append(
        Sale(
            source="erp",
            order_ref=row["order_ref"],
            line="1",
            partner=partner,
            customer=customer,
            customer_name=customer.name,
            product=product,
            ordered_on=ordered,
            net_amount=amount,
            currency="USD",
            reporting_amount=amount,
            reporting_rate=1,
            deal=deal,
        )
    )


def _deal(
    scene: Scene,
    partner: Partner,
    customer: Customer,
    status: str,
    submitted: date,
    amount: Decimal | None = None,
    product: Product | None = None,
) -> Deal:
    """One deal with its line, participant, activity and events."""
    lots = scene.lots
    product = product or lots.choice(scene.products)
    amount = amount or (product.list_price * lots.randint(1, 40)).quantize(Decimal("0.01"))
    at = datetime.combine(submitted, time(lots.randint(7, 16), lots.randint(0, 59)), UTC)
    person = _member(scene, partner)
    deal = Deal(
        id=uuid7(),
        partner=partner,
        nature=lots.choice([DealNature.NEW] * 6 + [DealNature.EXPANSION, DealNature.RENEWAL, DealNature.TENDER]),
        status=status,
        registered_by=person,
        owner=person,
        customer=customer,
        customer_name=customer.name,
        website=customer.domain,
        country=customer.country,
        city=customer.city,
        project=lots.choice(["", "", "", "New building", "Core replacement", "Branch roll-out", "Kantor pusat", "Server room"]),
        amount=amount,
        currency="USD",
        reporting_amount=amount,
        reporting_rate=1,
        rate_source="same currency",
        expected_close=submitted + timedelta(days=lots.randint(60, 180)),
        stage=lots.choice(["prospecting", "qualified", "proposal", "negotiation"]),
        next_step=lots.choice(["", "Call the buyer", "Send the offer", "Demo on site", "Wait for the budget"]),
        submitted_at=at,
        policy=scene.policy,
        **_ending(scene, status, at),
    )
    _parts(scene, deal, product, person, at)
    return deal


def _ending(scene: Scene, status: str, at: datetime) -> dict[str, Any]:
    """The columns that tell how it went on after submission."""
    decided = at + timedelta(hours=scene.lots.choice([3, 5, 7, 20, 26]))
    decider = scene.lots.choice(scene.staff.managers)
    if status in (S.WITHDRAWN, S.LAPSED):
        return {"ended_at": at + timedelta(days=15)}
    if status == S.DECLINED:
        reason = scene.lots.choice(["other_partner", "existing_customer"])
        return {"declined_kind": "person", "reason": reason, "decided_by": decider, "decided_at": decided, "ended_at": decided}
    starts = decided.date()
    window = {
        "decided_by": decider,
        "decided_at": decided,
        "protected_from": starts,
        "protected_until": starts + timedelta(days=90),
        "margin_points": 5,
    }
    if status != S.APPROVED:
        window["ended_at"] = decided + timedelta(days=91 if status == S.EXPIRED else scene.lots.randint(15, 80))
    if status == S.LOST:
        window["reason"] = scene.lots.choice(["price", "competitor", "no_budget", "no_decision"])
    return window


def _parts(scene: Scene, deal: Deal, product: Product, person: User, at: datetime) -> None:
    batch = scene.batch
    batch.deals.append(deal)
    batch.lines.append(DealLine(deal=deal, product=product, quantity=scene.lots.randint(1, 40), amount=deal.amount))
    batch.participants.append(
        Participant(
            deal=deal,
            partner=deal.partner,
            role=ParticipantRole.OWNER,
            member=person,
            sort_at=at,
            status=deal.status,
            submitted_at=at,
            protected_until=deal.protected_until,
            reporting_amount=deal.reporting_amount,
            expected_close=deal.expected_close,
        )
    )
    if deal.protected_from:
        done = min(deal.protected_from + timedelta(days=scene.lots.randint(1, 25)), scene.today)
        batch.activities.append(Activity(deal=deal, kind="meeting", line="Met the buyer on site", done_on=done, by=person))
    if deal.status == S.APPROVED:
        batch.protected.append(ProtectedLine(deal=deal, customer=deal.customer, site_key=site_key(deal), product=product))
    steps = [("deals.deal.submitted", person, at)]
    if deal.decided_at:
        steps.append((f"deals.deal.{'declined' if deal.status == S.DECLINED else 'approved'}", deal.decided_by, deal.decided_at))
    if deal.ended_at and deal.status != S.DECLINED:
        steps.append((f"deals.deal.{deal.status}", None if deal.status in (S.EXPIRED, S.LAPSED) else person, deal.ended_at))
    batch.events += [Event(**event_values(name, deal, by=by, partner=deal.partner), at=when) for name, by, when in steps]


def _member(scene: Scene, partner: Partner) -> User:
    """The partner's first of sales: every partner has one."""
    return scene.sales[partner.pk]


def _write(batch: Batch) -> None:
    """In the order of their references; creation times follow the submission."""
    with pgtrigger.ignore(*GUARDS):
        Deal.objects.bulk_create(batch.deals, batch_size=2000)
    for rows_ in (batch.lines, batch.participants, batch.activities, batch.protected, batch.events, batch.sales):
        type(rows_[0]).objects.bulk_create(rows_, batch_size=2000)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_deal SET created_at = submitted_at WHERE submitted_at IS NOT NULL")
