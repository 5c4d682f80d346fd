"""The named people of the tests, made through the services. Acme owns things, Globex must never see them."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db.models import Model

from partners.enums import PartnerStatus, Role, StaffRole
from partners.models import (
    Desk,
    ManagerAssignment,
    Membership,
    Partner,
    PartnerGroup,
    PartnerGroupObjectPermission,
    PartnerLink,
    PartnerType,
    StaffMember,
    StaffRoleGrant,
    User,
)
from partners.services import manager as managers
from partners.services import membership, partner, staff
from prm.audit.models import Event
from prm.mail.models import Recipient

TABLES: list[type[Model]] = [  # in the order in which they point at each other
    User,
    Group,
    User.groups.through,
    PartnerType,
    Desk,
    Partner,
    PartnerGroup,
    PartnerGroupObjectPermission,
    Membership,
    StaffMember,
    StaffRoleGrant,
    ManagerAssignment,
    PartnerLink,
    Event,
    Recipient,
]

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Cast:
    """Partners, members by first name, staff by first name; `login` gives a signed-in client."""

    acme: Partner
    globex: Partner
    initech: Partner  # a distributor; Dieter is its sales member
    hooli: Partner  # an applicant
    desk: Desk
    alice: User  # Acme: admin
    amir: User  # sales
    mona: User  # marketing
    tom: User  # technical
    anna: User  # executive
    susi: User  # sales, suspended
    boris: User  # Globex: admin; must see nothing of Acme
    both: User  # sales in Acme, admin in Globex
    dieter: User  # Initech (distributor): admin
    pat: User  # admin of Hooli, which has only applied
    carla: User  # channel manager of Acme
    carl: User  # channel manager of Globex
    leo: User  # channel lead of Carla
    dana: User  # deal desk
    finn: User  # MDF approver
    fay: User  # MDF approver
    sam: User  # support, reads
    rita: User  # superuser


_kept: dict[int, tuple[Cast, list[tuple[type[Model], list[Model]]]]] = {}


def make_cast() -> Cast:
    """Everybody. Made by the services once per process; afterwards the same rows are put back, a statement per table."""
    mark = Permission.objects.order_by("pk").values_list("pk", flat=True)[0]  # other ones after a flush
    if mark not in _kept:
        others = {model: list(model._base_manager.values_list("pk", flat=True)) for model in TABLES}  # of the test itself
        made = _make_everybody()
        rows = [(model, list(model._base_manager.exclude(pk__in=others[model]).order_by("pk"))) for model in TABLES]
        _kept[mark] = copy.deepcopy(made), rows
    else:
        for model, rows in _kept[mark][1]:
            model._base_manager.bulk_create(copy.deepcopy(rows), ignore_conflicts=True)
    found = copy.deepcopy(_kept[mark][0])
    membership.suspend(found.susi.memberships.get(), by=None)  # no row starts suspended
    return found


def _make_everybody() -> Cast:
    rita = User.objects.create_superuser("rita@vendor.test", name="Rita Root")
    kinds = {key: make_type(key) for key in ("reseller", "distributor")}
    desk, _created = Desk.objects.get_or_create(key="channel", defaults={"name": "Channel desk"})
    acme = make_partner("Acme", kinds["reseller"], country="US")
    globex = make_partner("Globex", kinds["reseller"], country="US")
    initech = make_partner("Initech", kinds["distributor"], country="US")
    hooli = make_partner("Hooli", kinds["reseller"], status=PartnerStatus.APPLICANT)
    PartnerLink.objects.create(distributor=initech, reseller=acme, starts_on="2020-01-01")
    leo = make_staff("Leo Lead", desk, StaffRole.CHANNEL_LEAD)
    carla = make_staff("Carla Manager", desk, StaffRole.CHANNEL_MANAGER, lead=leo)
    carl = make_staff("Carl Other", desk, StaffRole.CHANNEL_MANAGER)
    managers.assign_manager(acme, carla, by=rita)
    managers.assign_manager(globex, carl, by=rita)
    both = make_member("Both Sides", acme, Role.SALES)
    membership.add_member(globex, both, Role.ADMIN, by=rita)
    return Cast(
        acme=acme,
        globex=globex,
        initech=initech,
        hooli=hooli,
        desk=desk,
        alice=make_member("Alice Admin", acme, Role.ADMIN),
        amir=make_member("Amir Sales", acme, Role.SALES),
        mona=make_member("Mona Marketing", acme, Role.MARKETING),
        tom=make_member("Tom Technical", acme, Role.TECHNICAL),
        anna=make_member("Anna Executive", acme, Role.EXECUTIVE),
        susi=make_member("Susi Suspended", acme, Role.SALES),
        boris=make_member("Boris Boss", globex, Role.ADMIN),
        both=both,
        dieter=make_member("Dieter Distributor", initech, Role.ADMIN),
        pat=make_member("Pat Pending", hooli, Role.ADMIN),
        carla=carla,
        carl=carl,
        leo=leo,
        dana=make_staff("Dana Desk", desk, StaffRole.DEAL_DESK),
        finn=make_staff("Finn Funds", desk, StaffRole.MDF_APPROVER),
        fay=make_staff("Fay Funds", desk, StaffRole.MDF_APPROVER),
        sam=make_staff("Sam Support", desk, StaffRole.SUPPORT),
        rita=rita,
    )


def make_type(key: str) -> PartnerType:
    return PartnerType.objects.get_or_create(key=key, defaults={"name": key.title()})[0]


def make_partner(name: str, partner_type: PartnerType, **fields) -> Partner:
    return partner.create_partner(name, partner_type, by=None, **fields)


def make_member(name: str, company: Partner, role: str) -> User:
    """A user `first.last@company.test` in the company's team."""
    address = f"{name.lower().replace(' ', '.')}@{company.name.lower()}.test"
    person = User.objects.create_user(address, name=name)
    membership.add_member(company, person, role, by=None)
    return person


def make_staff(name: str, desk: Desk, *roles: str, lead: User | None = None) -> User:
    """Vendor staff `first.last@vendor.test` with these roles."""
    person = User.objects.create_user(f"{name.lower().replace(' ', '.')}@vendor.test", name=name)
    staff.make_staff(person, desk=desk, roles=list(roles), by=None, lead=lead)
    return person
