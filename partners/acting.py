"""For whom a member acts: one partner at a time, kept in the session and checked against the memberships in every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

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
View = TypeVar("View", bound=Callable[..., HttpResponse])


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


def keeps_input(view: View) -> View:
    """A view that answers a form made for another partner itself, by `made_for_other`: its input would be lost otherwise."""
    view.keeps_input = True  # type: ignore[attr-defined]
    return view


def made_for_other(request: HttpRequest) -> str:
    """What to say when the page sent was made for another partner than the one we act for; empty: it was made for this one."""
    membership = acting_membership(request)
    if request.method in SAFE or membership is None or _made_for(request, membership) == membership.partner.ref:
        return ""
    name = {"name": membership.partner.name}
    return _("Nothing was saved: this page was made for another company. You now act for %(name)s.") % name


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
        if view.__name__ != "switch" and (lost := _lost(request, membership, getattr(view, "keeps_input", False))):
            return lost
        seen(membership, timezone.localdate())
        return None


def _lost(request: HttpRequest, membership: Membership, view_answers: bool) -> HttpResponse | None:
    """The page was made for another partner than the one we would act for: say so, do nothing."""
    if request.method in SAFE:
        if _several(request) and request.session.get(KEY) != membership.partner.ref:
            act_for(request, membership)
        return None
    if view_answers or _made_for(request, membership) == membership.partner.ref:
        return None
    messages.error(
        request,
        _("Nothing was saved: that page was for another company. You now act for %(name)s.") % {"name": membership.partner.name},
    )
    return go(request, reverse("partners:team"))


def _several(request: HttpRequest) -> bool:
    return len(access_of(request.user).memberships) > 1


def _made_for(request: HttpRequest, membership: Membership) -> str:
    """The ref of the partner the page was made for, as far as the page or the session says."""
    kept = request.session.get(KEY) if _several(request) else None
    return request.POST.get(FIELD) or kept or membership.partner.ref
