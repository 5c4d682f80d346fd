"""The vendor's side: desks, leads, channel managers, the deal desk and the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from partners.enums import StaffRole
from partners.models import Desk, User
from partners.services import desk as desks
from partners.services import staff
from prm.ops.seed.people import address
from prm.ops.seed.source import rows

VENDOR = "vendor.example"
DESKS = {
    "Central": ("channel", "Channel desk Central", "America/Chicago", "US"),
    "East": ("channel-east", "Channel desk East", "America/New_York", "US"),
    "West": ("channel-west", "Channel desk West", "Europe/Berlin", "DE"),
}
OTHERS = [
    ("Dana Desk", "Deal desk", StaffRole.DEAL_DESK),
    ("Petra Program", "Program manager", StaffRole.PROGRAM_MANAGER),
    ("Finn Funds", "MDF approver", StaffRole.MDF_APPROVER),
    ("Fay Funds", "MDF approver", StaffRole.MDF_APPROVER),
    ("Omar Operations", "Channel operations", StaffRole.CHANNEL_OPERATIONS),
    ("Sam Support", "Partner support", StaffRole.SUPPORT),
    ("Olga Ops", "Operations", StaffRole.OPS),
]


@dataclass
class Staff:
    """Everybody by what they are."""

    rita: User
    leads: dict[str, User] = field(default_factory=dict)
    managers: list[User] = field(default_factory=list)
    others: dict[str, User] = field(default_factory=dict)


def seed_staff(today: date) -> Staff:
    """Desks and people; channel managers and leads are the sales teams of the pipeline's source."""
    rita = User.objects.create_superuser(f"rita.root@{VENDOR}", name="Rita Root", title="Administrator")
    found = Staff(rita)
    places = {office: _desk(*values) for office, values in DESKS.items()}
    for row in rows("sales_teams"):
        desk = places[row["regional_office"]]
        if row["manager"] not in found.leads:
            found.leads[row["manager"]] = _person(row["manager"], "Channel lead", desk, StaffRole.CHANNEL_LEAD, rita)
        if len(found.managers) < 28:
            lead = found.leads[row["manager"]]
            found.managers.append(_person(row["sales_agent"], "Channel manager", desk, StaffRole.CHANNEL_MANAGER, rita, lead))
    for name, title, role in OTHERS:
        found.others[role] = _person(name, title, places["Central"], role, rita)
    away, deputy = found.managers[3], found.managers[4]
    desks.add_absence(away, deputy=deputy, starts_on=today, ends_on=today + timedelta(days=9), by=rita)
    return found


def _desk(key: str, name: str, zone: str, country: str) -> Desk:
    return Desk.objects.create(key=key, name=name, time_zone=zone, opens_at=time(9), closes_at=time(17), holiday_country=country)


def _person(name: str, title: str, desk: Desk, role: str, by: User, lead: User | None = None) -> User:
    link = f"https://meet.example/{address(name, 'x').split('@')[0]}"
    user = User.objects.create_user(
        address(name, VENDOR), name=name, title=title, phone="+12025550123", meeting_link=link, time_zone=desk.time_zone
    )
    staff.make_staff(user, desk=desk, roles=[role], by=by, lead=lead)
    return user
