"""Our rules for signing in with an e-mail address, as django-allauth asks for them."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import clear_authentication_records, get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core.internal.httpkit import clean_client_ip, get_client_ip_from_xff
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from partners.enums import UserKind
from partners.models import User
from partners.rules.access import access_of
from partners.rules.sign_in import providers_required
from partners.services import user as users
from partners.sign_in import mails
from partners.sign_in.session import ask_for_provider, providers_used
from prm.core.text import HIDDEN

LOCAL = "127.0.0.1"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This e-mail address and password do not fit together."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes, or ask for a sign-in code by mail."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation only."""
        return False

    def clean_email(self, email: str) -> str:
        return HIDDEN.sub("", email).strip().lower()

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """After the password, code or provider was right and before anything is opened."""
        response = super().pre_login(request, user, **kwargs)
        if response is not None:
            return response
        if user.kind != UserKind.PERSON:  # a service has keys, never a session
            clear_login(request)
            return self.respond_user_inactive(request, user)
        access = access_of(user)
        needed = providers_required(access.memberships + access.behind_sign_in)
        if needed and not needed & providers_used(request, user):
            clear_login(request)
            clear_authentication_records(request)
            ask_for_provider(request, needed)
            return redirect("partners:company_sign_in")
        users.settle_address(user)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Neither the password nor the address fits; the answer to the visitor is the same."""
        users.note_wrong_password(str(credentials.get("email", "")))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mails.send(template_prefix, email, context)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address for rate limits, behind as many proxies as TRUSTED_PROXY_COUNT says."""
        try:
            address = get_client_ip_from_xff(request)
        except ImproperlyConfigured:  # a request that came past the proxies
            address = None
        return clean_client_ip(address or request.META.get("REMOTE_ADDR", "")) or LOCAL

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Counted per address, whatever name of this host the form was posted to."""
        return str(credentials.get("email", "")).strip().lower()

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Before changes to one's own sign-in; who has just signed in need not do it again."""
        records = get_authentication_records(self.request, self.request.user)
        just_now = bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not just_now and super().is_reauthentication_required(app=app, **kwargs)
