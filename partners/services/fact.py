"""Putting facts down, for the apps above: one value per partner (or member) and key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.models import Fact, Membership, Partner
from partners.queries.fact import id_of
from partners.rules.fact import columns, fact_key

VALUES = ["type", "number", "text", "date", "flag", "as_of"]
BATCH = 2000


def put(
    partner: Partner | UUID, key: str, value: Any, *, member: Membership | None = None, as_of: datetime | None = None
) -> None:
    """Write one fact; an older `as_of` than the stored one changes nothing."""
    put_many(key, [(id_of(partner), member, value)], as_of=as_of)


@transaction.atomic
def put_many(key: str, values: Iterable[tuple[UUID, Membership | None, Any]], *, as_of: datetime | None = None) -> int:
    """Write one key for many partners: (partner id, member or None, value). Raises LookupError for an undeclared key."""
    fact, moment = fact_key(key), as_of or timezone.now()
    rows = []
    for partner_id, member, value in values:
        if fact.of_member != (member is not None):
            raise TypeError(f"fact {key} is {'about a member' if fact.of_member else 'about the partner'}")
        rows.append(Fact(partner_id=partner_id, member=member, key=key, type=fact.type, as_of=moment, **columns(fact, value)))
    rows = _without_older(key, rows, moment)
    Fact.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["partner", "member", "key"], update_fields=VALUES, batch_size=BATCH
    )
    return len(rows)


def _without_older(key: str, rows: list[Fact], moment: datetime) -> list[Fact]:
    """Drop the values that are older than what is stored: a late sweep does not undo a newer fact."""
    newer = Fact.objects.filter(key=key, as_of__gt=moment, partner__in={row.partner_id for row in rows})
    stored = set(newer.values_list("partner_id", "member_id"))
    return [row for row in rows if (row.partner_id, row.member_id) not in stored]
