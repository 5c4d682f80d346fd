"""Which resellers buy from which distributors."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from partners.models import Partner, PartnerLink
from partners.rules.access import current_on


def are_linked(distributor_id: UUID, reseller_id: UUID, day: date) -> bool:
    """Whether the link holds on that day."""
    return PartnerLink.objects.filter(current_on(day), distributor=distributor_id, reseller=reseller_id).exists()


def distributors_of(partner: Partner, day: date) -> QuerySet[Partner]:
    """The distributors a reseller may name on that day, by name."""
    return Partner.objects.working().filter(pk__in=_linked("distributor", day, reseller=partner))


def resellers_of(partner: Partner, day: date) -> QuerySet[Partner]:
    """The resellers of a distributor on that day, by name."""
    return Partner.objects.working().filter(pk__in=_linked("reseller", day, distributor=partner))


def _linked(column: str, day: date, **which: Partner) -> QuerySet[PartnerLink]:
    return PartnerLink.objects.filter(current_on(day), **which).values(column)
