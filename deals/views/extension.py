"""Asking for more time."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deals.forms.extension import ExtensionForm
from deals.rules.deal import can_log_activity
from deals.services.extension import ask_extension
from deals.views.deal import act_on, cleaned


@login_required
@require_POST
def extension_ask(request: HttpRequest, ref: str) -> HttpResponse:
    """One pending request at a time; needs activity on the deal."""
    form = ExtensionForm(request.POST)
    return act_on(
        request,
        ref,
        can_log_activity,
        lambda deal: ask_extension(deal, by=request.user, reason=cleaned(form)["reason"]),
        _("Your request was sent to your channel manager."),
    )
