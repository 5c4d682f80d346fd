"""Who may do what with a deal, with reasons. Every `can_` is an empty `why_not_`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from deals.enums import DEAL_STEPS, OPEN, DealStatus, DeclinedKind, ParticipantRole
from deals.models import Deal
from partners.enums import PartnerStatus
from partners.models import Partner
from partners.rules import Perm, access_of, may
from prm.core.errors import Reason

NO_RIGHT = Reason("no_right", _("Your role does not allow this. Ask an admin of your team."))
NOT_YOURS = Reason("not_yours", _("Only the colleague who owns this deal, or a team admin, may do this."))
CLOSES_WITHIN = timedelta(days=3653)
NOT_NOW = Reason("not_now", _("This is not possible in the deal's present status."))


def why_not_register(user: Any, partner: Partner) -> list[Reason]:
    """Why this user cannot start or submit registrations for this partner."""
    if not may(user, Perm.REGISTER_DEALS, partner):
        return [NO_RIGHT]
    if partner.status != PartnerStatus.ACTIVE:
        return [Reason("partner_not_active", _("New registrations are closed: the partnership is not active."))]
    return []


def can_register(user: Any, partner: Partner) -> bool:
    return not why_not_register(user, partner)


def why_not_close_on(day: date, today: date) -> str:
    """What is wrong with an expected close on that day; empty when it lies within today and ten years."""
    if day < today:
        return str(_("The expected close lies in the past."))
    return str(_("The expected close lies more than ten years ahead.")) if day > today + CLOSES_WITHIN else ""


def why_not_work_on(user: Any, deal: Deal, step: str = "") -> list[Reason]:
    """Why this user cannot act on the deal for its owner partner; with a step, also whether the status allows it."""
    if not may(user, Perm.REGISTER_DEALS, deal.partner):
        return [NO_RIGHT]
    access = access_of(user)
    membership = access.membership_in(deal.partner_id)
    own_only = membership is not None and membership.role == "sales" and deal.partner.deal_sight == "own"
    if own_only and user.pk not in (deal.owner_id, deal.registered_by_id):
        return [NOT_YOURS]
    if step and not DEAL_STEPS.allows(step, deal):
        return [NOT_NOW]
    return []


def can_submit_deal(user: Any, deal: Deal) -> bool:
    return not why_not_work_on(user, deal, "submit") and not why_not_register(user, deal.partner)


def can_edit_deal(user: Any, deal: Deal) -> bool:
    """Drafts and returned registrations may be rewritten."""
    return deal.status in (DealStatus.DRAFT, DealStatus.RETURNED) and not why_not_work_on(user, deal)


def can_delete_deal(user: Any, deal: Deal) -> bool:
    return deal.status == DealStatus.DRAFT and not why_not_work_on(user, deal)


def can_withdraw_deal(user: Any, deal: Deal) -> bool:
    return not why_not_work_on(user, deal, "withdraw")


def can_update_deal(user: Any, deal: Deal) -> bool:
    return not why_not_work_on(user, deal, "update")


def can_win_deal(user: Any, deal: Deal) -> bool:
    return not why_not_work_on(user, deal, "win") or not why_not_work_on(user, deal, "win_late")


def can_lose_deal(user: Any, deal: Deal) -> bool:
    return not why_not_work_on(user, deal, "lose")


def can_release_deal(user: Any, deal: Deal) -> bool:
    return not why_not_work_on(user, deal, "release")


def can_reopen_deal(user: Any, deal: Deal) -> bool:
    return not why_not_work_on(user, deal, "reopen")


def can_log_activity(user: Any, deal: Deal) -> bool:
    return deal.status == DealStatus.APPROVED and not why_not_work_on(user, deal)


def can_watch_account(user: Any, deal: Deal) -> bool:
    """ "Tell me when it is free" for a registration declined as a duplicate."""
    taken = deal.status == DealStatus.DECLINED and deal.declined_kind == DeclinedKind.DUPLICATE
    return taken and deal.customer_id is not None and can_register(user, deal.partner)


def can_comment_deal(user: Any, deal: Deal) -> bool:
    """Everybody who works on it, and the staff who review it."""
    return not why_not_work_on(user, deal) or not why_not_review(user, deal, "")


def can_change_participants(user: Any, deal: Deal) -> bool:
    """The owner's people, as long as the deal is open."""
    return deal.status in OPEN - {DealStatus.DRAFT} and not why_not_work_on(user, deal)


def can_ask_to_join(user: Any, declined: Deal) -> bool:
    """Whoever works on a registration that was declined for a linked company's deal."""
    return declined.status == DealStatus.DECLINED and declined.reason == "linked_deal" and not why_not_work_on(user, declined)


def can_answer_question(user: Any, deal: Deal) -> bool:
    return deal.status == DealStatus.IN_REVIEW and deal.question_open and not why_not_work_on(user, deal)


def why_not_review(user: Any, deal: Deal, step: str = "approve") -> list[Reason]:
    """Why this staff member cannot decide the deal: right, conflict of interest, status."""
    if not user.is_staff or not may(user, Perm.REVIEW_DEALS, deal.partner):
        return [Reason("not_your_queue", _("Deals of this partner are reviewed by its channel manager or the deal desk."))]
    if user.pk in (deal.registered_by_id, deal.owner_id) or _benefits(user, deal):
        return [Reason("own_interest", _("You registered this deal or belong to a partner in it: someone else has to decide."))]
    if step and not DEAL_STEPS.allows(step, deal):
        return [NOT_NOW]
    return []


def can_review_deal(user: Any, deal: Deal) -> bool:
    return not why_not_review(user, deal, "approve")


def can_confirm_booking(user: Any, deal: Deal) -> bool:
    return not why_not_review(user, deal, "book")


def _benefits(user: Any, deal: Deal) -> bool:
    """Whether the user belongs to a partner that takes part; also one they have left, unless removed (rows are few)."""
    partners = {row.partner_id for row in deal.participants.all()} | {deal.partner_id}
    return any(row.partner_id in partners for row in access_of(user).memberships)


FIELDS_SEEN: dict[str, frozenset[str]] = {
    # participant role → groups of fields on the deal page; the owner and reviewing staff see everything of their side
    ParticipantRole.OWNER: frozenset(
        {"customer", "contact", "lines", "amounts", "pipeline", "protection", "margin", "timeline", "decision"}
    ),
    ParticipantRole.DISTRIBUTOR: frozenset({"customer", "lines", "amounts", "protection"}),
    ParticipantRole.RESELLER: frozenset({"customer", "lines", "amounts", "protection", "pipeline"}),
    ParticipantRole.IMPLEMENTER: frozenset({"customer", "contact", "lines", "protection"}),
    ParticipantRole.REFERRER: frozenset({"customer", "protection"}),
}
EVERYTHING = frozenset().union(*FIELDS_SEEN.values())


def fields_seen(user: Any, deal: Deal) -> frozenset[str]:
    """Which groups of fields this viewer sees: by staff right, by ownership, or by the role their partner takes part in."""
    if user.is_staff and may(user, Perm.VIEW_DEALS, deal.partner) and access_of(user).membership_in(deal.partner_id) is None:
        return EVERYTHING
    seen: set[str] = set()
    access = access_of(user)
    for row in deal.participants.all():
        if access.membership_in(row.partner_id) and may(user, Perm.VIEW_DEALS, row.partner):
            seen |= FIELDS_SEEN[row.role]
    return frozenset(seen)
