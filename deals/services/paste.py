"""Registering from a list: many drafts in one click."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from deals.models import Deal
from deals.services.deal import DealFacts, create_draft
from partners.models import Partner, User


@transaction.atomic
def create_drafts(partner: Partner, facts: Mapping[int, DealFacts], *, by: User, key: UUID) -> dict[int, Deal]:
    """One draft per row. `facts` by row number: key and number together are the draft's id, so that a form sent twice makes
    each draft once; answers those made now, by row number."""
    keys = {number: UUID(int=key.int + number) for number in facts}
    made = set(Deal.objects.filter(pk__in=keys.values()).values_list("pk", flat=True))
    new = {number: pk for number, pk in sorted(keys.items()) if pk not in made}
    return {number: create_draft(partner, facts[number], by=by, key=pk) for number, pk in new.items()}
