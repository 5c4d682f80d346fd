"""Which tier a partner holds."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from partners.models import Partner
from programs.models import Tier, TierAssignment


def tier_of(partner: Partner, day: date) -> Tier | None:
    """The tier assigned on that day; None when nobody assigned one."""
    rows = TierAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), partner=partner, starts_on__lte=day)
    row = rows.select_related("tier").order_by("-starts_on").first()
    return row.tier if row else None
