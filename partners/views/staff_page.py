"""How the staff's configuration pages are shown and answered; served under the admin site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from partners.views.answer import refused
from prm.core.errors import DomainError
from prm.web.admin_site import site


def form_page(
    request: HttpRequest,
    form: forms.BaseForm,
    act: Callable[[dict[str, Any]], object],
    *,
    title: object,
    back: str,
    button: object = "",
    lead: object = "",
) -> HttpResponse:
    """One form, one service call: `act` gets the cleaned data. Afterwards back, with a word; a refusal stands at its field."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except DomainError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {"title": title, "form": form, "back_url": back, "button": button or _("Save"), "lead": lead}
    status = 422 if form.errors else 200
    return render(request, "partners/staff/form.html", {**site.each_context(request), **context}, status=status)


def posted(request: HttpRequest) -> Any:
    """The posted data, or None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def run(request: HttpRequest, act: Callable[[], object], back: str) -> HttpResponse:
    """One service call behind a button, then back with a word or the refusal."""
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect(back)
