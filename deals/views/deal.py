"""The deal page and the acts on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from deals.enums import LOST_REASONS
from deals.forms.deal import ActivityForm, CommentForm, LostForm
from deals.forms.participant import ParticipantForm
from deals.models import Deal
from deals.queries.change import latest_changes, shown
from deals.queries.deal import get_deal
from deals.queries.detail import page_facts
from deals.queries.participant import join_state, joins_asked, partners_on_offer
from deals.queries.timeline import open_question, timeline_of
from deals.rules import deal as rules
from deals.rules.change import why_not_change
from deals.services import activity, comment, decision, protection
from deals.services import deal as services
from prm.core.errors import DomainError
from prm.web.guards import require
from prm.web.rendering import page


@login_required
@require_safe
def deal_detail(request: HttpRequest, ref: str) -> HttpResponse:
    """Header with status and the next act, facts left, one timeline right."""
    deal = get_deal(request.user, ref)
    return page(request, "deals/deal/detail.html", _context(request, deal))


def _context(request: HttpRequest, deal: Deal, **forms: Any) -> dict[str, Any]:
    user = request.user
    seen = rules.fields_seen(user, deal)
    staff = seen == rules.EVERYTHING and user.is_staff
    can, facts = _can(user, deal), page_facts(deal, timezone.now())
    changes = latest_changes(deal) if deal.protected_from and "decision" in seen else []
    also = [*facts["extensions"], *changes]
    timeline = timeline_of(deal, staff=staff, also=also) if "timeline" in seen else []
    return {
        "deal": deal,
        "sees": {name: name in seen for name in rules.EVERYTHING},
        "can": can,
        "timeline": timeline,
        "question": open_question(deal, timeline),
        "change": shown(changes[:1])[0] if changes else None,
        **_taking_part(deal, can),
        "activity_form": ActivityForm(),
        "comment_form": CommentForm(),
        "lost_form": LostForm(reasons=LOST_REASONS),
        **facts,
        **forms,
    }


def _taking_part(deal: Deal, can: dict[str, bool]) -> dict[str, Any]:
    """For the owner: who may be added and who asks; for who was declined for a linked company's deal: joining it."""
    context: dict[str, Any] = {}
    if can["participants"]:
        context["participant_form"] = ParticipantForm(partners=partners_on_offer(deal))
        context["joins"] = joins_asked(deal)
    if can["join"]:
        context["joining"] = join_state(deal)
    return context


def _can(user: Any, deal: Deal) -> dict[str, bool]:
    return {
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
        "extend": rules.can_log_activity(user, deal),
        "change": not why_not_change(user, deal),
        "participants": rules.can_change_participants(user, deal),
        "join": rules.can_ask_to_join(user, deal),
        "watch": rules.can_watch_account(user, deal),
    }


def act_on(
    request: HttpRequest, ref: str, rule: Callable[[Any, Deal], bool], call: Callable[[Deal], Any], done: str
) -> HttpResponse:
    """Door → rule → one service call → back to the deal."""
    deal = get_deal(request.user, ref)
    require(rule(request.user, deal))
    try:
        call(deal)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("deals:detail", ref=deal.ref)


@login_required
@require_POST
def deal_withdraw(request: HttpRequest, ref: str) -> HttpResponse:
    return act_on(
        request,
        ref,
        rules.can_withdraw_deal,
        lambda deal: services.withdraw_deal(deal, by=request.user),
        _("The registration was withdrawn."),
    )


@login_required
@require_POST
def deal_win(request: HttpRequest, ref: str) -> HttpResponse:
    return act_on(
        request,
        ref,
        rules.can_win_deal,
        lambda deal: protection.win_deal(deal, by=request.user),
        _("Congratulations, the deal is marked won."),
    )


@login_required
@require_POST
def deal_release(request: HttpRequest, ref: str) -> HttpResponse:
    return act_on(
        request,
        ref,
        rules.can_release_deal,
        lambda deal: protection.release_deal(deal, by=request.user),
        _("The protection was given back."),
    )


@login_required
@require_POST
def deal_reopen(request: HttpRequest, ref: str) -> HttpResponse:
    return act_on(
        request,
        ref,
        rules.can_reopen_deal,
        lambda deal: protection.reopen_deal(deal, by=request.user),
        _("The deal is open again."),
    )


@login_required
@require_POST
def deal_lose(request: HttpRequest, ref: str) -> HttpResponse:
    form = LostForm(request.POST, reasons=LOST_REASONS)

    def call(deal: Deal) -> None:
        data = cleaned(form)
        protection.lose_deal(deal, by=request.user, reason=data["reason"], text=data["text"])

    return act_on(request, ref, rules.can_lose_deal, call, _("The deal is marked lost."))


@login_required
@require_POST
def deal_log(request: HttpRequest, ref: str) -> HttpResponse:
    form = ActivityForm(request.POST)
    return act_on(
        request,
        ref,
        rules.can_log_activity,
        lambda deal: activity.log_activity(deal, by=request.user, **cleaned(form)),
        _("Logged."),
    )


@login_required
@require_POST
def deal_comment(request: HttpRequest, ref: str) -> HttpResponse:
    form = CommentForm(request.POST)
    return act_on(
        request,
        ref,
        rules.can_comment_deal,
        lambda deal: comment.comment_deal(deal, by=request.user, body=cleaned(form)["body"]),
        _("Comment added."),
    )


@login_required
@require_POST
def deal_answer(request: HttpRequest, ref: str) -> HttpResponse:
    form = CommentForm(request.POST)
    return act_on(
        request,
        ref,
        rules.can_answer_question,
        lambda deal: decision.answer_question(deal, by=request.user, text=cleaned(form)["body"]),
        _("Answered; the decision clock goes on."),
    )


def cleaned(form: Any) -> dict[str, Any]:
    """The form's values. Raises DomainError with its first complaint."""
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        raise DomainError(f"{label}: {errors[0]}" if label else str(errors[0]), field=name)
    return form.cleaned_data
