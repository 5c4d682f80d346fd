"""The gates between signing in and the first page: second factor of staff, a company's own provider, a live membership."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from partners.rules.access import access_of
from partners.rules.sign_in import SIGNED_IN_WITH, must_have_second_factor
from partners.sign_in.lost import back_to_a_page
from partners.sign_in.session import ask_for_provider, providers_used
from prm.web import errors

ACCOUNT_PAGES = "accounts/"
FACTOR_PAGES = ("mfa_", "account_reauthenticate")
HAS_FACTOR = "second_factor"
KEPT_SECONDS = 600

Handler = Callable[[HttpRequest], HttpResponse]


class SignInMiddleware:
    """After authentication. Pages marked `login_not_required` are open; the account pages ask only for the second factor."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            setattr(request._cached_user, SIGNED_IN_WITH, providers_used(request, request.user))  # type: ignore[attr-defined]
        return leave_by_page(request, back_to_a_page(request, self.get_response(request)))

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated or request.resolver_match is None:
            return None
        match = request.resolver_match
        if must_have_second_factor(request.user) and not _has_factor(request):
            request.second_factor_needed = True  # type: ignore[attr-defined]
            return None if (match.url_name or "").startswith(FACTOR_PAGES) else go(request, reverse("mfa_activate_totp"))
        if request.user.is_staff or match.route.startswith(ACCOUNT_PAGES):
            return None
        return _company_gate(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The address of a provider nobody has set up is no address: 404, not a failure."""
        return errors.not_found(request) if isinstance(exception, SocialApp.DoesNotExist) else None


def _has_factor(request: HttpRequest) -> bool:
    """Looked up, then kept in the session for ten minutes: one whose factor was taken off has to set up another."""
    if time.time() - request.session.get(HAS_FACTOR, 0) > KEPT_SECONDS:
        if not is_mfa_enabled(request.user):
            return False
        request.session[HAS_FACTOR] = int(time.time())
    return True


def _company_gate(request: HttpRequest) -> HttpResponse | None:
    """Nothing of a partner's for somebody without a live membership, or one opened the wrong way."""
    access = access_of(request.user)
    if access.memberships:
        return None
    if access.behind_sign_in:
        ask_for_provider(request, {row.partner.required_sign_in for row in access.behind_sign_in})
        return go(request, reverse("partners:company_sign_in"))
    return render(request, "partners/sign_in/no_access.html", status=403)


def go(request: HttpRequest, url: str) -> HttpResponse:
    """A redirect of the whole page, also when htmx asked for a piece of it."""
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else HttpResponseRedirect(url)


def leave_by_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A form may not lead off this site (CSP form-action), also not by a redirect; so a page leads to the provider instead."""
    target = response.headers.get("Location", "") if response.status_code == 302 and request.method == "POST" else ""
    match = request.resolver_match
    if not urlsplit(target).netloc or match is None or not match.route.startswith(ACCOUNT_PAGES):
        return response
    if urlsplit(target).netloc == request.get_host() or urlsplit(target).scheme not in {"http", "https"}:
        return response
    page = render(request, "partners/sign_in/leave.html", {"url": target, "host": urlsplit(target).hostname})
    page.cookies.update(response.cookies)
    return page
