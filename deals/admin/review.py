"""Deciding registrations: the queue, the page of one deal, the acts on it. After a decision the next one opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from deals.admin.pages import number_of, page, run
from deals.forms import review as forms_
from deals.models import Deal
from deals.queries import review
from deals.queries.policy import rules_at
from deals.queries.review_page import review_page
from deals.rules import deal as rules
from deals.rules.policy import PolicyRules
from deals.rules.review import can_see_queue
from deals.services import comment, decision
from prm.core.errors import NotVisible, StaleState
from prm.web.admin_site import Queue, site
from prm.web.guards import require
from prm.web.lists import chips

SHOW_LABELS = [
    ("", gettext_lazy("All")),
    ("clear", gettext_lazy("Clear")),
    ("review", gettext_lazy("Needs a look")),
    ("overdue", gettext_lazy("Past the time")),
    ("question", gettext_lazy("Question waiting")),
]


def _show(values: Any) -> str:
    asked = values.get("show", "")
    return asked if asked in review.SHOWS else ""


def _size(values: Any) -> int:
    asked = values.get("size", "")
    return int(asked) if asked in map(str, review.SIZES) else review.SIZES[0]


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for this user's decision, by time left, then by value."""
    require(can_see_queue(request.user))
    show, q, now = _show(request.GET), request.GET.get("q", "")[:200], timezone.now()
    context = {
        "title": _("Registrations to decide"),
        "queue": review.queue_page(request.user, show, q, number_of(request), now, _size(request.GET)),
        "chips": chips(request, "show", SHOW_LABELS, review.queue_counts(request.user, now), current=show),
        "show": show,
        "q": q.replace("\x00", ""),
    }
    return page(request, "deals/review/queue.html", context)


@require_POST
def approve_selected(request: HttpRequest) -> HttpResponse:
    """Approve the ticked ones whose check is clear; says of each what became of it."""
    require(can_see_queue(request.user))
    form = forms_.SelectedForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.non_field_errors()))
        return redirect(_queue_url(_show(request.POST)))
    deals = review.deals_by_ref(request.user, form.cleaned_data["refs"])
    approved, refused = decision.approve_clear_deals(deals, by=request.user)
    missing = len(form.cleaned_data["refs"]) - len(deals)
    context = {"title": _("Approved together"), "approved": approved, "refused": refused, "missing": missing}
    return page(request, "deals/review/approved.html", {**context, "back_url": _queue_url(_show(request.POST))})


def _queue_url(show: str) -> str:
    return reverse("admin:deals_review") + (f"?show={show}" if show else "")


def _deal_url(ref: str, show: str = "") -> str:
    return reverse("admin:deals_review_deal", args=[ref]) + (f"?show={show}" if show else "")


