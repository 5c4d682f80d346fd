"""The first page: what needs me. Partners see theirs, staff go to their queues, others are told why there is nothing."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deals.queries.home import deal_home
from deals.rules.deal import can_register
from partners.queries import get_partner
from partners.queries.manager import manager_of
from partners.rules import Perm, may
from prm.home.queries import AT_LEAST, clean_question, enough, search_portal, search_staff
from prm.web.admin_site import site
from prm.web.rendering import page
from prm.web.shell import acting_for

MOST = 1000


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
        "deals": deal_home(request.user, partner, timezone.now()) if may(request.user, Perm.VIEW_DEALS, partner) else None,
        "can_register": can_register(request.user, partner),
        "manager": manager_of(partner),
    }
    return page(request, "home/home.html", context)


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everything the searcher may see that fits; staff have the same among their own pages."""
    acting = acting_for(request)
    if acting is None:
        if request.user.is_staff:
            return redirect(f"{reverse('admin:search')}?{urlencode({'q': request.GET.get('q', '')[:MOST]})}")
        return page(request, "home/nothing.html", {})
    text = clean_question(request.GET.get("q", "")[:MOST])
    partner = get_partner(request.user, acting.ref)
    found = search_portal(request.user, partner, text) if enough(text) else None
    return page(request, "home/search.html", {"text": text, "found": found, "partner": partner, "at_least": AT_LEAST})


@require_safe
def search_admin(request: HttpRequest) -> HttpResponse:
    """The same for staff; served under the admin site, which lets nobody else in."""
    text = clean_question(request.GET.get("q", "")[:MOST])
    found = search_staff(request.user, text) if enough(text) else None
    context = {**site.each_context(request), "title": _("Search"), "text": text, "found": found, "at_least": AT_LEAST}
    return page(request, "home/search_admin.html", context)
