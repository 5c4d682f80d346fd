"""The first page: what needs me. Partners see theirs, staff go to their queues, others are told why there is nothing."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from deals.queries.home import deal_home
from deals.rules.deal import can_register
from partners.queries import get_partner
from partners.queries.manager import manager_of
from partners.rules import Perm, may
from prm.web.rendering import page
from prm.web.shell import acting_for


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Deals waiting on me, protections about to end, decisions; and who my channel manager is."""
    acting = acting_for(request)
    if acting is None:
        if request.user.is_staff:
            return redirect("admin:index")
        return page(request, "home/nothing.html", {})
    partner = get_partner(request.user, acting.ref)
    context = {
        "partner": partner,
        "deals": deal_home(request.user, partner, timezone.localdate()) if may(request.user, Perm.VIEW_DEALS, partner) else None,
        "can_register": can_register(request.user, partner),
        "manager": manager_of(partner),
    }
    return page(request, "home/home.html", context)
