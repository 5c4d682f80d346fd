"""The partner's own life: made, suspended, resumed; what its admins may set."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.enums import PARTNER_STEPS, DealSight, PartnerStatus
from partners.models import Partner, PartnerType, User
from partners.services.role_group import make_role_groups
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.states import take
from prm.core.text import clean_text
from prm.mail.enums import RecipientStatus
from prm.mail.services import recipients

PROFILE = (
    "parent",
    "external_ref",
    "size",
    "employees",
    "industry",
    "country",
    "region",
    "city",
    "website",
    "opened_year",
    "language",
    "time_zone",
)


@transaction.atomic
def create_partner(
    name: str, partner_type: PartnerType, *, by: User | None, status: str = PartnerStatus.ACTIVE, **profile: Any
) -> Partner:
    """A new partner with the groups and grants of its roles. `profile`: fields of PROFILE. Records partners.partner.created."""
    if unknown := profile.keys() - set(PROFILE):
        raise TypeError(f"not part of a partner's profile: {', '.join(sorted(unknown))}")
    name = clean_text(name, 200, required=True, field="name")
    partner = Partner.objects.create(name=name, sort_name=sort_name(name), partner_type=partner_type, status=status, **profile)
    make_role_groups([partner])
    audit.record("partners.partner.created", partner, by=by, partner=partner, data={"status": partner.status})
    return partner


@transaction.atomic
def change_partner(partner: Partner, *, by: User | None, **changes: Any) -> Partner:
    """Change the name or profile. Records the names of the fields that changed, and nothing when none did."""
    if unknown := changes.keys() - {"name", "partner_type", *PROFILE}:
        raise TypeError(f"not part of a partner's profile: {', '.join(sorted(unknown))}")
    row = Partner.objects.select_for_update(of=("self",), no_key=True).get(pk=partner.pk)
    if "name" in changes:
        changes["name"] = clean_text(changes["name"], 200, required=True, field="name")
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, changes[name])
    if "name" in changed:
        row.sort_name = sort_name(row.name)
    if changed:
        row.save(update_fields=[*changed, "sort_name"])
        audit.record("partners.partner.changed", row, by=by, partner=row, data={"field_names": sorted(changed)})
    return row


@transaction.atomic
def suspend_partner(partner: Partner, *, by: User) -> Partner:
    """Stop the access of all its people; their next request is refused, mails to them stop."""
    take(PARTNER_STEPS["suspend"], partner, suspended_at=timezone.now())
    recipients.set_status(partner, RecipientStatus.SUSPENDED)
    audit.record(PARTNER_STEPS["suspend"].event, partner, by=by, partner=partner)
    return partner


@transaction.atomic
def resume_partner(partner: Partner, *, by: User) -> Partner:
    """Give a suspended partner's people their access back."""
    take(PARTNER_STEPS["resume"], partner, suspended_at=None)
    recipients.set_status(partner, RecipientStatus.OK)
    audit.record(PARTNER_STEPS["resume"].event, partner, by=by, partner=partner)
    return partner


@transaction.atomic
def leave_partner(partner: Partner, *, by: User, ends_on: date) -> Partner:
    """Begin the leaving: its people still reach what is open until the end date, and start nothing new."""
    if ends_on < timezone.localdate():
        raise DomainError(_("The end date lies in the past."), field="ends_on")
    take(PARTNER_STEPS["leave"], partner, ends_on=ends_on)
    audit.record(PARTNER_STEPS["leave"].event, partner, by=by, partner=partner, data={"ends_on": ends_on})
    return partner


@transaction.atomic
def end_partner(partner: Partner, *, by: User | None) -> Partner:
    """The end date is reached."""
    take(PARTNER_STEPS["end"], partner)
    recipients.set_status(partner, RecipientStatus.LEFT)
    audit.record(PARTNER_STEPS["end"].event, partner, by=by, partner=partner)
    return partner


@transaction.atomic
def set_deal_sight(partner: Partner, sight: str, *, by: User) -> Partner:
    """Whether sales members see all deals of the company or only their own."""
    if sight not in DealSight.values:
        raise DomainError(_("Choose one of the two."), field="deal_sight")
    changed = Partner.objects.filter(pk=partner.pk).exclude(deal_sight=sight).update(deal_sight=sight)
    if changed:
        audit.record("partners.partner.deal_sight_set", partner, by=by, partner=partner, data={"to": sight})
    partner.deal_sight = sight
    return partner


def sort_name(name: str) -> str:
    """The name as lists sort it."""
    return name.casefold()[:200]
