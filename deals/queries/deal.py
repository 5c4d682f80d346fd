"""The door to deals and the lists that begin behind it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from deals.enums import DealStatus, ParticipantRole
from deals.models import CustomerContact, Deal, Participant, Policy
from partners.models import Partner, User
from partners.queries import DealScope, deal_scope
from partners.queries.access import one_or_not_visible
from partners.rules import Perm, may
from prm.core.together import keep, together

BELOW = 20


def visible_participants(user: Any, scope: DealScope | None = None) -> QuerySet[Participant]:
    """The participant rows of the user's partners: where every partner's list starts. Never for the marker ALL."""
    scope = scope or deal_scope(user)
    rows = scope.narrow(Participant.objects.all())
    if scope.own_only:
        mine = Q(deal__owner=scope.user_id) | Q(deal__registered_by=scope.user_id)
        rows = rows.filter(~Q(partner__in=scope.own_only) | mine)
    if scope.everything or scope.partner_ids != scope.as_member:
        rows = rows.exclude(~Q(partner__in=scope.as_member) & Q(status=DealStatus.DRAFT))
    return rows.exclude(~Q(role=ParticipantRole.OWNER) & Q(status=DealStatus.DRAFT))


def visible_deals(user: Any) -> QuerySet[Deal]:
    """Every deal the user may see: as participant's member, or as vendor staff in their scope; staff see no drafts."""
    scope = deal_scope(user)
    if scope.everything:
        return Deal.objects.exclude(~Q(partner__in=scope.as_member) & Q(status=DealStatus.DRAFT))
    mine = visible_participants(user, scope).values("deal")
    return Deal.objects.filter(pk__in=mine)


def deal_by_key(user: Any, partner: Partner, key: UUID) -> Deal | None:
    """The deal that a form with this key made before, if it is one of this partner's and the user's to see."""
    return visible_deals(user).filter(partner=partner, pk=key).select_related("partner").first()


def get_deal(user: Any, ref: str, **more: str) -> Deal:
    """The door: the deal with this ref if the user may see it. Raises NotVisible. Two queries.

    more: rows that belong to it and are wanted too, as `extensions="-created_at"`: reverse name and order, 20 at most.
    """
    deal = one_or_not_visible(visible_deals(user).select_related("partner"), ref)
    below = {name: getattr(deal, name).order_by(order)[:BELOW] for name, order in more.items()}
    found = together({**beside(deal), **below})
    put_beside(deal, found)
    for name in below:
        keep(deal, name, found[name])
    return deal


def beside(deal: Deal) -> dict[str, QuerySet]:
    """What stands right beside a deal's row, to be read together: a join of as many tables costs more to plan than to run."""
    people = {pk for pk in (deal.owner_id, deal.registered_by_id, deal.decided_by_id) if pk}
    return {
        "participants": Participant.objects.filter(deal=deal).select_related("partner"),
        "people": User.objects.filter(pk__in=people),
        "contacts": CustomerContact.objects.filter(deal=deal),
        "policies": Policy.objects.filter(pk=deal.policy_id) if deal.policy_id else Policy.objects.none(),
    }


def put_beside(deal: Deal, found: dict[str, list[Any]]) -> None:
    """Put what `beside` found where Django looks for it."""
    keep(deal, "participants", found["participants"])
    people = {user.pk: user for user in found["people"]}
    cache = deal._state.fields_cache
    cache["owner"], cache["registered_by"] = people[deal.owner_id], people[deal.registered_by_id]
    cache["decided_by"] = people[deal.decided_by_id] if deal.decided_by_id else None
    cache["customer_contact"] = next(iter(found["contacts"]), None)
    cache["policy"] = next(iter(found["policies"]), None)


def waits_on(user: Any, partner: Partner) -> Q:
    """Participant rows on which this user has something to do: to complete and submit, or to answer. Theirs, not their
    colleagues', and nothing for a role that may not do it."""
    if not may(user, Perm.REGISTER_DEALS, partner):
        return Q(pk__in=[])
    answerable = ~Q(status=DealStatus.IN_REVIEW) | Q(deal__question_open=True)
    mine = Q(partner=partner, role=ParticipantRole.OWNER, owner=user)
    return mine & Q(status__in=[DealStatus.DRAFT, DealStatus.RETURNED, DealStatus.IN_REVIEW]) & answerable


def list_rows(rows: QuerySet[Participant]) -> QuerySet[Participant]:
    """Participant rows with what a list line shows of the deal, in one query."""
    shown = ("id", "ref", "customer_name", "country", "city", "project", "status", "amount", "currency", "stage")
    dates = ("expected_close", "protected_until", "submitted_at", "due_at", "returned_until", "question_open", "nature")
    mine = ("id", "role", "sort_at", "status", "protected_until", "reporting_amount", "expected_close", "partner")
    return rows.select_related("deal").only(*mine, *(f"deal__{name}" for name in shown + dates))


def pipeline_deals(user: Any, partner: Partner, most: int = 200) -> list[Deal]:
    """The partner's approved deals the user may see, the next to close first."""
    rows = visible_deals(user).filter(partner=partner, status=DealStatus.APPROVED).select_related("partner")
    return list(rows.order_by(F("expected_close").asc(nulls_last=True), "pk")[:most])
