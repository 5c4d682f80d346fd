"""Unsubscribing from a link in a mail: no sign-in, the signed link is the right to do it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from prm.core.errors import NotVisible
from prm.mail import queries, registry
from prm.mail.links import read_unsubscribe
from prm.mail.services import recipients


@csrf_exempt  # mail programs post here by themselves (RFC 8058)
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks (link checkers follow links), POST turns this kind of reminder off, or all, or this kind on again."""
    read = read_unsubscribe(token)
    if read is None:
        raise NotVisible
    who, template = read
    if request.method == "POST":
        every = request.POST.get("what") == "all"
        back = request.POST.get("what") == "back"
        recipients.set_preference(who, queries.ALL_NUDGES if every or back else template, back)
        if back:
            recipients.set_preference(who, template, True)
    context = {"title": registry.title(template), "wanted": queries.wants(who, template), "done": request.method == "POST"}
    response = render(request, "mail/unsubscribe.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
