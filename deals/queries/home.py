"""What of the deals needs a partner's person today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from deals.enums import OPEN, DealStatus, JoinRequestStatus, ParticipantRole
from deals.models import JoinRequest, Participant
from deals.queries.deal import list_rows, visible_participants
from partners.models import Partner
from partners.rules import Perm, may

MOST = 8


@dataclass(frozen=True)
class DealHome:
    """Rows (participants with their deal; requests of linked companies to join one), each list eight at most."""

    joins: list[JoinRequest]
    on_me: list[Participant]
    ending: list[Participant]
    deciding: list[Participant]
    decided: list[Participant]

    @property
    def empty(self) -> bool:
        return not (self.joins or self.on_me or self.ending or self.deciding or self.decided)


def deal_home(user: Any, partner: Partner, today: date) -> DealHome:
    """Waiting on me, protections about to end, in decision, and what was decided lately. Five queries."""
    rows = list_rows(visible_participants(user).filter(partner=partner))
    waits = Q(status__in=[DealStatus.DRAFT, DealStatus.RETURNED]) | Q(status=DealStatus.IN_REVIEW, deal__question_open=True)
    ending = rows.filter(status=DealStatus.APPROVED, protected_until__lte=today + timedelta(days=30))
    lately = rows.filter(
        status__in=[DealStatus.APPROVED, DealStatus.DECLINED], deal__decided_at__date__gte=today - timedelta(days=14)
    )
    undecided = rows.filter(status__in=[DealStatus.IN_REVIEW, DealStatus.WAITING]).exclude(waits)
    return DealHome(
        joins=_joins_to_answer(user, partner),
        on_me=list(rows.filter(waits).order_by("-sort_at", "-pk")[:MOST]),
        ending=list(ending.order_by("protected_until", "pk")[:MOST]),
        deciding=list(undecided.order_by("-sort_at", "-pk")[:MOST]),
        decided=list(lately.order_by("-deal__decided_at", "-pk")[:MOST]),
    )


def _joins_to_answer(user: Any, partner: Partner) -> list[JoinRequest]:
    """Linked companies that ask to take part in a deal of this partner, for those who may answer; the oldest first."""
    if not may(user, Perm.REGISTER_DEALS, partner):
        return []
    own = visible_participants(user).filter(partner=partner, role=ParticipantRole.OWNER, status__in=OPEN - {DealStatus.DRAFT})
    asked = JoinRequest.objects.filter(status=JoinRequestStatus.ASKED, deal__partner=partner, deal__in=own.values("deal"))
    return list(asked.select_related("deal", "partner").order_by("created_at", "pk")[:MOST])
