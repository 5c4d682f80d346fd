"""Likely doubles in the register: the list, two customers side by side, the merge and taking it apart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from deals.admin.pages import page, run
from deals.enums import Judged
from deals.forms.engine import MergeForm, OtherForm
from deals.models import Customer
from deals.queries import merge as merges
from deals.queries.double import get_customer, look
from deals.queries.verdict import words_between
from deals.rules.verdict import can_merge_customers, can_see_engine
from deals.services.merge import merge_customers, unmerge_customers
from deals.services.verdict import keep_customers_apart
from prm.core.errors import DomainError, NotVisible, StaleState
from prm.web.admin_site import site
from prm.web.guards import require
from prm.web.rendering import offer_undo

ENOUGH, MOST = 25, 1000  # pairs shown, customers looked at for one page


@require_safe
def double_list(request: HttpRequest) -> HttpResponse:
    """The newest customers first; each page looks at a bounded stretch of the register."""
    require(can_see_engine(request.user))
    found = look(_before(request), ENOUGH, MOST)
    return page(
        request, "deals/engine/doubles.html", {"title": _("Likely doubles"), "look": found, "first": "before" not in request.GET}
    )


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        return None


def double_page(request: HttpRequest, ref: str) -> HttpResponse:
    """The customer that stays beside the one that goes over, what would move, and the merge with a typed confirmation."""
    keep = get_customer(request.user, ref)
    asked = {"other": request.POST.get("other") or request.GET.get("other", "")}
    chosen = OtherForm(asked if request.method == "POST" or "other" in request.GET else None)
    other = _other(request, keep, chosen)
    if other is None:
        status = 422 if chosen.errors else 200
        return page(request, "deals/engine/choose.html", {"title": keep.name, "keep": keep, "form": chosen}, status=status)
    form = MergeForm(request.POST if request.method == "POST" else None, word=other.ref)
    if request.method == "POST":
        require(can_merge_customers(request.user))
        try:
            done = run(form, lambda data: merge_customers(keep, other, by=request.user, reason=data["reason"]))
        except StaleState as error:
            messages.error(request, str(error))
            return redirect("admin:deals_doubles")
        if done:
            messages.success(request, _("%(merged)s is part of %(kept)s now.") % {"merged": other.name, "kept": keep.name})
            return redirect("admin:deals_customer_change", keep.pk)
    return page(request, "deals/engine/double.html", _context(keep, other, form), status=422 if form.errors else 200)


def _other(request: HttpRequest, keep: Customer, chosen: OtherForm) -> Customer | None:
    if not chosen.is_valid():
        return None
    try:
        other = get_customer(request.user, chosen.cleaned_data["other"].upper())
    except NotVisible:
        chosen.add_error("other", _("There is no customer of this number."))
        return None
    if other.pk == keep.pk:
        chosen.add_error("other", _("Choose two different customers."))
        return None
    return other


def _context(keep: Customer, other: Customer, form: MergeForm) -> dict[str, Any]:
    names = {"name": other.name, "kept": keep.name}
    words = {row.verdict: row for row in words_between(keep, other)}
    return {
        "title": _("Merge two customers"),
        "pair": merges.pair_of(keep, other),
        "apart": words.get(Judged.DIFFERENT),
        "same": words.get(Judged.SAME),
        "doubles_url": reverse("admin:deals_doubles"),
        "form": form,
        "consequences": [
            _("Deals, opportunities, sales and protections of %(name)s go over to %(kept)s.") % names,
            _("Its names and domains become further names of %(kept)s, and checks find them at once.") % names,
            _("Nothing is deleted: its history stays, its address leads here, and the merge can be taken apart."),
        ],
    }


@require_POST
def keep_apart(request: HttpRequest, ref: str) -> HttpResponse:
    """Not the same: no list shows the pair any more."""
    keep = get_customer(request.user, ref)
    chosen = OtherForm(request.POST)
    other = _other(request, keep, chosen)
    require(can_merge_customers(request.user))
    if other is None:
        return page(request, "deals/engine/choose.html", {"title": keep.name, "keep": keep, "form": chosen}, status=422)
    try:
        row = keep_customers_apart(keep, other, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = _("%(one)s and %(other)s are kept apart.") % {"one": keep.name, "other": other.name}
        offer_undo(request, said, reverse("admin:deals_verdict_withdraw", args=[row.ref]))
    return redirect("admin:deals_doubles")


@require_safe
def merge_page(request: HttpRequest, ref: str) -> HttpResponse:
    """What a merge moved, and taking it apart."""
    row = merges.get_merge(request.user, ref)
    context = {"title": _("Merge %(ref)s") % {"ref": row.ref}, "merge": row, "moved": merges.moved_by(row)}
    return page(request, "deals/engine/merge.html", {**context, "can_undo": can_merge_customers(request.user)})


@require_POST
def merge_undo(request: HttpRequest, ref: str) -> HttpResponse:
    """Two customers again."""
    row = merges.get_merge(request.user, ref)
    require(can_merge_customers(request.user))
    try:
        unmerge_customers(row, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s is a customer of its own again.") % {"name": row.merged.name})
    return redirect("admin:deals_merge", ref)


site.register_page("deals/doubles/", double_list, "deals_doubles")
site.register_page("deals/doubles/<str:ref>/", double_page, "deals_double")
site.register_page("deals/doubles/<str:ref>/apart/", keep_apart, "deals_double_apart")
site.register_page("deals/merges/<str:ref>/", merge_page, "deals_merge")
site.register_page("deals/merges/<str:ref>/undo/", merge_undo, "deals_merge_undo")
