"""Columns of the exported deal lists; cells a participant's role does not see stay empty."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.models import Deal, DealLine, Participant
from deals.rules.deal import FIELDS_SEEN
from prm.core.money import minor_digits
from prm.web.export import Column


def deal_columns() -> list[Column]:
    """Headers in the reader's language, values from a participant row with its deal."""
    return [
        Column(_("Deal"), lambda row: row.deal.ref),
        Column(_("Customer"), lambda row: row.deal.customer_name),
        Column(_("Country"), lambda row: str(row.deal.country)),
        Column(_("City or site"), lambda row: row.deal.city),
        Column(_("Project"), lambda row: row.deal.project),
        Column(_("Status"), lambda row: row.deal.get_status_display()),
        Column(_("Our part"), lambda row: row.get_role_display()),
        Column(_("Amount"), _seen("amounts", _amount)),
        Column(_("Currency"), _seen("amounts", lambda deal: deal.currency)),
        Column(_("Products"), _seen("lines", lambda deal: "; ".join(str(line) for line in deal.lines.all()))),
        Column(_("Stage"), _seen("pipeline", lambda deal: deal.get_stage_display())),
        Column(_("Expected close"), _seen("pipeline", lambda deal: deal.expected_close)),
        Column(_("Protected until"), lambda row: row.deal.protected_until),
        Column(f"{_('Submitted')} ({timezone.get_current_timezone_name()})", lambda row: row.deal.submitted_at),
    ]


def export_rows(rows: QuerySet[Participant]) -> QuerySet[Participant]:
    """With the products, read chunk by chunk."""
    return rows.prefetch_related(Prefetch("deal__lines", DealLine.objects.select_related("product").order_by("pk")))


def _amount(deal: Deal) -> Decimal | None:
    """With the digits of its currency."""
    return None if deal.amount is None else deal.amount.quantize(Decimal(1).scaleb(-minor_digits(deal.currency)))


def _seen(group: str, value: Callable[[Any], Any]) -> Callable[[Participant], Any]:
    return lambda row: value(row.deal) if group in FIELDS_SEEN[row.role] else None
