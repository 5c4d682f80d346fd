"""A deal in words: its steps and who acts next, and what its duplicate check found."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from deals.enums import DealStatus, Outcome
from deals.models import Conflict, ConflictCandidate, Deal
from deals.rules.wording import FIELD_NAMES, rule_text, terms_in_words

S = DealStatus
ENDINGS = {S.DECLINED, S.WITHDRAWN, S.LAPSED, S.LOST, S.EXPIRED, S.RELEASED, S.REVOKED, S.TRANSFERRED, S.REVERSED}
ORDER = [S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.APPROVED, S.WON, S.BOOKED]
PLACE = {S.WAITING: S.IN_REVIEW, S.RETURNED: S.IN_REVIEW}


def conflicts_of(deal: Deal) -> QuerySet[Conflict]:
    """The duplicate checks of the deal itself, not of a change asked for, newest first."""
    return deal.conflicts.filter(change_request=None).order_by("-created_at")


def told_conflicts(deal: Deal) -> QuerySet[Conflict]:
    """The same, each with the terms of the candidate that decided: `leading_terms`."""
    same = {"conflict": OuterRef("pk"), "outcome": OuterRef("outcome"), "rule": OuterRef("rule")}
    leading = ConflictCandidate.objects.filter(**same).exclude(outcome=Outcome.CLEAR)
    return conflicts_of(deal).annotate(leading_terms=Subquery(leading.values("terms")[:1]))


def last_conflict(deal: Deal) -> Conflict | None:
    return told_conflicts(deal).first()


def check_in_words(deal: Deal, conflict: Conflict | None) -> dict[str, Any] | None:
    """The check (of `told_conflicts`) as the partner may read it: rule, matched fields, what speaks for one company and what
    against, when it may free up. Never who holds the account, nor how they spell it."""
    if conflict is None:
        return None
    own = None
    if conflict.rule == "own_deal":
        own = conflict.candidates.filter(deal__partner=deal.partner_id).select_related("deal__owner").first()
    alike_by, against = terms_in_words(getattr(conflict, "leading_terms", None) or ())
    return {
        "conflict": conflict,
        "rule": rule_text(conflict.rule),
        "fields": [str(FIELD_NAMES.get(name, name)) for name in conflict.matched_fields],
        "alike_by": alike_by,
        "against": against,
        "frees_up_on": conflict.frees_up_on,
        "own_deal": own.deal if own else None,
        "linked": conflict.rule == "linked_deal",
    }


def steps_of(deal: Deal, *, works: bool, staff: bool) -> list[dict[str, Any]]:
    """The life cycle as steps: done, now, to come, or stopped; who acts next and by when.

    works: whether the viewer may do the partner's part; staff: whether the vendor's people look at it.
    """
    here = PLACE.get(S(deal.status), S(deal.status))
    ended = S(deal.status) in ENDINGS
    reached = ORDER.index(here) if here in ORDER else _last_reached(deal)
    items = [_step(deal, status, index, reached, ended) for index, status in enumerate(ORDER)]
    if ended:
        items.insert(reached + 1, {"label": deal.get_status_display(), "state": "stopped", "at": deal.ended_at})
    else:
        items[reached] |= _who_acts(deal, works, staff)
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
    return {"label": label, "state": "now"}


def _who_acts(deal: Deal, works: bool, staff: bool) -> dict[str, Any]:
    """Who acts next on this status, and by when. The partner's part is the viewer's only where they may do it."""
    name = {"name": deal.owner}
    win = _("you: win it") if works else _("%(name)s: win it") % name
    submit = _("you: complete and submit it") if works else _("%(name)s: complete and submit it") % name
    again = _("you: complete and submit it again") if works else _("%(name)s: complete and submit it again") % name
    answer = _("you: answer the question") if works else _("%(name)s: answer the question") % name
    vendor = _("the partner’s channel manager") if staff else _("your channel manager")
    acts: dict[str, dict[str, Any]] = {
        S.DRAFT: {"who": submit},
        S.WAITING: {"who": _("nobody yet: an earlier registration is decided first")},
        S.IN_REVIEW: {"who": answer if deal.question_open else vendor, "due": deal.due_at},
        S.RETURNED: {"who": again, "due": deal.returned_until},
        S.APPROVED: {"who": win, "due": deal.protected_until},
        S.WON: {"who": _("nobody: it counts once a sale is booked")},
    }
    return acts.get(deal.status, {})
