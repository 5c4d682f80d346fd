"""Erasing a person: their own rows are blanked; what is append-only keeps ids and says nothing of who it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from deals.services import erase as deals
from partners.enums import MembershipStatus, Role
from partners.models import Membership, User
from partners.queries.team import successors_of
from partners.rules.team import clean_email
from partners.services import erase as partners
from partners.services import membership as memberships
from prm.core.errors import DomainError
from prm.core.forget import words_of
from prm.mail import services as mail
from prm.people.services.member import remove_member
from prm.record.services.erase import blank_in_comments
from prm.web.services import forget_saved_views


class _Undo(Exception):
    """Takes a dry run back."""


@dataclass
class Erased:
    """What was (or would be) erased: rows by kind, none that are zero."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, counts: dict[str, int]) -> None:
        self.counts.update({name: count for name, count in counts.items() if count})


def erase_person(email: str, *, dry_run: bool = False) -> Erased:
    """Erase everybody of this address: account, contact without sign-in, contact at a customer, invited person.

    Live memberships end first, and the work goes to a colleague. Raises NotAllowed for the last admin of a partner, DomainError
    when nobody has the address, or the person still manages partners. All or nothing; a dry run changes nothing.
    """
    erased = Erased()
    try:
        with transaction.atomic():
            _erase(clean_email(email), erased)
            if dry_run:
                raise _Undo
    except _Undo:
        pass
    return erased


def _erase(email: str, erased: Erased) -> None:
    user = User.objects.filter(email__iexact=email).first()
    known = partners.erase_named_rows(email)
    contacts, contact_names = deals.erase_contacts(email)
    erased.add({**known.counts, "contacts at customers": contacts})
    names = [*known.names, *contact_names, user.name if user else ""]
    words = words_of(names, [email])
    erased.add(deals.erase_in_deals(email, user, words))
    if user is not None:
        erased.add({"memberships": _leave_teams(user)})
        erased.add(partners.erase_user(user))
        theirs = LogEntry.objects.filter(Q(user=user) | Q(object_id=str(user.pk)))
        erased.add({"saved views": forget_saved_views(user), "log entries": theirs.delete()[0]})
    mails = [mail.erase_address(pk, email) for pk in (user.pk if user else None, *known.contact_ids)]  # also the last farewell
    erased.add({"mails": sum(mails)})
    if not erased.counts:
        raise DomainError(_("Nobody of this address is known."), key="unknown")
    texts = partners.blank_in_texts(words) + blank_in_comments(words)
    erased.add({"texts": texts, "mails that name the person": mail.blank_in_mails(words)})


def _leave_teams(user: User) -> int:
    """End every live membership; open deals go to an admin if there is one, else to another colleague who may."""
    rows = Membership.objects.filter(user=user).exclude(status=MembershipStatus.REMOVED).select_related("partner", "user")
    for row in list(rows.order_by("pk")):
        able = sorted(successors_of(row), key=lambda other: other.role != Role.ADMIN)
        if able:
            remove_member(row, by=None, successor=able[0])
        else:
            memberships.remove(row, by=None)
    return len(rows)
