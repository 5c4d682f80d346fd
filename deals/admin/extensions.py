"""More time asked for: grant or refuse, one card each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from deals.admin.pages import page, run
from deals.forms.review import ExtensionDecisionForm
from deals.models import Extension
from deals.queries import review
from deals.rules.deal import why_not_review
from deals.rules.review import can_see_queue
from deals.services import extension as services
from prm.core.errors import StaleState
from prm.web.admin_site import Queue, site
from prm.web.guards import require

MOST = 50


@require_safe
def extension_list(request: HttpRequest) -> HttpResponse:
    """The requests that wait for this user, the most urgent first."""
    require(can_see_queue(request.user))
    return page(request, "deals/review/extensions.html", _context(request))


def _context(request: HttpRequest, ref: str = "", form: ExtensionDecisionForm | None = None) -> dict[str, Any]:
    rows = list(review.extensions_asked(request.user)[: MOST + 1])
    return {
        "title": _("Extensions asked"),
        "cards": [_card(request.user, row, form if row.ref == ref else None) for row in rows[:MOST]],
        "more": len(rows) > MOST,
    }


def _card(user: Any, row: Extension, form: ExtensionDecisionForm | None) -> dict[str, Any]:
    until = row.deal.protected_until
    return {
        "extension": row,
        "new_until": until + timedelta(days=row.days) if until else None,
        "why_not": why_not_review(user, row.deal, "extend"),
        "form": form or ExtensionDecisionForm(auto_id=f"{row.ref}-%s"),
    }


@require_POST
def extension_decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Grant or refuse, by the button that was pressed."""
    row = review.get_extension(request.user, ref)
    require(why_not_review(request.user, row.deal, step=""))
    grant = request.POST.get("decision") == "grant"
    call = services.grant_extension if grant else services.refuse_extension
    form = ExtensionDecisionForm(request.POST, auto_id=f"{ref}-%s")
    try:
        done = run(form, lambda data: call(row, by=request.user, **data))
    except StaleState as error:
        messages.error(request, f"{row.deal.ref} {row.deal.customer_name}: {error}")
        return redirect("admin:deals_extensions")
    if not done:
        return page(request, "deals/review/extensions.html", _context(request, ref, form), status=422)
    said = _("%(name)s: the extension was granted.") if grant else _("%(name)s: the extension was refused.")
    messages.success(request, said % {"name": f"{row.deal.ref} {row.deal.customer_name}"})
    return redirect("admin:deals_extensions")


site.register_page("deals/extensions/", extension_list, "deals_extensions")
site.register_page("deals/extensions/<str:ref>/", extension_decide, "deals_extension_decide")
site.register_queue(
    Queue(
        key="deals_extensions",
        label=gettext_lazy("Extensions asked"),
        url_name="admin:deals_extensions",
        icon="calendar-plus",
        order=20,
        count="deals.queries.review.extensions_size",
        seen="deals.rules.review.can_see_queue",
    )
)
