"""Changing the partner one acts for."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from partners.acting import act_for, acting_membership
from partners.rules import access_of
from prm.core.errors import NotVisible
from prm.web.rendering import page


@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """GET shows the partners one is a member of; POST chooses one."""
    memberships = access_of(request.user).memberships
    if request.method != "POST":
        context = {"memberships": memberships, "current": acting_membership(request)}
        return page(request, "partners/switch/list.html", context)
    chosen = next((row for row in memberships if row.partner.ref == request.POST.get("partner")), None)
    if chosen is None:
        raise NotVisible
    act_for(request, chosen)
    messages.success(request, _("You now act for %(name)s.") % {"name": chosen.partner.name})
    target = request.POST.get("next", "")
    # A page of one row belongs to the partner before: only pages that exist for every partner are gone back to.
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe and target.count("/") <= 2 else "/")
