"""The one place that hears allauth's signals; each is passed on to a service."""

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.socialaccount import signals as social
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from partners.models import User
from partners.services import user as users

FAILURES = (  # by nobody known: it need not be the owner who typed
    (mfa.authentication_failed, "second_factor_failed"),
    (account.login_code_rejected, "sign_in_code_rejected"),
)
CHANGES = (
    (account.password_changed, "password_changed"),
    (account.password_set, "password_set"),
    (account.password_reset, "password_reset"),
    (mfa.authenticator_added, "second_factor_added"),
    (mfa.authenticator_removed, "second_factor_removed"),
    (mfa.authenticator_reset, "second_factor_reset"),
    *FAILURES,
)


def _pass_on(event: str, by_owner: bool) -> Any:
    def hear(sender: Any, user: User, **kwargs: Any) -> None:
        users.note_security_event(user, event, by=user if by_owner else None)

    return hear


for _signal, _event in CHANGES:
    _signal.connect(_pass_on(_event, (_signal, _event) not in FAILURES), weak=False, dispatch_uid=f"partners.{_event}")


@receiver(account.user_logged_in, dispatch_uid="partners.signed_in")
def signed_in(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    records = get_authentication_records(request, user)
    methods = [str(record.get("provider") or record.get("type") or record["method"]) for record in records]
    users.note_sign_in(user, ", ".join(dict.fromkeys(methods))[:80])


@receiver(user_logged_out, dispatch_uid="partners.signed_out")
def signed_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        users.note_sign_out(user)


@receiver(account.email_changed, dispatch_uid="partners.email_changed")
def address_changed(sender: Any, user: User, from_email_address: Any, **kwargs: Any) -> None:
    users.settle_address(user)
    if from_email_address is not None:  # else the one address was only confirmed
        users.note_security_event(user, "address_changed", by=user)


@receiver(social.social_account_added, dispatch_uid="partners.provider_linked")
def provider_linked(sender: Any, sociallogin: Any, **kwargs: Any) -> None:
    users.note_security_event(sociallogin.user, "provider_linked", by=sociallogin.user)


@receiver(social.social_account_removed, dispatch_uid="partners.provider_unlinked")
def provider_unlinked(sender: Any, socialaccount: Any, **kwargs: Any) -> None:
    users.note_security_event(socialaccount.user, "provider_unlinked", by=socialaccount.user)
