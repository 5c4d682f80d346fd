"""The live protections as the CRM takes them, with the vendor's own opportunities they stand beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q

from deals.enums import ChangeRequestStatus, MatchedKind
from deals.models import Conflict, ConflictCandidate, Deal, DealLine

CHUNK = 1000
COLUMNS = (
    "deal_ref",
    "partner",
    "customer",
    "domain",
    "country",
    "city",
    "products",
    "effect",
    "scope",
    "protected_from",
    "protected_until",
    "external_ids",
)


def live_protections(source: str = "") -> Iterator[dict[str, Any]]:
    """One row per approved deal, oldest first, read in chunks. `products` and `external_ids` are joined by `|`.

    source: only opportunities of this source stand in `external_ids` (default: of all).
    """
    lines = DealLine.objects.select_related("product").order_by("product__name")
    rows = Deal.objects.approved().select_related("partner", "customer").prefetch_related(Prefetch("lines", queryset=lines))
    found = rows.order_by("protected_from", "pk").iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        ids = _opportunities([deal.pk for deal in chunk], source)
        for deal in chunk:
            yield _row(deal, ids[deal.pk])


def _row(deal: Deal, external_ids: Iterable[str]) -> dict[str, Any]:
    return {
        "deal_ref": deal.ref,
        "partner": deal.partner.name,
        "customer": deal.customer_name,
        "domain": deal.website or (deal.customer.domain if deal.customer else ""),
        "country": str(deal.country),
        "city": deal.city,
        "products": "|".join(line.product.name for line in deal.lines.all()),
        "effect": deal.effect,
        "scope": deal.scope,
        "protected_from": deal.protected_from,
        "protected_until": deal.protected_until,
        "external_ids": "|".join(external_ids),
    }


def _opportunities(deal_ids: list[UUID], source: str) -> dict[UUID, list[str]]:
    """The opportunities that the last check in force of each deal found to be, certainly or likely, the same."""
    in_force = Conflict.objects.filter(Q(change_request=None) | Q(change_request__status=ChangeRequestStatus.ACCEPTED))
    last = in_force.filter(deal__in=deal_ids).order_by("deal", "-created_at").distinct("deal")
    rows = ConflictCandidate.objects.filter(
        conflict__in=[row.pk for row in last], kind=MatchedKind.OPPORTUNITY, certainty__in=["certain", "likely"]
    )
    if source:
        rows = rows.filter(opportunity__source=source)
    found: dict[UUID, list[str]] = defaultdict(list)
    wanted = rows.values_list("conflict__deal", "opportunity__external_id")
    for deal_id, external_id in wanted.order_by("-score", "opportunity__external_id"):
        found[deal_id].append(external_id)
    return found
