"""Won, not booked: staff confirm the order number where no sale has matched."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from deals.admin.pages import page, run
from deals.forms.review import BookForm
from deals.queries import review
from deals.rules.deal import why_not_review
from deals.rules.review import can_see_queue
from deals.services.booking import book_deal
from prm.core.errors import StaleState
from prm.web.admin_site import Queue, site
from prm.web.guards import require

MOST = 100


@require_safe
def booking_list(request: HttpRequest) -> HttpResponse:
    """Deals won by the partner's word, the oldest first."""
    require(can_see_queue(request.user))
    return page(request, "deals/review/bookings.html", _context(request))


def _context(request: HttpRequest, ref: str = "", form: BookForm | None = None) -> dict[str, Any]:
    rows = list(review.won_not_booked(request.user)[: MOST + 1])
    lines = [
        {
            "deal": row,
            "why_not": why_not_review(request.user, row, "book"),
            "form": form if form and row.ref == ref else BookForm(auto_id=f"{row.ref}-%s"),
        }
        for row in rows[:MOST]
    ]
    return {"title": _("Won, not booked"), "rows": lines, "more": len(rows) > MOST}


@require_POST
def book(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm the order number of one deal."""
    deal = review.get_deal_for_staff(request.user, ref)
    require(why_not_review(request.user, deal, step=""))
    form = BookForm(request.POST, auto_id=f"{ref}-%s")
    name = f"{deal.ref} {deal.customer_name}"
    try:
        done = run(form, lambda data: book_deal(deal, by=request.user, **data))
    except StaleState as error:
        messages.error(request, f"{name}: {error}")
        return redirect("admin:deals_bookings")
    if not done:
        return page(request, "deals/review/bookings.html", _context(request, ref, form), status=422)
    messages.success(request, _("%(name)s: booked.") % {"name": name})
    return redirect("admin:deals_bookings")


site.register_page("deals/bookings/", booking_list, "deals_bookings")
site.register_page("deals/bookings/<str:ref>/", book, "deals_book")
site.register_queue(
    Queue(
        key="deals_bookings",
        label=gettext_lazy("Won, not booked"),
        url_name="admin:deals_bookings",
        icon="receipt",
        order=30,
        count="deals.queries.review.won_not_booked_size",
        seen="deals.rules.review.can_see_queue",
    )
)
