"""The ways in that are ours: an invitation, and the page that leads to a company's own provider."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from partners.forms.sign_in import JoinForm
from partners.models import Invitation
from partners.queries.invitation import find_invitation
from partners.queries.user import has_sign_in
from partners.rules.access import access_of
from partners.rules.invitation import why_not_accept_invitation
from partners.services import invitation as invitations
from partners.services import user as users
from partners.sign_in.session import asked_providers, keep_invitation, provider_buttons
from prm.core.errors import DomainError
from prm.web.rendering import page


@sensitive_post_parameters("password", "password_again")
@never_cache
@login_not_required
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a mailed invitation: join with the sign-in one has, or make one."""
    invitation = find_invitation(token)
    reasons = why_not_accept_invitation(request.user, invitation, timezone.now())
    if reasons:
        context = {"invitation": invitation, "reasons": reasons, "other_person": reasons[0].key == "other_person"}
        return page(request, "partners/invitation/closed.html", context, status=403 if request.user.is_authenticated else 410)
    if request.user.is_authenticated:
        return _join_signed_in(request, invitation)
    if has_sign_in(invitation.email) or invitation.partner.required_sign_in:
        return _sign_in_first(request, invitation)
    return _join_as_new(request, invitation)


def _join_signed_in(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.method != "POST":
        return page(request, "partners/invitation/accept.html", {"invitation": invitation, "mode": "join"})
    try:
        invitations.accept(invitation, user=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(request.path)
    messages.success(request, _("You are now in the team of %(company)s.") % {"company": invitation.partner})
    return redirect("/")


def _sign_in_first(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The person has a sign-in, or gets one through the company's provider: away and back to this page."""
    required = invitation.partner.required_sign_in
    keep_invitation(request, invitation.token_hash)
    providers = provider_buttons(request, [required] if required else [])
    context = {"invitation": invitation, "mode": "sign_in", "providers": providers, "required": required, "next": request.path}
    return page(request, "partners/invitation/accept.html", context)


def _join_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, invitation=invitation)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        try:
            user = users.join_by_invitation(
                invitation, name=name, password=password, language=get_language() or "", now=timezone.now()
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(request.path)
        record_authentication(request, user, method="password", email=user.email)
        return perform_login(request, user)
    context = {"invitation": invitation, "mode": "new", "form": form}
    return page(request, "partners/invitation/accept.html", context, status=422 if form.errors else 200)


@never_cache
@login_not_required
def company_sign_in(request: HttpRequest) -> HttpResponse:
    """Where somebody learns that their company signs in elsewhere, with the button that leads there."""
    asked = asked_providers(request)
    if request.user.is_authenticated:
        asked = sorted({row.partner.required_sign_in for row in access_of(request.user).behind_sign_in}) or asked
    context = {"asked": asked, "providers": provider_buttons(request, asked)}
    return page(request, "partners/sign_in/company.html", context, status=403 if asked else 200)
