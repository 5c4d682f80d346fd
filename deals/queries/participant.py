"""Who may take part in a deal, and who asks to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from deals.enums import OPEN, DealStatus, JoinRequestStatus, ParticipantRole
from deals.models import Deal, JoinRequest, Participant
from deals.queries.detail import last_conflict
from partners.models import Partner
from partners.queries.access import one_or_not_visible
from partners.queries.link import are_linked, distributors_of, resellers_of
from prm.core.errors import NotVisible

ANY_LINKED = (ParticipantRole.IMPLEMENTER, ParticipantRole.REFERRER)
MOST = 200


def linked_role(owner: Partner, other_id: UUID, day: date) -> str | None:
    """What the other company is to the owner by their link of that day: its distributor, its reseller, or nothing."""
    if are_linked(other_id, owner.pk, day):
        return ParticipantRole.DISTRIBUTOR
    return ParticipantRole.RESELLER if are_linked(owner.pk, other_id, day) else None


def roles_open_to(owner: Partner, other_id: UUID, day: date) -> tuple[str, ...]:
    """The roles in which the other company may take part; none without a link."""
    role = linked_role(owner, other_id, day)
    return (role, *ANY_LINKED) if role else ()


def linked_with(deal: Deal) -> QuerySet[Partner]:
    """The companies that the deal's owner works with today, by name."""
    today = timezone.localdate()
    return (distributors_of(deal.partner, today) | resellers_of(deal.partner, today))[:MOST]


def offers_of(deal: Deal, linked: Iterable[Partner]) -> dict[str, Partner]:
    """Those of them who do not take part yet, by ref."""
    there = {row.partner_id for row in deal.participants.all()}
    return {row.ref: row for row in linked if row.pk not in there}


def partners_on_offer(deal: Deal) -> dict[str, Partner]:
    """Linked companies that do not take part yet, by ref. One query."""
    return offers_of(deal, linked_with(deal))


def participant_of(deal: Deal, partner_ref: str) -> Participant:
    """The part of the company with this ref. Raises NotVisible."""
    row = next((row for row in deal.participants.all() if row.partner.ref == partner_ref), None)
    if row is None:
        raise NotVisible
    return row


def deal_to_join(declined: Deal) -> Deal | None:
    """The open deal of a linked company that made this registration a duplicate, while the link holds."""
    if declined.status != DealStatus.DECLINED or declined.reason != "linked_deal":
        return None
    conflict = last_conflict(declined)
    if conflict is None:
        return None
    rows = Deal.objects.filter(pk__in=conflict.candidates.filter(rule="linked_deal").values("deal"))
    open_ones = rows.filter(status__in=OPEN - {DealStatus.DRAFT}).select_related("partner", "owner", "registered_by")
    today = timezone.localdate()
    return next((row for row in open_ones.order_by("pk") if linked_role(row.partner, declined.partner_id, today)), None)


def join_state(declined: Deal) -> dict[str, Any]:
    """What the page of a registration declined for a linked company's deal offers: to ask, or how the asking stands."""
    join = JoinRequest.objects.filter(declined=declined).select_related("deal").order_by("-created_at").first()
    target = deal_to_join(declined)
    inside = target is not None and target.participants.filter(partner=declined.partner_id).exists()
    waiting = join is not None and join.status == JoinRequestStatus.ASKED
    return {"join": join, "joined": target if inside else None, "can_ask": target is not None and not inside and not waiting}


def joins_asked(deal: Deal) -> QuerySet[JoinRequest]:
    """Who asks to take part in this deal."""
    rows = deal.join_requests.filter(status=JoinRequestStatus.ASKED).select_related("partner", "asked_by")
    return rows.order_by("created_at", "pk")


def get_join(deal: Deal, ref: str) -> JoinRequest:
    """The request on a deal whose door the caller has passed. Raises NotVisible."""
    rows = deal.join_requests.select_related("partner", "asked_by", "declined", "deal__partner")
    return one_or_not_visible(rows, ref)
