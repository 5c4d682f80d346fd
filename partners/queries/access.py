"""The door to partners, and the scopes with which every list below a partner begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from partners.enums import DealSight, Role
from partners.models import Partner
from partners.rules.access import All, Ids, access_of
from partners.rules.table import Perm
from prm.core.errors import NotVisible

Rows = TypeVar("Rows", bound=QuerySet[Any])


@dataclass(frozen=True)
class Scope:
    """The partners a user may look at: their ids, or ALL."""

    partner_ids: Ids

    @property
    def everything(self) -> bool:
        return isinstance(self.partner_ids, All)

    def __contains__(self, partner: object) -> bool:
        return getattr(partner, "pk", partner) in self.partner_ids

    def narrow(self, rows: Rows, column: str = "partner") -> Rows:
        """The rows whose partner is in the scope."""
        return rows if isinstance(self.partner_ids, All) else rows.filter(**{f"{column}__in": self.partner_ids})


@dataclass(frozen=True)
class DealScope(Scope):
    """The partners whose deals a user may see; in those of `own_only` just the deals that are the user's own, and drafts only
    in those of `as_member`: they are the partner's own business."""

    own_only: frozenset[UUID] = field(default=frozenset())
    as_member: frozenset[UUID] = field(default=frozenset())
    user_id: UUID | None = None


def partners_with(user: Any, perm: str) -> Ids:
    """The ids of the partners in which the user holds the permission, or ALL."""
    return access_of(user).partners_with(perm)


def scope_for(user: Any, perm: str = Perm.VIEW_PARTNER) -> Scope:
    """The user's scope for one permission; resolved to ids once per request."""
    return Scope(partners_with(user, perm))


def deal_scope(user: Any) -> DealScope:
    """Where deal lists begin. A sales member of a partner that shows each only their own lands in `own_only`."""
    access = access_of(user)
    ids = access.partners_with(Perm.VIEW_DEALS)
    staff = access.as_staff.get(Perm.VIEW_DEALS, frozenset())
    own = frozenset(
        row.partner_id
        for row in access.memberships
        if row.role == Role.SALES and row.partner.deal_sight == DealSight.OWN and row.partner_id not in staff
    )
    return DealScope(ids, own, access.as_member.get(Perm.VIEW_DEALS, frozenset()), getattr(user, "pk", None))


def visible_partners(user: Any) -> QuerySet[Partner]:
    """The partners the user may look at."""
    return scope_for(user).narrow(Partner.objects.select_related("partner_type"), "pk")


def get_partner(user: Any, ref: str) -> Partner:
    """The door: the partner with this ref, if the user may see it. Raises NotVisible."""
    return one_or_not_visible(visible_partners(user), ref)


Row = TypeVar("Row", bound=Model)


def one_or_not_visible(rows: QuerySet[Row], ref: str) -> Row:
    """The one row with this ref among those the user may see; a foreign ref and a made-up one look alike."""
    row = rows.filter(ref=ref).first() if ref and "\x00" not in ref else None
    if row is None:
        raise NotVisible
    return row
