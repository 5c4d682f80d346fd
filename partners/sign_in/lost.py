"""A sign-in that ended while a form was open: where to go on after signing in again."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getclosurevars
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def back_to_a_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Where a form sent without a sign-in leads to the login: afterwards comes a page that can be shown, and it is said why."""
    if request.method in SAFE or response.status_code != 302:
        return response
    target = urlsplit(response.headers["Location"])
    query = QueryDict(target.query, mutable=True)
    if target.path != resolve_url(settings.LOGIN_URL) or query.get("next") != request.get_full_path():
        return response
    query["next"] = _page_for(request)
    response.headers["Location"] = target._replace(query=query.urlencode(safe="/")).geturl()
    messages.warning(request, _("You had been signed out, so what you sent was not saved. Sign in and send it once more."))
    return response


def _page_for(request: HttpRequest) -> str:
    """The address itself, else the page the form was on, else the nearest page above."""
    if _can_be_shown(request.path):
        return request.get_full_path()
    return _referer(request) or _above(request.path)


def _referer(request: HttpRequest) -> str:
    sent = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(sent, {request.get_host()}, request.is_secure()):
        return ""
    page = urlsplit(sent)
    return page._replace(scheme="", netloc="", fragment="").geturl() if page.netloc and _can_be_shown(page.path) else ""


def _above(path: str) -> str:
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if _can_be_shown(path):
            break
    return path


def _can_be_shown(path: str) -> bool:
    try:
        return _takes_get(resolve(path).func)
    except Resolver404:
        return False


def _takes_get(view: Callable[..., Any]) -> bool:
    """Whether none of the view's decorators (`require_POST` …) refuses a GET: each keeps its methods in its closure."""
    layer: Any = view
    while layer is not None:
        kept = getclosurevars(layer).nonlocals if hasattr(layer, "__code__") else {}
        if "GET" not in kept.get("request_method_list", ("GET",)):
            return False
        layer = getattr(layer, "__wrapped__", None)
    return True
