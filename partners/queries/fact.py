"""Reading facts about partners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from partners.models import Fact, Partner


def id_of(partner: Partner | UUID) -> UUID:
    """The id, of a partner or of itself."""
    return partner.pk if isinstance(partner, Partner) else partner


def facts_of(partner: Partner | UUID) -> dict[str, Any]:
    """Key → value of what is known about the partner as a company."""
    pk = id_of(partner)
    return facts_of_many([pk])[pk]


def value_of(partner: Partner | UUID, key: str) -> Any:
    """One value, or None when it is not known."""
    row = Fact.objects.filter(partner=id_of(partner), member=None, key=key).first()
    return getattr(row, row.type) if row else None


def facts_of_many(partner_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The facts of several partners in one query."""
    found: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for row in Fact.objects.filter(partner__in=list(partner_ids), member=None):
        found[row.partner_id][row.key] = getattr(row, row.type)
    return found
