"""Pages and their partials from one URL; the message that offers an undo."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_vary_headers

UNDO = "undo"


def wants_partial(request: HttpRequest) -> bool:
    """True when htmx asks for a piece: not a boosted visit, not a history restore."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, partial: str | None = None, status: int = 200
) -> HttpResponse:
    """Render `template`, or only `partial` when htmx asks for a piece of the same page."""
    chosen = partial if partial and wants_partial(request) else template
    response = render(request, chosen, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        add_never_cache_headers(response)
    return response


def offer_undo(request: HttpRequest, text: str, undo_path: str) -> None:
    """Say what was done, with a button that posts to `undo_path` (a path of ours, made by `reverse`)."""
    messages.success(request, text, extra_tags=f"{UNDO} {undo_path}")
