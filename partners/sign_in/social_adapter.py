"""Our rules for single sign-on: it opens accounts that exist, and makes one only for an invited address."""

from typing import Any

from allauth.account.utils import user_email
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Invitation, User
from partners.queries.invitation import open_invitation
from partners.rules.access import access_of
from partners.rules.sign_in import providers_required
from partners.services import user as users
from partners.sign_in.session import drop_invitation, kept_invitation
from prm.core.errors import DomainError
from prm.core.text import clean_text

COMPANY = "openid_connect"


def confirmed_addresses(login: SocialLogin) -> list[str]:
    """The addresses the provider says it has checked. Some write "false" as text, so only a real yes counts."""
    return [address.email.lower() for address in login.email_addresses if address.verified is True]


def speaks_for_domain(login: SocialLogin, email: str) -> bool:
    """Google, Microsoft (one tenant) and a company's provider for its own domains are believed about an address."""
    if login.provider.id != COMPANY:
        return True
    return email.rpartition("@")[2] in (login.provider.app.settings.get("domains") or [])


def speaks_for(login: SocialLogin, user: User) -> bool:
    """A company's provider is believed about its own domains and about members of the companies that require it.

    Otherwise whoever runs one partner's provider could open the account of another partner's people, or of our staff.
    """
    if speaks_for_domain(login, user.email):
        return True
    access = access_of(user)
    return login.account.provider in providers_required(access.memberships + access.behind_sign_in)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The user whose own address the provider has checked."""
        for email in confirmed_addresses(sociallogin):
            user = User.objects.filter(email=email).first()
            if user is not None and speaks_for(sociallogin, user):
                users.settle_address(user)  # confirmed twice now, so the password stays
                return user, email
        return None

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Address and name from the provider. The rest it tells is not kept: names and addresses have one home."""
        sociallogin.account.extra_data = {}
        user = sociallogin.user
        user_email(user, data.get("email") or "")
        user.name = self._name(data)
        return user

    def _name(self, data: dict[str, Any]) -> str:
        parts = (str(data.get("first_name") or ""), str(data.get("last_name") or ""))
        try:
            return clean_text(data.get("name") or " ".join(parts), 150)
        except DomainError:
            return ""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return self._invitation(request, sociallogin) is not None

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Make the invited person's user, without a password, and link the provider to it."""
        invitation = self._invitation(request, sociallogin)
        proposed = sociallogin.user
        try:
            if invitation is None:
                raise DomainError(_("This invitation is not valid any more. Ask for a new one."))
            user = users.join_by_invitation(invitation, name=proposed.name or invitation.name, password=None, now=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
            raise ImmediateHttpResponse(redirect("account_login")) from error
        drop_invitation(request)
        sociallogin.user = user
        sociallogin.save(request, connect=True)
        return user

    def _invitation(self, request: HttpRequest, sociallogin: SocialLogin) -> Invitation | None:
        """The open invitation this browser came with, if it is for an address this provider may speak for."""
        invitation = open_invitation(kept_invitation(request), timezone.now())
        if invitation is None or invitation.email.lower() not in confirmed_addresses(sociallogin):
            return None
        required = invitation.partner.required_sign_in
        own = sociallogin.account.provider == required or (
            not required and speaks_for_domain(sociallogin, invitation.email.lower())
        )
        return invitation if own else None
