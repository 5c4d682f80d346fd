"""Search over deals, partners and people: what the searcher may see, and nothing about the rest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from deals.enums import DealStatus, ParticipantRole
from deals.models import Participant
from deals.queries.deal import visible_participants
from partners.enums import MembershipStatus
from partners.models import Membership, Partner, StaffMember, User
from partners.queries import deal_scope, scope_for
from partners.queries.access import visible_partners
from partners.queries.manager import manager_of
from partners.rules import access_of

SHOWN = 10
READ = 200  # rows of one kind that are looked at; past that only more letters help
AT_LEAST = 3  # letters or digits in a row: what has fewer is in no index, and would be looked for from end to end
ENOUGH = re.compile(r"[^\W_]{3}")
DEAL_REF = re.compile(r"D-[0-9A-Z]{8}", re.IGNORECASE | re.ASCII)


@dataclass
class Found:
    """Up to ten of each kind, the best first. `more`: kinds of which more fit than are shown."""

    deals: list[Participant] = field(default_factory=list)
    partners: list[Partner] = field(default_factory=list)
    people: list[Membership] = field(default_factory=list)
    staff: list[User] = field(default_factory=list)
    more: set[str] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        return not (self.deals or self.partners or self.people or self.staff)


def clean_question(text: str) -> str:
    """What was typed, as it is looked up: one line, without what cannot be seen."""
    seen = "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFC", text))
    return " ".join(seen.split())[:100]


def enough(text: str) -> bool:
    """Whether an index can find it."""
    return ENOUGH.search(text) is not None


def search_portal(user: Any, partner: Partner, text: str) -> Found:
    """For a member of this partner: its deals, its team, its channel manager, and the user's other companies. Four queries."""
    found = Found()
    _keep(found, "deals", visible_participants(user).filter(_deal(text), partner=partner), text)
    _keep(found, "people", _members(text).filter(partner=partner), text)
    manager = manager_of(partner)
    found.staff = [manager] if manager and _has(text, manager.name, manager.email) else []
    others = [row.partner for row in access_of(user).memberships if row.partner_id != partner.pk]
    found.partners = [other for other in others if _has(text, other.name, other.ref)][:SHOWN]
    return found


def search_staff(user: Any, text: str) -> Found:
    """For vendor staff: deals, partners and their people in the user's scope, and colleagues. Four queries."""
    found = Found()
    sent = Participant.objects.filter(_deal(text), role=ParticipantRole.OWNER).exclude(status=DealStatus.DRAFT)
    _keep(found, "deals", deal_scope(user).narrow(sent), text)
    named = Q(name__icontains=text) | Q(ref=text.upper()[:16]) | Q(external_ref=text)
    _keep(found, "partners", visible_partners(user).filter(named), text)
    _keep(found, "people", scope_for(user).narrow(_members(text)), text)
    colleagues = StaffMember.objects.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text), user__is_active=True)
    _keep(found, "staff", colleagues.select_related("user"), text)
    return found


def _deal(text: str) -> Q:
    """By its number, or by a part of number, customer or project: the index over participants' `search` answers both sides."""
    return Q(deal__ref=text.upper()) if DEAL_REF.fullmatch(text) else Q(search__icontains=text)


def _members(text: str) -> QuerySet[Membership]:
    rows = Membership.objects.exclude(status=MembershipStatus.REMOVED).select_related("user", "partner")
    return rows.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text))


def _keep(found: Found, kind: str, rows: QuerySet[Any], text: str) -> None:
    """Read so many at most in whatever order they come, and keep the best: what begins with the text, then the newest."""
    if kind == "deals":
        rows = rows.select_related("deal", "partner")
    known = sorted(rows.order_by()[:READ], key=_age, reverse=True)
    best = sorted(known, key=lambda row: not _begins(text, _names(kind, row)))
    setattr(found, kind, best[:SHOWN])
    if len(best) > SHOWN:
        found.more.add(kind)


def _age(row: Any) -> Any:
    return (getattr(row, "sort_at", None) or row.created_at, str(row.pk))


def _names(kind: str, row: Any) -> Iterable[str]:
    if kind == "deals":
        return (row.deal.customer_name, row.deal.ref, row.deal.project)
    return (row.name,) if kind == "partners" else (row.user.name, row.user.email)


def _begins(text: str, names: Iterable[str]) -> bool:
    return any(name.casefold().startswith(text.casefold()) for name in names)


def _has(text: str, *names: str) -> bool:
    return any(text.casefold() in name.casefold() for name in names)
