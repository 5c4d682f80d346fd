"""The sign-ins of the demo: stable per installation, written where the launcher prints them from."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from partners.enums import StaffRole
from partners.models import ManagerAssignment, Membership, User
from prm.ops.seed.staff import VENDOR

FILE = "demo-accounts.json"


def password_for(email: str) -> str:
    """Derived from the installation's own secret: nobody can know it from the code."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"demo:{email}".encode(), hashlib.sha256).hexdigest()
    return f"demo-{digest[:12]}"


def demo_users() -> list[tuple[str, User]]:
    """(role as printed, user) of everybody the demo signs in as; found in the database, so that a second start finds the same."""
    manager = User.objects.filter(staff_member__role_grants__role=StaffRole.CHANNEL_MANAGER).order_by("pk").first()
    named = ManagerAssignment.objects.filter(ends_on=None, partner__memberships__role="executive").select_related(
        "partner", "manager"
    )
    company = named.filter(manager=manager).order_by("partner__created_at", "partner__pk").first()
    found: list[tuple[str, User]] = []
    if company is not None:
        found += [(f"partner {row.role}", row.user) for row in _team(company.partner_id)]
        found.append(("channel manager", company.manager))
    others = (
        Membership.objects.filter(role="executive")
        .exclude(partner=company.partner_id if company else None)
        .select_related("partner__partner_type")
    )
    for row in others.order_by("pk"):
        seller = next(m for m in _team(row.partner_id) if m.role == "sales")
        found.append((f"another partner's sales ({row.partner.partner_type.key})", seller.user))
    for label, role in (
        ("channel lead", StaffRole.CHANNEL_LEAD),
        ("deal desk", StaffRole.DEAL_DESK),
        ("program manager", StaffRole.PROGRAM_MANAGER),
    ):
        user = (
            _lead_of(manager)
            if role == StaffRole.CHANNEL_LEAD
            else User.objects.filter(staff_member__role_grants__role=role).first()
        )
        if user:
            found.append((label, user))
    found.append(("superuser", User.objects.get(email=f"rita.root@{VENDOR}")))
    return found


def _team(partner_id: object) -> list[Membership]:
    order = {"admin": 0, "sales": 1, "marketing": 2, "technical": 3, "executive": 4}
    rows = Membership.objects.filter(partner=partner_id).select_related("user").order_by("pk")
    firsts: dict[str, Membership] = {}
    for row in rows:
        firsts.setdefault(row.role, row)
    return sorted(firsts.values(), key=lambda row: order[row.role])


def _lead_of(manager: User | None) -> User | None:
    return manager.staff_member.lead if manager else None


def set_passwords() -> None:
    """Give the demo's people their passwords."""
    for _role, user in demo_users():
        User.objects.filter(pk=user.pk).update(password=make_password(password_for(user.email)))


def write_accounts(folder: Path) -> Path:
    """Write the list; again on every start, so that it is there even when the file was lost."""
    accounts = [{"role": role, "email": user.email, "password": password_for(user.email)} for role, user in demo_users()]
    target = folder / FILE
    target.write_text(json.dumps(accounts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    target.chmod(0o600)
    return target
