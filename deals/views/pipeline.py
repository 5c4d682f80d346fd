"""Update my pipeline: all approved deals in one table, one save, errors per row."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from deals.forms.pipeline import pipeline_formset
from deals.queries.deal import pipeline_deals
from deals.rules.deal import can_update_deal, why_not_register
from deals.services.activity import update_pipeline
from deals.views.register import acting_partner
from partners.acting import keeps_input, made_for_other
from prm.core.errors import DomainError
from prm.web.guards import require
from prm.web.rendering import page


@keeps_input
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pipeline(request: HttpRequest) -> HttpResponse:
    """Rows that fail keep their input and say why; the others are saved."""
    partner = acting_partner(request)
    require(why_not_register(request.user, partner))
    deals = pipeline_deals(request.user, partner)
    formset = pipeline_formset(request.POST if request.method == "POST" else None, deals)
    if other := made_for_other(request):
        messages.error(request, other)
        return page(request, "deals/pipeline/form.html", {"formset": formset, "partner": partner}, status=422)
    if request.method == "POST" and formset.is_valid():
        saved = sum(_save_row(request, form) for form in formset.forms)
        if saved:
            messages.success(request, ngettext("%(n)d deal updated.", "%(n)d deals updated.", saved) % {"n": saved})
        if not any(form.errors for form in formset.forms):
            return redirect("deals:pipeline")
    failed = request.method == "POST" and any(form.errors for form in formset.forms)
    return page(request, "deals/pipeline/form.html", {"formset": formset, "partner": partner}, status=422 if failed else 200)


def _save_row(request: HttpRequest, form: Any) -> int:
    """Save one row; answers whether something changed, and puts a refusal on the row."""
    if form.deal is None or not can_update_deal(request.user, form.deal):
        form.add_error(None, _("This deal cannot be updated."))
        return 0
    try:
        return int(update_pipeline(form.deal, form.facts(), by=request.user))
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        form.needs_change = error.key == "needs_change"
        return 0
