"""Which tier a partner holds."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from partners.models import Partner
from programs.models import Tier, TierAssignment


def assignments_of(partner: Partner, day: date) -> QuerySet[TierAssignment]:
    """What was assigned to the partner and holds on that day, the latest first, with its tier."""
    rows = TierAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), partner=partner, starts_on__lte=day)
    return rows.select_related("tier").order_by("-starts_on")


def tier_of(partner: Partner, day: date) -> Tier | None:
    """The tier assigned on that day; None when nobody assigned one."""
    row = assignments_of(partner, day).first()
    return row.tier if row else None
