"""Won becomes booked: a sale matched, or staff confirmed an order number. Only booked sales count as revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from deals.enums import DEAL_STEPS
from deals.models import Deal, Sale
from deals.rules.deal import why_not_review
from prm.audit import services as audit
from prm.core.errors import DomainError, NotAllowed
from prm.core.states import take
from prm.core.text import clean_text

if TYPE_CHECKING:
    from partners.models import User


@transaction.atomic
def book_deal(deal: Deal, *, by: User | None, order_ref: str = "", sale: Sale | None = None) -> Deal:
    """Book a won deal under an order number, or under the sale that matches it (`by` None: the import found it).

    Records deals.deal.booked. Raises DomainError without an order number, NotAllowed, StaleState.
    """
    if by is not None and (reasons := why_not_review(by, deal, step="")):
        raise NotAllowed(reasons)
    order = clean_text(order_ref or (sale.order_ref if sale else ""), 64, field="order_ref")
    if not order:
        raise DomainError(_("Enter the order number under which it was booked."), key="no_order", field="order_ref")
    take(DEAL_STEPS["book"], deal, order_ref=order)
    if sale is not None and sale.deal_id is None:
        Sale.objects.filter(pk=sale.pk, deal=None).update(deal=deal)
    data = {"sale": str(sale.pk)} if sale else {"confirmed": True}
    audit.record("deals.deal.booked", deal, by=by, partner=deal.partner, data=data)
    return deal
