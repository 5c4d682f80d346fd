"""What of the deals needs a partner's person today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from deals.enums import OPEN, DealStatus, JoinRequestStatus, ParticipantRole
from deals.models import Deal, JoinRequest, Participant
from deals.queries.clock import clocks_of
from deals.queries.deal import list_rows, visible_participants, waits_on
from deals.queries.policy import rules_at
from partners.models import Partner
from partners.rules import Perm, may

MOST = 8


@dataclass(frozen=True)
class InDecision:
    """One that the vendor has to decide; `days_late`: working days over, which are added to its protection."""

    deal: Deal
    late: bool
    days_late: int


@dataclass(frozen=True)
class DealHome:
    """Rows (participants with their deal; requests of linked companies to join one), each list eight at most."""

    joins: list[JoinRequest]
    on_me: list[Participant]
    ending: list[Participant]
    deciding: list[InDecision]
    decided: list[Participant]

    @property
    def empty(self) -> bool:
        return not (self.joins or self.on_me or self.ending or self.deciding or self.decided)


def deal_home(user: Any, partner: Partner, now: datetime) -> DealHome:
    """Waiting on me, protections about to end, in decision, what was decided lately; the most urgent first. Five queries, and
    those for its clock when something is late."""
    today = timezone.localdate(now)
    rows = list_rows(visible_participants(user).filter(partner=partner))
    mine = waits_on(user, partner)
    ending = rows.filter(status=DealStatus.APPROVED, protected_until__lte=today + timedelta(days=30))
    lately = rows.filter(
        status__in=[DealStatus.APPROVED, DealStatus.DECLINED], deal__decided_at__date__gte=today - timedelta(days=14)
    )
    undecided = rows.filter(status__in=[DealStatus.IN_REVIEW, DealStatus.WAITING]).exclude(pk__in=rows.filter(mine).values("pk"))
    answer_first = ("-deal__question_open", F("deal__returned_until").asc(nulls_last=True), "-sort_at", "-pk")
    return DealHome(
        joins=_joins_to_answer(user, partner),
        on_me=list(rows.filter(mine).order_by(*answer_first)[:MOST]),
        ending=list(ending.order_by("protected_until", "pk")[:MOST]),
        deciding=_deciding(undecided.order_by(F("deal__due_at").asc(nulls_last=True), "sort_at", "pk")[:MOST], now),
        decided=list(lately.order_by("-deal__decided_at", "-pk")[:MOST]),
    )


def _deciding(rows: Iterable[Participant], now: datetime) -> list[InDecision]:
    deals = [row.deal for row in rows]
    late = {deal.pk for deal in deals if deal.status == DealStatus.IN_REVIEW and deal.due_at and deal.due_at < now}
    held = list(Deal.objects.filter(pk__in=late).prefetch_related("clock_runs")) if late else []
    clocks = clocks_of(held, rules_at(now), now) if held else {}
    return [InDecision(deal, deal.pk in late, clocks[deal.pk].days_late if deal.pk in clocks else 0) for deal in deals]


def _joins_to_answer(user: Any, partner: Partner) -> list[JoinRequest]:
    """Linked companies that ask to take part in a deal of this partner, for those who may answer; the oldest first."""
    if not may(user, Perm.REGISTER_DEALS, partner):
        return []
    own = visible_participants(user).filter(partner=partner, role=ParticipantRole.OWNER, status__in=OPEN - {DealStatus.DRAFT})
    asked = JoinRequest.objects.filter(status=JoinRequestStatus.ASKED, deal__partner=partner, deal__in=own.values("deal"))
    return list(asked.select_related("deal", "partner").order_by("created_at", "pk")[:MOST])
