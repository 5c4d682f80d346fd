"""Dated links between distributors and resellers."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from partners.models import Partner, PartnerLink, User
from partners.services.team_lock import lock_team
from prm.audit import services as audit
from prm.core.errors import DomainError


@transaction.atomic
def link_partners(
    distributor: Partner, reseller: Partner, *, starts_on: date, by: User | None, ends_on: date | None = None
) -> PartnerLink:
    """Link a reseller to a distributor for a time. Raises DomainError when they are linked in that time already."""
    if distributor.pk == reseller.pk:
        raise DomainError(_("A partner cannot be its own distributor."), field="reseller")
    if ends_on is not None and ends_on < starts_on:
        raise DomainError(_("The last day lies before the first."), field="ends_on")
    lock_team(reseller.pk)
    rows = PartnerLink.objects.filter(distributor=distributor, reseller=reseller).exclude(ends_on__lt=starts_on)
    if (rows.filter(starts_on__lte=ends_on) if ends_on else rows).exists():
        raise DomainError(_("These two are linked in this time already."), field="starts_on")
    link = PartnerLink.objects.create(distributor=distributor, reseller=reseller, starts_on=starts_on, ends_on=ends_on)
    data = {"distributor": distributor.pk, "reseller": reseller.pk, "starts_on": starts_on, "ends_on": ends_on}
    audit.record("partners.link.made", link, by=by, partner=reseller, data=data)
    return link


@transaction.atomic
def end_link(link: PartnerLink, *, by: User, on: date) -> PartnerLink:
    """Let the link hold for the last time on that day."""
    if on < link.starts_on:
        raise DomainError(_("The last day lies before the first."), field="ends_on")
    if not PartnerLink.objects.filter(pk=link.pk, ends_on=None).update(ends_on=on):
        raise DomainError(_("This link has an end already."), field="ends_on")
    link.ends_on = on
    audit.record("partners.link.ended", link, by=by, partner=link.reseller_id, data={"ends_on": on})
    return link
