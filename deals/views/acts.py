"""The acts on the deal page: one table, one view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from deals.enums import LOST_REASONS
from deals.forms.deal import ActivityForm, CommentForm, LostForm
from deals.forms.extension import ExtensionForm
from deals.models import Deal
from deals.queries.deal import get_deal
from deals.rules import deal as rules
from deals.services import activity, comment, decision, protection
from deals.services import deal as services
from deals.services.extension import ask_extension
from deals.views.deal import ANSWER, EXTEND, deal_page
from prm.core.errors import DomainError, StaleState
from prm.web.guards import require


@dataclass(frozen=True)
class Act:
    """One thing to do with a deal: who may, what it does, what is said afterwards, and the form it reads (none: a button)
    under its name on the deal page."""

    rule: Callable[[Any, Deal], bool]
    call: Callable[..., Any]
    done: Any
    form: Callable[[QueryDict], Any] | None = None
    name: str = ""


ACTS: dict[str, Act] = {
    "withdraw": Act(rules.can_withdraw_deal, services.withdraw_deal, _("The registration was withdrawn.")),
    "win": Act(rules.can_win_deal, protection.win_deal, _("Congratulations, the deal is marked won.")),
    "release": Act(rules.can_release_deal, protection.release_deal, _("The protection was given back.")),
    "reopen": Act(rules.can_reopen_deal, protection.reopen_deal, _("The deal is open again.")),
    "lose": Act(
        rules.can_lose_deal,
        protection.lose_deal,
        _("The deal is marked lost."),
        lambda data: LostForm(data, reasons=LOST_REASONS),
        "lost_form",
    ),
    "log": Act(rules.can_log_activity, activity.log_activity, _("Logged."), ActivityForm, "activity_form"),
    "extend": Act(
        rules.can_log_activity,
        ask_extension,
        _("Your request was sent to your channel manager."),
        lambda data: ExtensionForm(data, auto_id=EXTEND),
        "extension_form",
    ),
    "comment": Act(rules.can_comment_deal, comment.comment_deal, _("Comment added."), CommentForm, "comment_form"),
    "answer": Act(
        rules.can_answer_question,
        lambda deal, by, body: decision.answer_question(deal, by=by, text=body),
        _("Answered; the decision clock goes on."),
        lambda data: CommentForm(data, auto_id=ANSWER),
        "answer_form",
    ),
}


@login_required
@require_POST
def deal_act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """One of `ACTS`, as the URL names it. What its form got wrong is shown in it, with all that was typed."""
    act = ACTS[verb]
    form = act.form(request.POST) if act.form else None

    def call(deal: Deal) -> None:
        act.call(deal, by=request.user, **(cleaned(form) if form else {}))

    def refused(error: DomainError) -> HttpResponse | None:
        if form is None or isinstance(error, StaleState):
            return None
        return deal_page(request, ref, {act.name: with_error(form, error)}, status=422)

    return act_on(request, ref, act.rule, call, act.done, refused)


def act_on(
    request: HttpRequest,
    ref: str,
    rule: Callable[[Any, Deal], bool],
    call: Callable[[Deal], Any],
    done: Any,
    refused: Callable[[DomainError], HttpResponse | None] = lambda error: None,
) -> HttpResponse:
    """Door → rule → one service call → back to the deal, or to what `refused` answers."""
    deal = get_deal(request.user, ref)
    require(rule(request.user, deal))
    try:
        call(deal)
    except DomainError as error:
        if answer := refused(error):
            return answer
        messages.error(request, str(error))
    else:
        messages.success(request, str(done))
    return redirect("deals:detail", ref=deal.ref)


def with_error(form: Any, error: DomainError) -> Any:
    """The form with what the service said beside its field; the first field that is wrong takes the focus."""
    if not form.errors:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    wrong = next((name for name in form.errors if name in form.fields), next(iter(form.fields)))
    form.fields[wrong].widget.attrs["autofocus"] = True
    return form


def cleaned(form: Any) -> dict[str, Any]:
    """The form's values. Raises DomainError with its first complaint."""
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        raise DomainError(f"{label}: {errors[0]}" if label else str(errors[0]), field=name)
    return form.cleaned_data
