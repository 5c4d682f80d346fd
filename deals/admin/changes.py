"""Changes of key facts asked for: the queue, and one page with the check's evidence and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from deals.admin.pages import page, run
from deals.forms.review import ChangeDecisionForm
from deals.models import ChangeRequest
from deals.queries import change as queries
from deals.queries.evidence import evidence_of
from deals.rules.change import facts_after, why_not_decide
from deals.rules.deal import why_not_review
from deals.rules.review import can_see_queue
from deals.services import change_request as services
from prm.core.errors import StaleState
from prm.web.admin_site import Queue, site
from prm.web.guards import require

MOST = 50


@require_safe
def change_list(request: HttpRequest) -> HttpResponse:
    """The changes that wait for this user, the most urgent first."""
    require(can_see_queue(request.user))
    rows = list(queries.changes_asked(request.user)[: MOST + 1])
    context = {"title": _("Changes to decide"), "rows": queries.shown(rows[:MOST]), "more": len(rows) > MOST}
    return page(request, "deals/review/changes.html", context)


@require_safe
def change_page(request: HttpRequest, ref: str) -> HttpResponse:
    """What changes, what the check found for it, and the decision."""
    change = queries.get_change_for_staff(request.user, ref)
    return page(request, "deals/review/change.html", _context(request, change))


def _context(request: HttpRequest, change: ChangeRequest, form: ChangeDecisionForm | None = None) -> dict[str, Any]:
    after = queries.deal_after(change.deal, facts_after(change))
    after.customer = change.customer
    known = evidence_of(request.user, after, change.conflict)
    return {
        "title": change.deal.customer_name,
        "change": change,
        "deal": change.deal,
        "item": queries.shown([change])[0],
        "conflict": change.conflict,
        "checks": [change.conflict] if change.conflict else [],
        "evidence": known.candidates,
        "why_not": why_not_decide(request.user, change),
        "form": form or ChangeDecisionForm(),
    }


@require_POST
def change_decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Accept or decline, by the button that was pressed."""
    change = queries.get_change_for_staff(request.user, ref)
    require(why_not_review(request.user, change.deal, step=""))
    accept = request.POST.get("decision") == "accept"
    call = services.accept_change if accept else services.decline_change
    form = ChangeDecisionForm(request.POST)
    name = f"{change.deal.ref} {change.deal.customer_name}"
    try:
        done = run(form, lambda data: call(change, by=request.user, **data))
    except StaleState as error:
        messages.error(request, f"{name}: {error}")
        return redirect("admin:deals_changes")
    if not done:
        fresh = queries.get_change_for_staff(request.user, ref)
        return page(request, "deals/review/change.html", _context(request, fresh, form), status=422)
    said = _("%(name)s: the change was accepted.") if accept else _("%(name)s: the change was declined.")
    messages.success(request, said % {"name": name})
    return redirect("admin:deals_changes")


site.register_page("deals/changes/", change_list, "deals_changes")
site.register_page("deals/changes/<str:ref>/", change_page, "deals_change")
site.register_page("deals/changes/<str:ref>/decide/", change_decide, "deals_change_decide")
site.register_queue(
    Queue(
        key="deals_changes",
        label=gettext_lazy("Changes to decide"),
        url_name="admin:deals_changes",
        icon="pencil",
        order=15,
        count="deals.queries.change.changes_size",
        seen="deals.rules.review.can_see_queue",
    )
)
