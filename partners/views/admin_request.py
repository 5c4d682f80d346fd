"""Asking for a new admin when the team's admin is gone."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.acting import acting_partner
from partners.forms.team import AdminRequestForm
from partners.queries import team as queries
from partners.rules import team as rules
from partners.services import admin_request as services
from partners.views.answer import done, refused
from prm.core.errors import DomainError
from prm.web.guards import require
from prm.web.rendering import page


@login_required
def ask_for_admin(request: HttpRequest) -> HttpResponse:
    """A member asks that a colleague, or they themselves, become admin."""
    partner = acting_partner(request)
    found = queries.team_of(partner)
    require(rules.why_not_ask_for_admin(request.user, partner, found.admin_last_seen_on, timezone.localdate()))
    form = AdminRequestForm(request.POST if request.method == "POST" else None, members=queries.possible_admins(found.members))
    if request.method == "POST" and form.is_valid():
        candidate, reason = form.cleaned_data["member"], form.cleaned_data["reason"]
        try:
            services.ask(partner, candidate=candidate, reason=reason, by=request.user)
        except DomainError as error:
            refused(form, error)
        else:
            return done(request, _("Your request is with your channel manager. Once confirmed, it takes two business days."))
    context = {"form": form, "partner": partner, "open": found.request}
    return page(request, "partners/team/ask_for_admin.html", context, status=422 if form.errors else 200)
