"""Reader's language and time zone, headers every answer carries, and the 404 for what may not be seen."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from prm.core.errors import NotAllowed, NotVisible
from prm.web import errors

HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)

Handler = Callable[[HttpRequest], HttpResponse]


class FloorMiddleware:
    """Outermost of ours: turns NotVisible into the static 404, adds headers, keeps signed-in pages out of caches."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            response = errors.only_forms(response)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        user = getattr(request, "_cached_user", None)  # set only when somebody asked who it is
        if user is not None and user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer the two refusals a view may let through; every other exception goes its way."""
        if isinstance(exception, NotVisible):
            return errors.not_found(request)
        if isinstance(exception, NotAllowed):
            return errors.not_allowed(request, exception)
        return None


class ReaderMiddleware:
    """After authentication: the signed-in reader's own `language` and `time_zone`, where the user has them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        language = getattr(user, "language", "")
        if language in LANGUAGES:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        zone = getattr(user, "time_zone", "")
        try:
            timezone.activate(zoneinfo.ZoneInfo(str(zone))) if zone else timezone.deactivate()
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            timezone.deactivate()
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()
