"""A person's word on two identities: given beside a candidate of the check, taken back from wherever it is shown."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from deals.admin.pages import back_to
from deals.enums import Judged
from deals.queries.review import get_deal_for_staff
from deals.queries.verdict import get_candidate, get_verdict
from deals.rules.verdict import why_not_judge, why_not_withdraw
from deals.services.verdict import judge_candidate, withdraw_verdict
from prm.core.errors import DomainError
from prm.web.admin_site import site
from prm.web.guards import require
from prm.web.rendering import offer_undo

SAID = {
    Judged.SAME: gettext_lazy("The same customer from now on: it was taught this name."),
    Judged.DIFFERENT: gettext_lazy("Kept apart from now on: the name alone no longer counts."),
}


@require_POST
def judge(request: HttpRequest, ref: str, pk: UUID) -> HttpResponse:
    """Same customer, or not the same."""
    deal = get_deal_for_staff(request.user, ref)
    candidate = get_candidate(request.user, deal, pk)
    require(why_not_judge(request.user, deal, candidate))
    try:
        row = judge_candidate(candidate, request.POST.get("verdict", ""), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        offer_undo(request, str(SAID[Judged(row.verdict)]), _undo_path(request, row.ref))
    return back_to(request, reverse("admin:deals_review_deal", args=[ref]))


def _undo_path(request: HttpRequest, ref: str) -> str:
    """Where the word is taken back; from there the reader returns to where it was given."""
    path, there = reverse("admin:deals_verdict_withdraw", args=[ref]), request.POST.get("next", "")
    return f"{path}?{urlencode({'next': there})}" if there else path


@require_POST
def withdraw(request: HttpRequest, ref: str) -> HttpResponse:
    """Take it back, with what it taught."""
    row = get_verdict(request.user, ref)
    require(why_not_withdraw(request.user, row))
    try:
        withdraw_verdict(row, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back, with what it taught."))
    there = reverse("admin:deals_review_deal", args=[row.deal.ref]) if row.deal else reverse("admin:deals_doubles")
    return back_to(request, _asked_back(request) or there)


def _asked_back(request: HttpRequest) -> str:
    """The page of ours that the address names, as the toast's button can post nothing."""
    path = request.GET.get("next", "")
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, {request.get_host()}, request.is_secure())
    return path if ours else ""


site.register_page("deals/review/<str:ref>/candidates/<uuid:pk>/", judge, "deals_verdict")
site.register_page("deals/verdicts/<str:ref>/withdraw/", withdraw, "deals_verdict_withdraw")
