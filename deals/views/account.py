"""Is this account free? Before the long form; never says who holds it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deals.forms.account import AccountForm
from deals.models import Deal, FreeWatch
from deals.queries.account import TAKEN, Answer, get_open_watch, open_watches_of, own_deals, watchable
from deals.queries.deal import get_deal
from deals.rules.deal import can_watch_account, why_not_register
from deals.services.account import check_account, unwatch_account, watch_account
from deals.views.register import acting_partner
from partners.acting import keeps_input, made_for_other
from prm.core.errors import DomainError
from prm.web.guards import require
from prm.web.rendering import page


@keeps_input
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_check(request: HttpRequest) -> HttpResponse:
    """Ask by POST (each question is counted and logged); the answer stands above the form."""
    partner = acting_partner(request)
    require(why_not_register(request.user, partner))
    form = AccountForm(request.POST or None)
    answer = None
    if other := made_for_other(request):
        form.add_error(None, other)
    elif request.method == "POST" and form.is_valid():
        try:
            answer = check_account(form.identity(), by=request.user, partner=partner, product=form.cleaned_data["product"])
        except DomainError as error:
            form.add_error("customer" if error.field == "customer_name" else None, str(error))
    status = 422 if form.is_bound and form.errors else 200
    watches = open_watches_of(request.user, partner)
    context = {"form": form, "answer": answer, "partner": partner, "watches": watches, **_told(request, form, answer, watches)}
    return page(request, "deals/account/check.html", context, status=status)


def _told(request: HttpRequest, form: AccountForm, answer: Answer | None, watches: list[FreeWatch]) -> dict[str, Any]:
    """What follows from the answer: the form to go on with, one's own company's deal, and whether one waits for the account."""
    if answer is None:
        return {}
    known = form.cleaned_data
    product = known["product"].ref if known["product"] and answer.kind != TAKEN else ""
    given = {name: known[name] for name in ("customer", "website", "country", "city")} | {"product": product}
    return {
        "register_url": f"{reverse('deals:new')}?{urlencode({name: value for name, value in given.items() if value})}",
        "own": next(iter(own_deals(request.user, [answer]).values()), None),
        "watch": next((row for row in watches if row.customer_id == answer.customer_id), None),
    }


@keeps_input
@login_required
@require_POST
def account_watch(request: HttpRequest) -> HttpResponse:
    """ "Tell me when it is free", for the account this user has just asked about, or for a registration declined as taken."""
    if request.POST.get("deal"):
        return _watch_declined(request, get_deal(request.user, request.POST["deal"]))
    partner = acting_partner(request)
    require(why_not_register(request.user, partner))
    if other := made_for_other(request):
        messages.error(request, other)
        return redirect("deals:check")
    asked = watchable(request.user, partner)
    if asked is None or asked.matched_customer is None:
        messages.error(request, _("Check the account first."))
        return redirect("deals:check")
    watch_account(asked.matched_customer, asked.customer_name, by=request.user, partner=partner)
    messages.success(request, _("We will write to you once it is free."))
    return redirect("deals:check")


@login_required
@require_POST
def account_unwatch(request: HttpRequest) -> HttpResponse:
    """Leave the list of those who are told."""
    unwatch_account(get_open_watch(request.user, request.POST.get("watch", "")), by=request.user)
    messages.success(request, _("We will not write to you about it."))
    ref = request.POST.get("deal")
    return redirect("deals:detail", ref=get_deal(request.user, ref).ref) if ref else redirect("deals:check")


def _watch_declined(request: HttpRequest, deal: Deal) -> HttpResponse:
    require(can_watch_account(request.user, deal))
    assert deal.customer is not None  # the rule has said so
    watch_account(deal.customer, deal.customer_name, by=request.user, partner=deal.partner)
    messages.success(request, _("We will write to you once it is free."))
    return redirect("deals:detail", ref=deal.ref)
