"""What of the deals needs a partner's person today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from deals.enums import DealStatus
from deals.models import Participant
from deals.queries.deal import list_rows, visible_participants
from partners.models import Partner

MOST = 8


@dataclass(frozen=True)
class DealHome:
    """Rows (participants with their deal), each list eight at most."""

    on_me: list[Participant]
    ending: list[Participant]
    deciding: list[Participant]
    decided: list[Participant]

    @property
    def empty(self) -> bool:
        return not (self.on_me or self.ending or self.deciding or self.decided)


def deal_home(user: Any, partner: Partner, today: date) -> DealHome:
    """Waiting on me, protections about to end, in decision, and what was decided lately. Four queries."""
    rows = list_rows(visible_participants(user).filter(partner=partner))
    waits = Q(status__in=[DealStatus.DRAFT, DealStatus.RETURNED]) | Q(status=DealStatus.IN_REVIEW, deal__question_open=True)
    ending = rows.filter(status=DealStatus.APPROVED, protected_until__lte=today + timedelta(days=30))
    lately = rows.filter(
        status__in=[DealStatus.APPROVED, DealStatus.DECLINED], deal__decided_at__date__gte=today - timedelta(days=14)
    )
    undecided = rows.filter(status__in=[DealStatus.IN_REVIEW, DealStatus.WAITING]).exclude(waits)
    return DealHome(
        on_me=list(rows.filter(waits).order_by("-sort_at", "-pk")[:MOST]),
        ending=list(ending.order_by("protected_until", "pk")[:MOST]),
        deciding=list(undecided.order_by("-sort_at", "-pk")[:MOST]),
        decided=list(lately.order_by("-deal__decided_at", "-pk")[:MOST]),
    )
