"""The least a signed-in page can cost: our middleware and base template around one row found by its key."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_safe

from deals.models import Deal
from prm.web.admin_site import site

handler404 = "prm.web.errors.not_found"
BASES = {
    "portal": "{% extends 'base_portal.html' %}{% block content %}{{ deal.customer_name }}{% endblock %}",
    "staff": "{% extends 'admin/base_review.html' %}{% block page_content %}{{ deal.customer_name }}{% endblock %}",
}


@cache
def _template(base: str) -> Any:
    return engines["django"].from_string(BASES[base])


@login_required
@require_safe
def floor(request: HttpRequest, base: str, ref: str) -> HttpResponse:
    """One row in the frame of the portal or of the staff's pages."""
    frame = site.each_context(request) if base == "staff" else {}
    context = {**frame, "deal": Deal.objects.get(ref=ref), "title": "Floor"}
    return HttpResponse(_template(base).render(context, request))


urlpatterns = [path("bench/<str:base>/<str:ref>/", floor), path("", include("prm.urls"))]
