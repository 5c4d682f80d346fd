"""Erasing a person's own rows of this app: account, sign-in, contacts, invitations. History keeps ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.enums import INVITATION_STEPS, InvitationStatus
from partners.models import AdminRequest, Contact, Invitation, ManagerAssignment, StaffMember, StaffRoleGrant, User
from partners.queries.user import sessions_of
from partners.rules import forget_access
from partners.rules.access import current_on
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.forget import blank_words
from prm.core.states import take
from prm.record.services import delete_files

ERASED_NAME = "Erased person"


@dataclass(frozen=True)
class ErasedPartnerRows:
    """How many rows, and the ids and names under which other apps may know the person."""

    counts: dict[str, int]
    contact_ids: list[UUID]
    names: list[str]


def erased_address(pk: UUID) -> str:
    """An address nobody has."""
    return f"erased-{pk}@erased.invalid"


@transaction.atomic
def erase_user(user: User) -> dict[str, int]:
    """Blank the account and everything that signs in to it. The caller has ended memberships (the last-admin rule is there).

    Raises DomainError while the user is the channel manager of a partner.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if ManagerAssignment.objects.filter(current_on(timezone.localdate()), manager=user).exists():
        raise DomainError(_("This person is the channel manager of partners: give them to a colleague first."), key="manager")
    counts = {
        "e-mail addresses": EmailAddress.objects.filter(user=user).delete()[0],
        "linked sign-ins": SocialAccount.objects.filter(user=user).delete()[0],
        "second factors": Authenticator.objects.filter(user=user).delete()[0],
        "sessions": Session.objects.filter(pk__in=sessions_of(user)).delete()[0],
        "staff roles": StaffRoleGrant.objects.filter(staff__user=user).delete()[0],
    }
    if user.photo_id:
        counts["photos"] = delete_files(user)
    StaffMember.objects.filter(lead=user).update(lead=None)
    User.objects.filter(pk=user.pk).update(
        email=erased_address(user.pk),
        name=ERASED_NAME,
        title="",
        phone="",
        meeting_link="",
        photo=None,
        password="!",  # noqa: S106 - no password opens it
        is_active=False,
        is_superuser=False,
        erased_at=timezone.now(),
    )
    user.groups.clear()
    forget_access(user)
    audit.record("partners.user.erased", user, by=None, internal=True)
    return {"accounts": 1, **counts}


@transaction.atomic
def erase_named_rows(email: str) -> ErasedPartnerRows:
    """Contacts without sign-in go; invitations keep their row without name and address, open ones are revoked."""
    contacts = list(Contact.objects.filter(email__iexact=email))
    invitations = list(Invitation.objects.filter(email__iexact=email))
    for contact in contacts:
        audit.record("partners.contact.erased", contact, by=None, partner=contact.partner_id, internal=True)
        contact.delete()
    for invitation in invitations:
        if invitation.status == InvitationStatus.SENT:
            take(INVITATION_STEPS["revoke"], invitation)
        Invitation.objects.filter(pk=invitation.pk).update(email=erased_address(invitation.pk), name="")
    counts = {"contacts": len(contacts), "invitations": len(invitations)}
    names = [*(row.name for row in contacts), *(row.name for row in invitations)]
    return ErasedPartnerRows(counts, [row.pk for row in contacts], names)


@transaction.atomic
def blank_in_texts(words: list[str]) -> int:
    """Take the words out of what people typed in this app."""
    return blank_words(AdminRequest, ["reason"], words)
