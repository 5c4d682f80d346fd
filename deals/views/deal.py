"""The deal page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from deals.enums import LOST_REASONS
from deals.forms.deal import ActivityForm, CommentForm, LostForm
from deals.forms.extension import ExtensionForm
from deals.forms.participant import ParticipantForm
from deals.models import Deal
from deals.queries.account import watch_for
from deals.queries.deal import get_deal, visible_deals
from deals.queries.deal_page import page_facts
from deals.queries.participant import join_state
from deals.queries.timeline import open_question
from deals.rules import deal as rules
from deals.rules.change import why_not_change
from prm.web.rendering import page

EXTEND, ANSWER = "extend-%s", "answer-%s"  # the ids of forms whose fields others on the page have too


@login_required
@require_safe
def deal_detail(request: HttpRequest, ref: str) -> HttpResponse:
    """Header with status and the next act, facts left, one timeline right."""
    return deal_page(request, ref, {})


def deal_page(request: HttpRequest, ref: str, sent: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page; `sent`: forms by their name on it, as they came back, shown open in place of the empty ones."""
    deal = get_deal(request.user, ref, extensions="-created_at", change_requests="-created_at")
    return page(request, "deals/deal/detail.html", {**_context(request.user, deal), **sent}, status=status)


def _context(user: Any, deal: Deal) -> dict[str, Any]:
    seen, can = rules.fields_seen(user, deal), _can(user, deal)
    staff = seen == rules.EVERYTHING and user.is_staff
    facts = page_facts(deal, timezone.now(), staff=staff, seen=seen, can=can)
    own = facts["check"] and facts["check"]["own_deal"]
    if own and not visible_deals(user).filter(pk=own.pk).exists():
        facts["check"]["own_deal"] = None
    return {
        "deal": deal,
        "sees": {name: name in seen for name in rules.EVERYTHING},
        "can": can,
        "question": open_question(deal, facts["timeline"]),
        **_forms(can, facts),
        **({"joining": join_state(deal)} if can["join"] else {}),
        **({"watch": watch_for(user, deal)} if can["watch"] else {}),
        **facts,
    }


def _forms(can: dict[str, bool], facts: dict[str, Any]) -> dict[str, Any]:
    """Only those that this viewer can send now."""
    made: dict[str, Any] = {}
    if can["log"]:
        made["activity_form"] = ActivityForm()
        made["extension_form"] = ExtensionForm(auto_id=EXTEND)
    if can["answer"]:
        made["answer_form"] = CommentForm(auto_id=ANSWER)
    if can["comment"]:
        made["comment_form"] = CommentForm()
    if can["lose"]:
        made["lost_form"] = LostForm(reasons=LOST_REASONS)
    if can["participants"]:
        made["participant_form"] = ParticipantForm(partners=facts["offers"])
    return made


def _can(user: Any, deal: Deal) -> dict[str, bool]:
    return {
        "work": not rules.why_not_work_on(user, deal),
        "edit": rules.can_edit_deal(user, deal),
        "delete": rules.can_delete_deal(user, deal),
        "withdraw": rules.can_withdraw_deal(user, deal),
        "win": rules.can_win_deal(user, deal),
        "lose": rules.can_lose_deal(user, deal),
        "release": rules.can_release_deal(user, deal),
        "reopen": rules.can_reopen_deal(user, deal),
        "log": rules.can_log_activity(user, deal),
        "comment": rules.can_comment_deal(user, deal),
        "answer": rules.can_answer_question(user, deal),
        "change": not why_not_change(user, deal),
        "participants": rules.can_change_participants(user, deal),
        "join": rules.can_ask_to_join(user, deal),
        "watch": rules.can_watch_account(user, deal),
    }
