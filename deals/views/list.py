"""The deals list: search, chips with counts, sorts, saved views, export of exactly what is filtered."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from deals.filters import GROUP_LABELS, GROUPS, WAITS, ParticipantFilter, in_group
from deals.queries.deal import list_rows, visible_participants, waits_on
from deals.rules.deal import can_register
from deals.tables import deal_columns, export_rows
from deals.views.register import acting_partner
from partners.rules import Perm, may
from prm.web import counts, export, keyset, lists
from prm.web.guards import require
from prm.web.keyset import Sort
from prm.web.rendering import page

SORTS = [
    Sort("newest", "sort_at"),
    Sort("until", "protected_until", nullable=True),
    Sort("amount", "reporting_amount", nullable=True),
    Sort("close", "expected_close", nullable=True),
]


def _filtered(request: HttpRequest) -> tuple[Any, QuerySet[Any], ParticipantFilter]:
    """The partner acted for, its participant rows after every filter but the chip, and the filter."""
    partner = acting_partner(request)
    require(may(request.user, Perm.VIEW_DEALS, partner))
    rows = visible_participants(request.user).filter(partner=partner)
    chosen = ParticipantFilter(request.GET, queryset=rows, user=request.user, today=timezone.localdate())
    return partner, chosen.qs if chosen.form.is_valid() else rows, chosen


@login_required
@require_safe
def deal_list(request: HttpRequest) -> HttpResponseBase:
    """One page of the deals the partner takes part in."""
    partner, rows, chosen = _filtered(request)
    group, mine = request.GET.get("status", ""), waits_on(request.user, partner)
    found = keyset.page(request, list_rows(in_group(rows, group, mine)), SORTS, "-newest")
    shown = group if group in (WAITS, *GROUPS) else ""
    context = {
        "page": found,
        "chips": lists.chips(request, "status", GROUP_LABELS, _sizes(rows, chosen, mine), current=shown),
        "filter": chosen,
        "partner": partner,
        "can_register": can_register(request.user, partner),
        "filtered": any(request.GET.get(name) for name in ("q", "status", "nature", "expiring", "mine")),
    }
    return page(request, "deals/deal/list.html", context, partial="deals/deal/_rows.html")


def _sizes(rows: QuerySet[Any], chosen: ParticipantFilter, mine: Q) -> dict[str, counts.Bounded]:
    """How many rows each chip would show."""
    if chosen.reads_all:
        return {WAITS: counts.bounded(rows.filter(mine)), **counts.grouped(rows, "status", GROUPS)}
    return counts.many({name: in_group(rows, name, mine) for name in (WAITS, *GROUPS)})


@login_required
@require_safe
def deal_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """CSV or XLSX of exactly the filtered set."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    partner, rows, _chosen = _filtered(request)
    mine = waits_on(request.user, partner)
    found = list_rows(in_group(rows, request.GET.get("status", ""), mine)).order_by("-sort_at", "-pk")
    answer = export.csv_response if kind == "csv" else export.xlsx_response
    return answer("deals", deal_columns(), export_rows(found).iterator(chunk_size=2000))
