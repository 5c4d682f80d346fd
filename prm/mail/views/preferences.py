"""Which reminders a signed-in person wants by mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prm.mail import queries, registry
from prm.mail.services import recipients
from prm.web.rendering import page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """GET shows every kind of reminder with a tick; POST keeps the ticks."""
    kinds = registry.kinds(nudge=True)
    if request.method == "POST":
        wanted = set(request.POST.getlist("wanted"))
        recipients.set_user_preferences(request.user, {kind.key: kind.key in wanted for kind in kinds})
        messages.success(request, _("Saved."))
        return redirect("mail:preferences")
    said = queries.preferences_of(request.user)
    every = said.get(queries.ALL_NUDGES, True)
    rows = [{"kind": kind, "wanted": every and said.get(kind.key, True)} for kind in kinds]
    return page(request, "mail/preferences.html", {"rows": rows})
