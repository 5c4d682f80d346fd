"""Contacts of a partner: people who get reports without signing in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from partners.acting import acting_partner
from partners.forms.team import ContactForm
from partners.queries import team as queries
from partners.rules import team as rules
from partners.services import contact as services
from partners.views.answer import done, refused
from prm.core.errors import DomainError
from prm.web.guards import require
from prm.web.rendering import page


@login_required
def contact_add(request: HttpRequest) -> HttpResponse:
    """Add a contact."""
    partner = acting_partner(request)
    require(rules.why_not_manage_team(request.user, partner))
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            contact = services.add_contact(partner, by=request.user, **form.cleaned_data)
        except DomainError as error:
            refused(form, error)
        else:
            return done(request, _("%(name)s is a contact now.") % {"name": contact.name})
    return page(request, "partners/team/contact.html", {"form": form, "partner": partner}, status=422 if form.errors else 200)


@login_required
@require_POST
def contact_reports(request: HttpRequest, ref: str) -> HttpResponse:
    """Turn the reports to a contact on or off."""
    contact = queries.get_contact(request.user, ref)
    require(rules.why_not_manage_team(request.user, contact.partner))
    wanted = request.POST.get("wanted")
    if wanted not in ("yes", "no"):
        messages.error(request, _("Choose one of the two."))
        return redirect("partners:team")
    services.set_wants_reports(contact, wanted == "yes", by=request.user)
    return done(request, _("Saved."))


@login_required
@require_POST
def contact_remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a contact off."""
    contact = queries.get_contact(request.user, ref)
    require(rules.why_not_manage_team(request.user, contact.partner))
    services.remove_contact(contact, by=request.user)
    return done(request, _("%(name)s is no contact any more.") % {"name": contact.name})
