"""A person assigns a tier: from, until, reason; it is put as a fact."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from partners.models import Partner, User
from partners.services import fact
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.text import clean_text
from programs.models import Tier, TierAssignment


@transaction.atomic
def assign_tier(
    partner: Partner, tier: Tier, *, by: User, starts_on: date, reason: str, ends_on: date | None = None
) -> TierAssignment:
    """End the present assignment the day before and start this one. Records programs.tier.assigned.

    Raises DomainError without a reason, or when it would start before the present one did.
    """
    text = clean_text(reason, 300, required=True, field="reason")
    Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    present = TierAssignment.objects.filter(partner=partner, ends_on=None).first()
    if present and present.starts_on >= starts_on:
        raise DomainError(_("The present tier began on or after that day. Choose a later start."), field="starts_on")
    if present:
        TierAssignment.objects.filter(pk=present.pk).update(ends_on=starts_on - timedelta(days=1))
    row = TierAssignment.objects.create(
        partner=partner, tier=tier, starts_on=starts_on, ends_on=ends_on, reason=text, assigned_by=by
    )
    fact.put(partner, "tier", tier.key)
    audit.record("programs.tier.assigned", row, by=by, partner=partner, data={"tier": tier.key})
    return row
