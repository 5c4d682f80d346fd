"""Whether a returned registration that was rewritten is still about the same thing: then it keeps its first submission time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deals.models import Deal
from deals.queries.conflict import identity_of_deal
from deals.queries.customer import token_counts
from prm.catalog.models import Product
from prm.matching import UNLIKELY, Frequency, Identity, compare


def time_kept(deal: Deal) -> datetime | None:
    """The submission time of the deal's last check while customer, place, project and products are still the same; else None.

    Saying more is not another thing: a longer name, a website or a city that was blank, a product less or of the same family.
    """
    inputs: dict[str, Any] = deal.conflicts.order_by("-created_at").values_list("inputs", flat=True).first() or {}
    if "submitted_at" not in inputs:  # loaded, not checked here
        return deal.submitted_at
    same = _same_project(deal, inputs) and _same_products(deal, inputs) and _same_customer(deal, inputs)
    return datetime.fromisoformat(inputs["submitted_at"]) if same else None


def _same_project(deal: Deal, inputs: dict[str, Any]) -> bool:
    return len({" ".join(name.casefold().split()) for name in (deal.project, inputs["project"]) if name}) < 2


def _same_products(deal: Deal, inputs: dict[str, Any]) -> bool:
    before = list(Product.objects.filter(pk__in=inputs["products"]))
    ids, families = {product.pk for product in before}, {product.family_id for product in before} - {None}
    return all(line.product_id in ids or line.product.family_id in families for line in deal.lines.select_related("product"))


def _same_customer(deal: Deal, inputs: dict[str, Any]) -> bool:
    """Alike by the duplicate check's own measure, and nothing against it."""
    after = identity_of_deal(deal)
    before = Identity(
        name=inputs["customer"],
        domain=inputs["domain"],
        country=inputs["country"],
        city=inputs["city"],
        registration_number=inputs["registration_number"],
    )
    if before == after:
        return True
    tokens = {token for identity in (before, after) for name in identity.names for token in name.tokens}
    counts = token_counts([*tokens, ""])  # the empty token carries the number of names
    found = compare(before, after, Frequency(counts, max(counts.pop("", 0), 1000)))
    return found.certainty != UNLIKELY and not found.contradictions
