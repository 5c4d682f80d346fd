"""Small posts that every page offers: theme, language, saved views."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prm.core.errors import DomainError
from prm.web import queries, services, shell

YEAR = 365 * 24 * 3600


def back(request: HttpRequest, default: str = "/") -> HttpResponseRedirect:
    """Back to the posted `next` when it is a page of ours."""
    path = request.POST.get("next", "")
    return HttpResponseRedirect(path if _is_ours(request, path) else default)


def _is_ours(request: HttpRequest, path: str) -> bool:
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, {request.get_host()}, request.is_secure())


def _keep(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE)
    return response


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    response = back(request)
    return _keep(response, shell.THEME_COOKIE, chosen) if chosen in shell.THEMES else response


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = back(request)
    if chosen not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        services.remember_language(request.user, chosen)
    return _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)


@login_required
@require_POST
def saved_view_create(request: HttpRequest) -> HttpResponse:
    acting = shell.acting_for(request)
    path = request.POST.get("path", "")
    query = queries.clean_query(request.POST.get("query", ""))
    try:
        view = services.save_view(
            by=request.user,
            list_key=request.POST.get("list_key", ""),
            name=request.POST.get("name", ""),
            query=query,
            scope=request.POST.get("scope", ""),
            partner_id=acting.id if acting else None,
        )
        messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    except DomainError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect((f"{path}?{query}" if query else path) if _is_ours(request, path) else "/")


@login_required
@require_POST
def saved_view_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    view = queries.get_own_saved_view(request.user, pk)
    services.delete_view(view)
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return back(request)
