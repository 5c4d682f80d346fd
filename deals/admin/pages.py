"""What every page of ours under the admin site does alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.web import rendering
from prm.web.admin_site import site


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render inside the admin's frame."""
    return rendering.page(request, template, {**site.each_context(request), **context}, status=status)


def number_of(request: HttpRequest) -> int:
    """The page asked for; 1 for anything that is no page number."""
    asked = request.GET.get("p", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1


def back_to(request: HttpRequest, default: str) -> HttpResponse:
    """Back to the posted `next` when it is a page of ours."""
    path = request.POST.get("next", "")
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(path if ours else default)


def run(form: forms.Form, call: Callable[[dict[str, Any]], Any]) -> bool:
    """Call the service with what the form holds; a refusal about a field becomes that field's error. StaleState and NotAllowed
    pass through."""
    if not form.is_valid():
        return False
    try:
        call(form.cleaned_data)
    except (StaleState, NotAllowed):
        raise
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    return True
