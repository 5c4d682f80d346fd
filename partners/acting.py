"""For whom a member acts: one partner at a time, kept in the session and checked against the memberships in every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Membership, Partner
from partners.rules import access_of, may
from partners.services.membership import seen
from partners.sign_in.middleware import go
from prm.core.errors import Reason
from prm.web.guards import require
from prm.web.shell import Acting

KEY = "acting_partner"  # in the session: the ref of the partner
FIELD = "acting"  # in a form: the ref the page was made for
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = Callable[[HttpRequest], HttpResponse]


def acting_membership(request: HttpRequest) -> Membership | None:
    """The membership this request acts with: the chosen one, else the first by name. None for staff and strangers."""
    memberships = access_of(request.user).memberships
    chosen = request.session.get(KEY) if len(memberships) > 1 else None
    return next((row for row in memberships if row.partner.ref == chosen), memberships[0] if memberships else None)


def acting_partner(request: HttpRequest) -> Partner:
    """The partner this request acts for. A view that needs one calls this first; everybody else gets a 403 with the reason."""
    membership = acting_membership(request)
    if membership is None:
        require(Reason("acting.nobody", _("This page is for members of a partner's team.")))
    assert membership is not None
    return membership.partner


def act_for(request: HttpRequest, membership: Membership) -> None:
    """From now on this session acts for that membership's partner."""
    request.session[KEY] = membership.partner.ref


def for_shell(request: HttpRequest) -> Acting | None:
    """What the page frame shows."""
    membership = acting_membership(request)
    if membership is None:
        return None
    partner = membership.partner
    return Acting(
        name=partner.name,
        ref=partner.ref,
        id=partner.pk,
        choices=[(row.partner.ref, row.partner.name) for row in access_of(request.user).memberships],
        switch_url=reverse("partners:switch"),
        may=lambda perm: may(request.user, perm, partner),
    )


class ActingMiddleware:
    """After the sign-in gates: notes once a day that the member was here, and refuses a form made for another partner."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not getattr(view, "login_required", True):
            return None
        membership = acting_membership(request)
        if membership is None:
            return None
        if view.__name__ != "switch" and (lost := _lost(request, membership)):
            return lost
        seen(membership, timezone.localdate())
        return None


def _lost(request: HttpRequest, membership: Membership) -> HttpResponse | None:
    """The page was made for another partner than the one we would act for: say so, do nothing."""
    ref = membership.partner.ref
    several = len(access_of(request.user).memberships) > 1
    if request.method in SAFE:
        if several and request.session.get(KEY) != ref:
            act_for(request, membership)
        return None
    made_for = request.POST.get(FIELD) or (request.session.get(KEY) if several else None) or ref
    if made_for == ref:
        return None
    messages.error(
        request,
        _("Nothing was saved: that page was for another company. You now act for %(name)s.") % {"name": membership.partner.name},
    )
    return go(request, reverse("partners:team"))
