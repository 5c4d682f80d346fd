"""The partners: resellers, integrators and distributors with their geography, teams, managers, links and tiers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pgtrigger
from django.contrib.auth.hashers import make_password

from partners.enums import PartnerSize, PartnerStatus, Role
from partners.models import ManagerAssignment, Membership, Partner, PartnerGroup, PartnerLink, PartnerType, User
from partners.services import fact
from partners.services.partner import sort_name
from partners.services.role_group import make_role_groups
from prm.ops.seed.people import address, person
from prm.ops.seed.source import dice, rows
from prm.ops.seed.staff import Staff
from programs.models import Tier, TierAssignment

TYPES = {
    "reseller": "Reseller",
    "distributor": "Distributor",
    "referral": "Referral partner",
    "system-integrator": "System integrator",
    "managed-service-provider": "Managed service provider",
    "technology": "Technology partner",
}
KINDS = {"Value Added Reseller": "reseller", "Specialty Bike Shop": "system-integrator", "Warehouse": "distributor"}
ZONES = {
    "US": "America/Chicago",
    "CA": "America/Toronto",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "AU": "Australia/Sydney",
}
TIERS = [
    ("registered", "Registered", 0, 0, 25),
    ("silver", "Silver", 1, 5, 25),
    ("gold", "Gold", 2, 10, 50),
    ("platinum", "Platinum", 3, 15, 100),
]
TEAMS = 60


@dataclass
class Network:
    """Partners by the key of their source row; members by partner and role."""

    by_key: dict[str, Partner] = field(default_factory=dict)
    members: dict[tuple[str, str], User] = field(default_factory=dict)
    showcase: str = ""
    rival: str = ""
    distributor: str = ""


def seed_partners(staff: Staff, today: date, small: bool = False) -> Network:
    """Everything about the partners but their business."""
    kinds = {key: PartnerType.objects.create(key=key, name=name) for key, name in TYPES.items()}
    source = rows("resellers", small)
    revenue = _revenue_by_reseller(today)
    network = Network({row["key"]: _partner(row, kinds, number) for number, row in enumerate(source)})
    with pgtrigger.ignore("partners.Partner:status_starts"):
        Partner.objects.bulk_create(network.by_key.values())
    make_role_groups(list(network.by_key.values()))
    busiest = sorted(network.by_key, key=lambda key: (-revenue.get(key, 0), key))
    _cast(network, busiest)
    _managers(network, staff, busiest, today)
    _links(network, today)
    _teams(network, busiest)
    _tiers(network, busiest, staff, today)
    return network


def _partner(row: dict[str, str], kinds: dict[str, PartnerType], number: int) -> Partner:
    status = PartnerStatus.ACTIVE
    if number % 97 == 50:
        status = PartnerStatus.SUSPENDED
    elif number % 89 == 60:
        status = PartnerStatus.LEAVING
    elif number % 83 == 70:
        status = PartnerStatus.ENDED
    people = int(row["employees"])
    return Partner(
        name=row["name"],
        sort_name=sort_name(row["name"]),
        status=status,
        partner_type=kinds[KINDS[row["business_type"]]],
        external_ref=row["external_ref"],
        employees=people,
        size=_size(people),
        industry="IT hardware",
        country=row["country"],
        region=row["state"],
        city=row["city"],
        opened_year=int(row["opened_year"]),
        time_zone=ZONES.get(row["country"], "UTC"),
    )


def _size(people: int) -> str:
    limits = [(10, PartnerSize.MICRO), (50, PartnerSize.SMALL), (250, PartnerSize.MEDIUM)]
    return next((size for limit, size in limits if people < limit), PartnerSize.LARGE)


def _revenue_by_reseller(today: date) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in rows("orders"):
        found[row["reseller_key"]] = found.get(row["reseller_key"], Decimal(0)) + Decimal(row["amount"])
    return found


def _cast(network: Network, busiest: list[str]) -> None:
    """The showcase partner, its rival and its distributor: the busiest active ones of their kind."""
    active = [key for key in busiest if network.by_key[key].status == PartnerStatus.ACTIVE]
    resellers = [key for key in active if network.by_key[key].partner_type.key == "reseller"]
    network.showcase, network.rival = resellers[0], resellers[1]
    network.distributor = next(key for key in active if network.by_key[key].partner_type.key == "distributor")


def _managers(network: Network, staff: Staff, busiest: list[str], today: date) -> None:
    """Each manager looks after some 25 partners; the showcase goes to the first."""
    order = [network.showcase, *(key for key in busiest if key != network.showcase)]
    started = today - timedelta(days=400)
    ManagerAssignment.objects.bulk_create(
        ManagerAssignment(partner=network.by_key[key], manager=staff.managers[number % len(staff.managers)], starts_on=started)
        for number, key in enumerate(order)
    )


def _links(network: Network, today: date) -> None:
    """Resellers buy from a distributor of their country."""
    lots = dice("links")
    distributors = [
        p for p in network.by_key.values() if p.partner_type.key == "distributor" and p.status == PartnerStatus.ACTIVE
    ]
    links = [
        PartnerLink(
            distributor=network.by_key[network.distributor],
            reseller=network.by_key[network.showcase],
            starts_on=today - timedelta(days=700),
        )
    ]
    for key, partner in network.by_key.items():
        near = [d for d in distributors if d.country == partner.country]
        if partner.partner_type.key == "reseller" and key != network.showcase and near and lots.random() < 0.6:
            links.append(
                PartnerLink(
                    distributor=lots.choice(near), reseller=partner, starts_on=today - timedelta(days=lots.randint(60, 1500))
                )
            )
    PartnerLink.objects.bulk_create(links)


def _teams(network: Network, busiest: list[str]) -> None:
    """Whole teams of those the demo signs in as, two people of the sixty busiest partners, one of sales of all the others."""
    lots, taken = dice("teams"), set[str]()
    named = [network.showcase, network.rival, network.distributor]
    order = dict.fromkeys([*named, *busiest, *network.by_key])
    users: list[User] = []
    memberships: list[Membership] = []
    for key in order:
        partner = network.by_key[key]
        roles = [Role.ADMIN, Role.SALES] if key in busiest[:TEAMS] else [Role.SALES]
        for role in [*Role.values, Role.SALES] if key in named else roles:
            user = _user(partner, person(lots, taken))
            users.append(user)
            memberships.append(Membership(partner=partner, user=user, role=role))
            network.members.setdefault((key, str(role)), user)
    User.objects.bulk_create(users, batch_size=2000)
    Membership.objects.bulk_create(memberships, batch_size=2000)
    by_role = {(row.partner_id, row.role): row.group_id for row in PartnerGroup.objects.all()}
    through = User.groups.through
    through.objects.bulk_create(
        through(user_id=row.user_id, group_id=by_role[row.partner_id, str(row.role)]) for row in memberships
    )


def _user(partner: Partner, name: str) -> User:
    """Without a password: those the demo signs in as get theirs at the end."""
    domain = f"{''.join(c for c in partner.name.lower() if c.isalnum())}.example"
    return User(email=address(name, domain), name=name, time_zone=partner.time_zone, password=make_password(None))


def _tiers(network: Network, busiest: list[str], staff: Staff, today: date) -> None:
    """Four tiers; assigned by the program manager after revenue."""
    tiers = [
        Tier.objects.create(key=key, name=name, rank=rank, margin_points=margin, protection_cap=cap)
        for key, name, rank, margin, cap in TIERS
    ]
    person_ = staff.others["program_manager"]
    assigned, facts = [], []
    for place, key in enumerate(busiest):
        tier = tiers[3 if place < 30 else 2 if place < 120 else 1 if place < 330 else 0]
        partner = network.by_key[key]
        reason = "Yearly review: booked revenue" if tier.rank else "Start of the partnership"
        assigned.append(
            TierAssignment(partner=partner, tier=tier, starts_on=today - timedelta(days=200), reason=reason, assigned_by=person_)
        )
        facts.append((partner.pk, None, tier.key))
    TierAssignment.objects.bulk_create(assigned)
    fact.put_many("tier", facts)
