"""The team page and what the partner's admins do there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from partners.acting import acting_partner
from partners.forms.team import InviteForm, SightForm
from partners.queries import team as queries
from partners.rules import team as rules
from partners.services import invitation as invitations
from partners.services import partner as partners
from partners.views.answer import done, refused
from prm.core.errors import DomainError
from prm.web.guards import require
from prm.web.rendering import page


@login_required
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """Members, invitations and contacts of the partner one acts for."""
    partner = acting_partner(request)
    require(rules.can_see_team(request.user, partner))
    found = queries.team_of(partner)
    locked = rules.why_not_manage_team(request.user, partner)
    today = timezone.localdate()
    context = {
        "partner": partner,
        "team": found,
        "can_manage": not locked,
        "can_ask_for_admin": locked and not rules.why_not_ask_for_admin(request.user, partner, found.admin_last_seen_on, today),
        "sight_form": SightForm(initial={"deal_sight": partner.deal_sight}),
        "now": timezone.now(),
    }
    return page(request, "partners/team/list.html", context)


@login_required
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a person by e-mail."""
    partner = acting_partner(request)
    require(rules.why_not_manage_team(request.user, partner))
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = invitations.invite(partner, by=request.user, **form.cleaned_data)
        except DomainError as error:
            refused(form, error)
        else:
            return done(request, _("The invitation is on its way to %(address)s.") % {"address": sent.email})
    context = {"form": form, "partner": partner}
    return page(request, "partners/team/invite.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def invitation_step(request: HttpRequest, ref: str, step: str) -> HttpResponse:
    """Send an open invitation again, or take it back."""
    invitation = queries.get_invitation(request.user, ref)
    require(rules.can_change_invitation(request.user, step, invitation))
    service, said = {
        "resend": (invitations.resend, _("The invitation was sent again; the link in the earlier mail no longer works.")),
        "revoke": (invitations.revoke, _("The invitation was taken back; its link no longer works.")),
    }[step]
    try:
        service(invitation, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("partners:team")
    return done(request, said)


@login_required
@require_POST
def deal_sight(request: HttpRequest) -> HttpResponse:
    """Set whether sales members see all deals of the company or only their own."""
    partner = acting_partner(request)
    require(rules.why_not_manage_team(request.user, partner))
    form = SightForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the two."))
        return redirect("partners:team")
    partners.set_deal_sight(partner, form.cleaned_data["deal_sight"], by=request.user)
    return done(request, _("Saved. It counts from the next page on."))
