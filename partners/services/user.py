"""The user's own data and sign-in: profile, address, and what is written down about signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from partners.models import Invitation, User
from partners.services import invitation as invitations
from partners.services.team_lock import lock_team
from prm.audit import services as audit
from prm.core.errors import StaleState

PROFILE_FIELDS = ("name", "title", "phone", "meeting_link", "language", "time_zone", "review_keys")

WRONG_PASSWORDS_TOLD = frozenset({1, 5, 25, 100})
WRONG_PASSWORD_SECONDS = 3600


@transaction.atomic
def save_profile(user: User, *, by: User, **values: Any) -> list[str]:
    """Put these values of PROFILE_FIELDS on the user and return the fields that changed; only their names are recorded."""
    unknown = set(values) - set(PROFILE_FIELDS)
    if unknown:
        raise ValueError(f"not fields of the profile: {', '.join(sorted(unknown))}")
    row = User.objects.select_for_update().get(pk=user.pk)
    changed = sorted(field for field, value in values.items() if getattr(row, field) != value)
    for field in changed:
        setattr(row, field, values[field])
        setattr(user, field, values[field])
    if changed:
        row.save(update_fields=changed)
        audit.record("partners.user.profile_changed", user, by=by, data={"field_names": changed})
    return changed


@transaction.atomic
def settle_address(user: User) -> None:
    """Make `User.email` the one confirmed address allauth knows of this user.

    An address gets onto a user by an invitation mailed to it, by a code mailed to it, or by staff; so it counts as confirmed,
    and every other address, a former one above all, stops opening the account.
    """
    rows = EmailAddress.objects.filter(user=user)
    if list(rows.values_list("email", "verified", "primary")) == [(user.email, True, True)]:
        return
    EmailAddress.objects.filter(email__iexact=user.email).exclude(user=user).delete()
    rows.exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


@transaction.atomic
def join_by_invitation(invitation: Invitation, *, name: str, password: str | None, language: str = "", now: datetime) -> User:
    """Make the invited person's user and put it into the team. Without a password only the company's provider signs it in.

    Raises StaleState when the invitation was used, or the person got a user, in the meantime.
    """
    lock_team(invitation.partner_id)  # of two at once, the second sees what the first did
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name, language=language)
    except IntegrityError as error:
        raise StaleState(_("There is already a sign-in for this address. Please sign in to accept the invitation.")) from error
    settle_address(user)
    audit.record("partners.user.created", user, by=user, partner=invitation.partner)
    invitations.accept(invitation, user=user, now=now)
    return user


def note_sign_in(user: User, method: str) -> None:
    """Write down a completed sign-in. method: password, code, password_reset, mfa, or a provider's id."""
    audit.record("partners.user.signed_in", user, by=user, data={"method": method})


def note_sign_out(user: User) -> None:
    audit.record("partners.user.signed_out", user, by=user)


def note_security_event(user: User, event: str, *, by: User | None) -> None:
    """Write down a changed password, second factor, address or linked provider, or a failed try: `partners.user.<event>`."""
    audit.record(f"partners.user.{event}", user, by=by)


def note_wrong_password(email: str) -> None:
    """Write down that somebody tried a wrong password for this address: the 1st, 5th, 25th and 100th try of an hour, with the
    number so far. An address that nobody has leaves no trace."""
    user = User.objects.filter(email=email.strip().lower()).first() if "\x00" not in email else None
    if user is None:
        return
    key = f"partners.wrong_password.{user.pk}"
    cache.add(key, 0, WRONG_PASSWORD_SECONDS)
    try:
        tries = cache.incr(key)
    except ValueError:  # the hour ended in between
        tries = 1
    if tries in WRONG_PASSWORDS_TOLD:
        audit.record("partners.user.password_failed", user, by=None, data={"tries": tries})


@transaction.atomic
def reset_second_factor(user: User, *, by: User | None) -> int:
    """Take the authenticator app and recovery codes off a person who lost them. Returns how many factors there were.

    Whoever asks must know by other means that it is that person. Staff have to set up a new one before they go on.
    """
    removed, _rows = Authenticator.objects.filter(user=user).delete()
    if removed:
        audit.record("partners.user.second_factor_reset", user, by=by)
    return removed