@require_safe
def deal_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The registration, its evidence and histories, and the decision."""
    return page(request, "deals/review/deal.html", _context(request, ref, _show(request.GET)))


def _context(request: HttpRequest, ref: str, show: str, bound: dict[str, forms.Form] | None = None) -> dict[str, Any]:
    user = request.user
    shown = review_page(user, ref, check=request.GET.get("check", ""), show=show, now=timezone.now())
    deal = shown.deal
    reasons, can_comment = rules.why_not_review(user, deal, "approve"), not rules.why_not_review(user, deal, "")
    usable = [verb for verb in ACTS if (can_comment if verb == "comment" else not reasons)]
    return {
        "title": deal.customer_name,
        "deal": deal,
        "show": show,
        "queue_url": _queue_url(show),
        "previous_url": _deal_url(shown.before, show) if shown.before else "",
        "next_url": _deal_url(shown.after, show) if shown.after else "",
        "checks": shown.checks,
        "conflict": shown.conflict,
        "evidence": shown.known.candidates,
        "customer_past": shown.known.customer,
        "partner_past": shown.partner_past,
        "lines": deal.lines.all(),
        "contact": getattr(deal, "customer_contact", None),
        "activities": shown.activities,
        "others": [row for row in deal.participants.all() if row.partner_id != deal.partner_id],
        "leading": shown.leading,
        "timeline": shown.timeline,
        "history": shown.history,
        "days_late": shown.days_late,
        "why_not": reasons,
        "can_decide": not reasons,
        "can_comment": can_comment,
        **{f"{verb}_form": ACTS[verb].form(deal, shown.rules, shown.days_late) for verb in usable},
        **{f"{verb}_form": form for verb, form in (bound or {}).items()},
    }


def _approve_form(deal: Deal, policy: PolicyRules, late: int, data: Any = None) -> forms.Form:
    given = {"deal": deal, "days": policy.protection_days, "credited": late, "today": timezone.localdate()}
    return forms_.ApproveForm(data, auto_id="approve-%s", **given)


def _plain(make: Callable[..., forms.Form], name: str) -> Callable[..., forms.Form]:
    return lambda deal, policy, late, data=None: make(data, auto_id=f"{name}-%s")


@dataclass(frozen=True)
class Act:
    """One thing to do with a deal: its form, its service, what is said afterwards, whether the next item opens."""

    form: Callable[..., forms.Form]
    call: Callable[..., Any]
    done: Any
    goes_on: bool = True


ACTS: dict[str, Act] = {
    "approve": Act(
        _approve_form,
        lambda deal, by, data: decision.approve_deal(deal, by=by, **data),
        gettext_lazy("%(name)s: approved."),
    ),
    "return": Act(
        _plain(forms_.ReturnForm, "return"),
        lambda deal, by, data: decision.return_deal(deal, by=by, **data),
        gettext_lazy("%(name)s: sent back to the partner."),
    ),
    "decline": Act(
        _plain(forms_.DeclineForm, "decline"),
        lambda deal, by, data: decision.decline_deal(deal, by=by, **data),
        gettext_lazy("%(name)s: declined."),
    ),
    "ask": Act(
        _plain(forms_.AskForm, "ask"),
        lambda deal, by, data: decision.ask_question(deal, by=by, **data),
        gettext_lazy("%(name)s: the question was sent."),
    ),
    "comment": Act(
        _plain(forms_.StaffCommentForm, "comment"),
        lambda deal, by, data: comment.comment_deal(deal, by=by, body=data["body"], internal=not data["shared"]),
        gettext_lazy("%(name)s: comment added."),
        goes_on=False,
    ),
}


@require_POST
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Door → rule → form → one service call → the next item of the queue."""
    deal = review.get_deal_for_staff(request.user, ref)
    if verb not in ACTS:
        raise NotVisible
    require(rules.why_not_review(request.user, deal, step=""))
    chosen, show, now = ACTS[verb], _show(request.POST), timezone.now()
    form = chosen.form(deal, rules_at(now), 0, request.POST)
    after = review.next_in_queue(request.user, show, ref, now) if chosen.goes_on else ref
    name = f"{deal.ref} {deal.customer_name}"
    try:
        done = run(form, lambda data: chosen.call(deal, request.user, data))
    except StaleState as error:
        messages.error(request, f"{name}: {error}")
        return redirect(_deal_url(ref, show))
    if not done:
        return page(request, "deals/review/deal.html", _context(request, ref, show, {verb: form}), status=422)
    messages.success(request, chosen.done % {"name": name})
    if not after:
        messages.info(request, _("That was the last one here."))
    return redirect(_deal_url(after, show) if after else _queue_url(show))


site.register_page("deals/review/", queue, "deals_review")
site.register_page("deals/review/approve/", approve_selected, "deals_review_approve")
site.register_page("deals/review/<str:ref>/", deal_page, "deals_review_deal")
site.register_page("deals/review/<str:ref>/<slug:verb>/", act, "deals_review_act")
site.register_queue(
    Queue(
        key="deals_review",
        label=gettext_lazy("Registrations to decide"),
        url_name="admin:deals_review",
        icon="handshake",
        order=10,
        count="deals.queries.review.queue_size",
        detail="deals.queries.review.queue_by_clock",
        seen="deals.rules.review.can_see_queue",
        first="deals.queries.review.first_in_queue",
    )
)
