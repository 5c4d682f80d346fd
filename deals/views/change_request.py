"""Changing the key facts of an approved deal: directly when small, else by a request."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deals.enums import ChangeRequestStatus
from deals.forms.change import ChangeForm, change_forms
from deals.forms.deal import with_line_more
from deals.models import Deal
from deals.queries.change import pending_change, shown
from deals.queries.deal import get_deal
from deals.rules.change import why_not_change
from deals.services.change_request import change_key_facts, withdraw_change
from prm.core.errors import DomainError
from prm.core.text import parse_decimal
from prm.web.guards import require
from prm.web.rendering import page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_new(request: HttpRequest, ref: str) -> HttpResponse:
    """The facts as they stand, to change; while one change waits, what it asks for."""
    deal = get_deal(request.user, ref)
    require(why_not_change(request.user, deal))
    if request.method == "POST":
        return _posted(request, deal)
    form, lines = change_forms(deal, amount=_asked_amount(request))
    return _form_page(request, deal, form, lines)


def _posted(request: HttpRequest, deal: Deal) -> HttpResponse:
    if request.POST.get("act") == "line":
        return _form_page(request, deal, *change_forms(deal, with_line_more(request.POST)))
    form, lines = change_forms(deal, request.POST)
    fine = form.is_valid() & lines.is_valid()
    if not fine or not lines.check_amounts(deal.currency):
        return _form_page(request, deal, form, lines, status=422)
    data = form.cleaned_data
    try:
        facts = form.facts(lines, deal)
        change = change_key_facts(deal, facts, by=request.user, version=data["version"], reason=data["reason"])
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _form_page(request, deal, form, lines, status=422)
    if change is None:
        messages.success(request, _("Changed. It is a small change and holds at once."))
    elif change.status == ChangeRequestStatus.DECLINED_DUPLICATE:
        messages.error(request, _("The change was declined as a duplicate. The old terms stand."))
    else:
        messages.success(request, _("Your change is in review. The old terms stand until it is decided."))
    return redirect("deals:detail", ref=deal.ref)


def _form_page(request: HttpRequest, deal: Deal, form: ChangeForm, lines: Any, status: int = 200) -> HttpResponse:
    waiting = pending_change(deal)
    context = {"deal": deal, "form": form, "lines": lines, "waiting": shown([waiting])[0] if waiting else None}
    return page(request, "deals/change_request/form.html", context, status=status)


def _asked_amount(request: HttpRequest) -> Decimal | None:
    """The amount that was asked for in the pipeline table."""
    try:
        return parse_decimal(request.GET.get("amount", "")[:40])
    except DomainError:
        return None


@login_required
@require_POST
def change_withdraw(request: HttpRequest, ref: str) -> HttpResponse:
    """Take the waiting change back."""
    deal = get_deal(request.user, ref)
    require(why_not_change(request.user, deal))
    change = pending_change(deal)
    try:
        if change is None:
            raise DomainError(_("No change is waiting any more."))
        withdraw_change(change, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The change was withdrawn. The old terms stand."))
    return redirect("deals:detail", ref=deal.ref)
