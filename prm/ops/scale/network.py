"""2,000 partners with a seller each, a deal desk, a catalogue and a policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time

from django.contrib.auth.models import Group
from django.utils import timezone

from deals.models import Policy
from deals.rules.policy import PolicyRules
from deals.services.policy import publish_policy
from partners.enums import Role, StaffRole
from partners.models import Desk, ManagerAssignment, Membership, Partner, PartnerType, User
from partners.services import staff
from partners.services.partner import sort_name
from partners.services.role_group import make_role_groups
from prm.catalog.models import Product, ProductFamily
from prm.catalog.queries import product_key
from prm.ops.seed.source import rows

PARTNERS = 2_000
DOMAIN = "scale.example"
LARGEST = 0  # place in the list of partners
SMALL_AT = 0.6  # of the way from the largest to the smallest
MANAGERS = 40


@dataclass
class ScaleNetwork:
    """Partners from the largest to the smallest, each with its seller, and what deals are made of."""

    partners: list[Partner]
    sellers: list[User]
    managers: list[User]
    desk: User
    policy: Policy
    products: list[Product] = field(default_factory=list)

    @property
    def people(self) -> dict[str, User]:
        """Whom measurements sign in as."""
        return {"small": self.sellers[small_of(len(self.sellers))], "largest": self.sellers[LARGEST], "desk": self.desk}


def small_of(partners: int) -> int:
    """The place of the small partner that measurements look at."""
    return int(partners * SMALL_AT)


def make_network(partners_wanted: int = PARTNERS) -> ScaleNetwork:
    """Everything that deals point at; through the services where there are few, in bulk where there are thousands."""
    desk = Desk.objects.create(key="scale", name="Deal desk", time_zone="UTC", opens_at=time(9), closes_at=time(17))
    managers = [_staff(f"manager{number}", desk, StaffRole.CHANNEL_MANAGER) for number in range(MANAGERS)]
    decider = _staff("desk", desk, StaffRole.DEAL_DESK)
    publish_policy("", PolicyRules(), None, by=None)
    partners = _partners(partners_wanted)
    sellers = _sellers(partners)
    started = timezone.localdate().replace(month=1, day=1)
    ManagerAssignment.objects.bulk_create(
        ManagerAssignment(partner=partner, manager=managers[number % MANAGERS], starts_on=started)
        for number, partner in enumerate(partners)
    )
    return ScaleNetwork(partners, sellers, managers, decider, Policy.objects.get(), _products())


def _staff(name: str, desk: Desk, role: str) -> User:
    user = User.objects.create_user(f"{name}@{DOMAIN}", name=name.title())
    staff.make_staff(user, desk=desk, roles=[role], by=None)
    return user


def _partners(count: int) -> list[Partner]:
    kind = PartnerType.objects.create(key="reseller", name="Reseller")
    source = rows("resellers")
    names = [f"{source[number % len(source)]['name']} {number // len(source) + 1}" for number in range(count)]
    partners = [
        Partner(name=name, sort_name=sort_name(name), partner_type=kind, country=source[number % len(source)]["country"])
        for number, name in enumerate(names)
    ]
    Partner.objects.bulk_create(partners, batch_size=1000)
    make_role_groups(partners)
    return partners


def _sellers(partners: list[Partner]) -> list[User]:
    """Without passwords: measurements sign in past the form."""
    special = {LARGEST: "largest", small_of(len(partners)): "small"}
    users = [
        User(email=f"{special.get(number, f'seller{number}')}@{DOMAIN}", name=f"Seller {number}")
        for number in range(len(partners))
    ]
    User.objects.bulk_create(users, batch_size=1000)
    pairs = list(zip(partners, users, strict=True))
    Membership.objects.bulk_create(
        [Membership(partner=partner, user=user, role=Role.SALES) for partner, user in pairs], batch_size=1000
    )
    groups = dict(Group.objects.filter(partner_group__role=Role.SALES).values_list("partner_group__partner", "pk"))
    through = User.groups.through
    through.objects.bulk_create(
        [through(user_id=user.pk, group_id=groups[partner.pk]) for partner, user in pairs], batch_size=1000
    )
    return users


def _products() -> list[Product]:
    made = []
    for row in rows("products"):
        family, _new = ProductFamily.objects.get_or_create(key=product_key(row["series"]), defaults={"name": row["series"]})
        made.append(Product.objects.create(key=product_key(row["product"]), name=row["product"], family=family))
    return made
