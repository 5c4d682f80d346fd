"""Registering: the form, its draft, its submission."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deals.enums import DealStatus
from deals.forms.deal import DealForm, deal_initial, line_formset, with_line_more
from deals.models import Deal
from deals.queries.deal import deal_by_key, get_deal
from deals.rules.deal import can_delete_deal, can_edit_deal, why_not_register
from deals.services import deal as services
from partners.acting import keeps_input, made_for_other
from partners.models import Partner
from partners.rules import access_of
from prm.core.errors import DomainError, NotVisible
from prm.core.identifiers import uuid7
from prm.web.guards import require
from prm.web.rendering import page
from prm.web.shell import acting_for

PREFILL = {"customer": "customer_name", "website": "website", "country": "country", "city": "city"}


def acting_partner(request: HttpRequest) -> Partner:
    """The partner the signed-in user acts for. Raises NotVisible when there is none."""
    acting = acting_for(request)
    membership = access_of(request.user).membership_in(acting.id) if acting and acting.id else None
    if membership is None:
        raise NotVisible
    return membership.partner


@keeps_input
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deal_new(request: HttpRequest) -> HttpResponse:
    """An empty form, or one prefilled from the account check; the key in it makes a second click the same deal."""
    partner = acting_partner(request)
    require(why_not_register(request.user, partner))
    if request.method == "POST":
        return _posted(request, partner, None, other=made_for_other(request))
    initial: dict[str, Any] = {field: request.GET.get(name, "")[:300] for name, field in PREFILL.items()}
    form = DealForm(initial={**initial, "key": uuid7()}, partner=partner)
    return _form_page(request, form, line_formset(product=request.GET.get("product", "")), partner, None)


@keeps_input  # the deal says whose it is
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deal_edit(request: HttpRequest, ref: str) -> HttpResponse:
    """A draft or a returned registration, to go on with."""
    deal = get_deal(request.user, ref)
    require(can_edit_deal(request.user, deal))
    if request.method == "POST":
        return _posted(request, deal.partner, deal)
    form = DealForm(initial=deal_initial(deal), partner=deal.partner)
    return _form_page(request, form, line_formset(deal=deal), deal.partner, deal)


@login_required
@require_POST
def deal_delete(request: HttpRequest, ref: str) -> HttpResponse:
    """Throw a draft away."""
    deal = get_deal(request.user, ref)
    require(can_delete_deal(request.user, deal))
    services.delete_draft(deal, by=request.user)
    messages.success(request, _("The draft was deleted."))
    return redirect("deals:list")


def _posted(request: HttpRequest, partner: Partner, deal: Deal | None, other: str = "") -> HttpResponse:
    if request.POST.get("act") == "line" and not other:
        form = DealForm(request.POST, partner=partner)
        return _form_page(request, form, line_formset(with_line_more(request.POST), deal), partner, deal)
    submitting = request.POST.get("act") == "submit"
    form = DealForm(request.POST, partner=partner, submitting=submitting)
    lines = line_formset(request.POST, deal)
    fine = form.is_valid() & lines.is_valid()
    if other:
        form.add_error(None, other)
        return _form_page(request, form, lines, partner, deal, status=422)
    if not fine or not lines.check_amounts(form.cleaned_data["currency"]):
        return _form_page(request, form, lines, partner, deal, status=422)
    try:
        deal = _save(request, form, lines, partner, deal)
        if deal.status in (DealStatus.DRAFT, DealStatus.RETURNED) and submitting:
            require(why_not_register(request.user, deal.partner))
            before = deal.submitted_at
            services.submit_deal(deal, by=request.user)
            if before and deal.submitted_at != before:
                messages.info(request, _("It is about something else now: it counts as submitted today."))
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _form_page(request, form, lines, partner, deal, status=422)
    if not submitting:
        messages.success(request, _("Draft saved. Nothing was sent yet."))
    return redirect("deals:detail", ref=deal.ref)


def _save(request: HttpRequest, form: DealForm, lines: Any, partner: Partner, deal: Deal | None) -> Deal:
    """Write the draft; a form that was sent before finds its own deal again."""
    facts = form.facts(lines)
    deal = deal or deal_by_key(request.user, partner, form.cleaned_data["key"])
    if deal is None:
        return services.create_draft(partner, facts, by=request.user, key=form.cleaned_data["key"])
    if deal.status in (DealStatus.DRAFT, DealStatus.RETURNED):
        services.save_draft(deal, facts, by=request.user)
    return deal


def _form_page(
    request: HttpRequest, form: DealForm, lines: Any, partner: Partner, deal: Deal | None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "lines": lines, "deal": deal, "partner": partner}
    return page(request, "deals/deal/form.html", context, status=status)
