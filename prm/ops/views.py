"""Addresses for load balancers and monitors. They tell nothing about data and need no sign-in."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from prm.ops import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The web process lives and answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker, worker and beat; 503 when one of them does not work."""
    report = health.report()
    return JsonResponse(report, status=200 if report["status"] == "ok" else 503)
