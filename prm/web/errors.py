"""The pages of refusal. The 404 is one fixed text: a row one may not see looks like a row that never was."""

import functools

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotFound, HttpResponseServerError
from django.template.loader import get_template, render_to_string

from prm.core.errors import NotAllowed


@functools.cache
def _fixed(template: str) -> bytes:
    return get_template(template).render().encode()


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The static 404: no form, path, user, nonce or language; the same bytes for everybody."""
    return HttpResponseNotFound(_fixed("404.html"))


def only_forms(response: HttpResponse) -> HttpResponse:
    """The static 405 in place of Django's empty one: status and `Allow` stay."""
    response.content = _fixed("405.html")
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """The static 500, which needs no database."""
    return HttpResponseServerError(_fixed("500.html"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A 403 with the reasons the rule gave and where the way in begins."""
    reasons = getattr(exception, "reasons", [])
    return HttpResponseForbidden(render_to_string("403.html", {"reasons": reasons}, request=request))


def not_allowed(request: HttpRequest, error: NotAllowed) -> HttpResponse:
    """A service's own refusal that no view caught."""
    return forbidden(request, error)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: say so in the product's look."""
    return HttpResponseForbidden(render_to_string("403.html", {"stale_form": True}, request=request))
