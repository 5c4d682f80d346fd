"""What the deal page shows: steps, the check in words, requests, clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from deals.enums import DealStatus, ParticipantRole
from deals.models import Conflict, Deal, Extension
from deals.queries.clock import clock_of
from deals.queries.policy import rules_of
from deals.rules.wording import FIELD_NAMES, rule_text
from partners.queries.manager import manager_of

S = DealStatus
ENDINGS = {S.DECLINED, S.WITHDRAWN, S.LAPSED, S.LOST, S.EXPIRED, S.RELEASED, S.REVOKED, S.TRANSFERRED, S.REVERSED}
ORDER = [S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.APPROVED, S.WON, S.BOOKED]
PLACE = {S.WAITING: S.IN_REVIEW, S.RETURNED: S.IN_REVIEW}


def last_conflict(deal: Deal) -> Conflict | None:
    """The newest duplicate check of the deal itself, not of a change asked for."""
    return deal.conflicts.filter(change_request=None).order_by("-created_at").first()


def check_in_words(deal: Deal, conflict: Conflict | None) -> dict[str, Any] | None:
    """The check as the partner may read it: rule, matched fields, when it may free up. Never who holds the account."""
    if conflict is None:
        return None
    own = None
    if conflict.rule == "own_deal":
        own = conflict.candidates.filter(deal__partner=deal.partner_id).select_related("deal__owner").first()
    return {
        "conflict": conflict,
        "rule": rule_text(conflict.rule),
        "fields": [str(FIELD_NAMES.get(name, name)) for name in conflict.matched_fields],
        "frees_up_on": conflict.frees_up_on,
        "own_deal": own.deal if own else None,
        "linked": conflict.rule == "linked_deal",
    }


def steps_of(deal: Deal) -> list[dict[str, Any]]:
    """The life cycle as steps: done, now, to come, or stopped; who acts next and by when."""
    here = PLACE.get(S(deal.status), S(deal.status))
    ended = S(deal.status) in ENDINGS
    reached = ORDER.index(here) if here in ORDER else _last_reached(deal)
    items = [_step(deal, status, index, reached, ended) for index, status in enumerate(ORDER)]
    if ended:
        items.insert(reached + 1, {"label": deal.get_status_display(), "state": "stopped", "at": deal.ended_at})
    return items


def _last_reached(deal: Deal) -> int:
    if deal.protected_from:
        return ORDER.index(S.APPROVED)
    return ORDER.index(S.SUBMITTED if deal.declined_kind == "duplicate" or not deal.decided_at else S.IN_REVIEW)


def _step(deal: Deal, status: DealStatus, index: int, reached: int, ended: bool) -> dict[str, Any]:
    if index < reached or (ended and index == reached):
        return {"label": status.label, "state": "done"}
    if index > reached or ended:
        return {"label": status.label, "state": "todo"}
    label = deal.get_status_display() if deal.status in PLACE else status.label
    return {"label": label, "state": "now", **_who_acts(deal)}


def _who_acts(deal: Deal) -> dict[str, Any]:
    """Who acts next on this status, and by when."""
    vendor = _("your channel manager")
    acts: dict[str, dict[str, Any]] = {
        S.DRAFT: {"who": _("you: complete and submit it")},
        S.WAITING: {"who": _("nobody yet: an earlier registration is decided first")},
        S.IN_REVIEW: {"who": _("you: answer the question") if deal.question_open else vendor, "due": deal.due_at},
        S.RETURNED: {"who": _("you: complete and submit it again"), "due": deal.returned_until},
        S.APPROVED: {"who": _("you: win it"), "due": deal.protected_until},
        S.WON: {"who": _("nobody: it counts once a sale is booked")},
    }
    return acts.get(deal.status, {})


def page_facts(deal: Deal, now: datetime) -> dict[str, Any]:
    """Everything the page shows besides the row itself and what the viewer may do."""
    conflict = last_conflict(deal) if deal.status in (S.DECLINED, S.WAITING, S.IN_REVIEW) else None
    return {
        "check": check_in_words(deal, conflict),
        "steps": steps_of(deal),
        "lines": list(deal.lines.select_related("product")),
        "activities": list(deal.activities.select_related("by").order_by("-done_on", "-created_at")[:20]),
        "extensions": list(Extension.objects.filter(deal=deal).order_by("-created_at")[:5]) if deal.protected_from else [],
        "clock": clock_of(deal, rules_of(deal.policy), now) if deal.status == S.IN_REVIEW else None,
        "manager": manager_of(deal.partner) if deal.status == S.DECLINED else None,
        "others": [row for row in deal.participants.all() if row.role != ParticipantRole.OWNER],
    }
