"""People of a partner who never sign in but may get reports."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from partners.models import Contact, Partner, User
from partners.rules.team import clean_email
from partners.services.team_lock import lock_team
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.text import clean_text


@transaction.atomic
def add_contact(
    partner: Partner, *, name: str, email: str, by: User | None, title: str = "", wants_reports: bool = True
) -> Contact:
    """A new contact. Raises DomainError when the address is a contact already."""
    values = _clean(name, email, title)
    lock_team(partner.pk)
    if Contact.objects.filter(partner=partner, email__iexact=values["email"]).exists():
        raise DomainError(_("There is a contact with this address already."), field="email")
    contact = Contact.objects.create(partner=partner, wants_reports=wants_reports, **values)
    audit.record("partners.contact.added", contact, by=by, partner=partner)
    return contact


@transaction.atomic
def set_wants_reports(contact: Contact, wanted: bool, *, by: User) -> Contact:
    """Turn the reports to this contact on or off."""
    if Contact.objects.filter(pk=contact.pk).exclude(wants_reports=wanted).update(wants_reports=wanted):
        audit.record("partners.contact.changed", contact, by=by, partner=contact.partner_id, data={"wants_reports": wanted})
    contact.wants_reports = wanted
    return contact


@transaction.atomic
def remove_contact(contact: Contact, *, by: User) -> None:
    """Take the contact off; the personal data goes with the row."""
    audit.record("partners.contact.removed", contact, by=by, partner=contact.partner_id)
    contact.delete()


def _clean(name: str, email: str, title: str) -> dict[str, str]:
    return {
        "name": clean_text(name, 150, required=True, field="name"),
        "email": clean_email(email),
        "title": clean_text(title, 100, field="title"),
    }
