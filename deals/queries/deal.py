"""The door to deals and the lists that begin behind it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from deals.enums import DealStatus, ParticipantRole
from deals.models import Deal, Participant
from partners.queries import DealScope, deal_scope
from partners.queries.access import one_or_not_visible


def visible_participants(user: Any, scope: DealScope | None = None) -> QuerySet[Participant]:
    """The participant rows of the user's partners: where every partner's list starts. Never for the marker ALL."""
    scope = scope or deal_scope(user)
    rows = Participant.objects.filter(partner__in=scope.partner_ids)
    if scope.own_only:
        mine = Q(deal__owner=scope.user_id) | Q(deal__registered_by=scope.user_id)
        rows = rows.filter(~Q(partner__in=scope.own_only) | mine)
    return rows.exclude(~Q(role=ParticipantRole.OWNER) & Q(status=DealStatus.DRAFT))


def visible_deals(user: Any) -> QuerySet[Deal]:
    """Every deal the user may see: as participant's member, or as vendor staff in their scope."""
    scope = deal_scope(user)
    if scope.everything:
        return Deal.objects.exclude(status=DealStatus.DRAFT)
    mine = visible_participants(user, scope).values("deal")
    return Deal.objects.filter(pk__in=mine)


def get_deal(user: Any, ref: str) -> Deal:
    """The door: the deal with this ref if the user may see it. Raises NotVisible. Three queries."""
    rows = visible_deals(user).select_related("partner", "customer", "owner", "registered_by", "decided_by", "policy")
    return one_or_not_visible(rows.prefetch_related("participants__partner"), ref)
