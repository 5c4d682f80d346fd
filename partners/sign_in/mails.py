"""The mails of signing in: allauth says which and to whom, they are written with our templates into our outbox."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from partners.models import User
from partners.rules.access import access_of
from partners.rules.sign_in import providers_required
from partners.sign_in.session import provider_token
from prm.mail.links import absolute
from prm.mail.services import queue

NOTICES = {
    "account/email/email_changed": _("The e-mail address of your account was changed."),
    "account/email/email_confirm": _("Your e-mail address was confirmed."),
    "account/email/email_deleted": _("An e-mail address was removed from your account."),
    "account/email/password_changed": _("The password of your account was changed."),
    "account/email/password_reset": _("The password of your account was set anew with a link we mailed."),
    "account/email/password_set": _("A password was set for your account."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account; the old ones no longer work."),
    "mfa/email/totp_activated": _("Two-step sign-in with an authenticator app was switched on."),
    "mfa/email/totp_deactivated": _("Two-step sign-in with an authenticator app was switched off."),
    "socialaccount/email/account_connected": _("A single sign-on account was linked to your account."),
    "socialaccount/email/account_disconnected": _("A single sign-on account was taken off your account."),
}
CONFIRMS = frozenset({"account/email/email_confirmation", "account/email/email_confirmation_signup"})
OPENS = frozenset({"account/email/login_code", "account/email/password_reset_key"})


def send(template_prefix: str, email: str, context: dict[str, Any]) -> None:
    """Queue the mail allauth asks for. What is not listed here (sign-up, unknown addresses) is never mailed."""
    user = context.get("user") or User.objects.filter(email__iexact=email).first()
    if template_prefix in NOTICES:
        account_changed(user or email, template_prefix, email)
    elif template_prefix in CONFIRMS:
        if not User.objects.filter(email__iexact=email).exclude(pk=getattr(user, "pk", None)).exists():  # else it is taken
            confirm_address(email, context["code"], getattr(user, "language", ""))
    elif template_prefix in OPENS and user is not None:
        access = access_of(user)
        needed = providers_required(access.memberships + access.behind_sign_in)
        if needed:
            company_sign_in(user, needed)
        elif template_prefix.endswith("login_code"):
            login_code(user, context["code"])
        else:
            password_reset(user, context["password_reset_url"])


def login_code(user: User, code: str) -> None:
    """The code that signs a person in."""
    queue("partners.login_code", to=user, context={"code": code}, secret=True)


def password_reset(user: User, url: str) -> None:
    """The link that sets a new password, at our own address whatever host the form was posted to."""
    queue("partners.password_reset", to=user, context={"link": absolute(urlsplit(url).path)}, secret=True)


def confirm_address(email: str, code: str, language: str) -> None:
    """The code that proves a new address; it goes to an address that is not yet the user's."""
    queue("partners.confirm_address", to=email, context={"code": code}, secret=True, language=language)


def company_sign_in(user: User, providers: Iterable[str]) -> None:
    """Instead of a code or a link: this person signs in through their company."""
    link = absolute(f"{reverse('partners:company_sign_in')}?{urlencode({'via': provider_token(providers)})}")
    queue("partners.company_sign_in", to=user, context={"link": link})


def account_changed(to: User | str, template_prefix: str, email: str) -> None:
    """Something about the account changed: the owner should know, also at the address that was left."""
    left = isinstance(to, User) and to.email.lower() != email.lower()
    link = absolute(reverse("account_reset_password"))
    queue(
        "partners.account_changed",
        to=email if left else to,
        context={"what": NOTICES[template_prefix], "link": link},
        always=True,
    )
