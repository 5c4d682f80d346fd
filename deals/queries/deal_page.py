"""All that the deal page shows, in one query for its lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from deals.enums import DealStatus as S
from deals.enums import ParticipantRole
from deals.models import Deal
from deals.queries.change import newest_change, shown
from deals.queries.clock import clocks_of
from deals.queries.detail import check_in_words, steps_of, told_conflicts
from deals.queries.participant import joins_asked, linked_with, offers_of
from deals.queries.policy import rules_of
from deals.queries.timeline import timeline_from, timeline_lists
from partners.queries.manager import assignments_of, managers_in
from prm.core.together import keep, together


def page_facts(deal: Deal, now: datetime, *, staff: bool, seen: Collection[str], can: Mapping[str, bool]) -> dict[str, Any]:
    """Everything the page shows besides the row itself, of what the viewer may see and do; one query for all lists.

    The deal carries its extensions and change requests (`get_deal(…, extensions=…, change_requests=…)`).
    """
    extensions = list(deal.extensions.all())[:5] if deal.protected_from else []
    changes = list(deal.change_requests.all())[:3] if deal.protected_from and "decision" in seen else []
    found = defaultdict(list, together(_lists(deal, staff=staff, seen=seen, can=can, also=[*extensions, *changes])))
    managers = managers_in(found["assignments"])
    keep(deal, "clock_runs", found["runs"])
    clocks = clocks_of([deal], rules_of(deal.policy), now, managers) if found["runs"] else {}
    known = [user for user in (deal.owner, deal.registered_by, deal.decided_by, *managers.values()) if user]
    conflict = next(iter(found["conflicts"]), None)
    return {
        "check": check_in_words(deal, conflict),
        "steps": steps_of(deal, works=can["work"], staff=staff),
        "lines": found["lines"],
        "activities": found["activities"],
        "extensions": extensions,
        "change": shown(found["changes"])[0] if found["changes"] else None,
        "clock": clocks.get(deal.pk),
        "manager": managers.get(deal.partner_id) if deal.status == S.DECLINED else None,
        "others": [row for row in deal.participants.all() if row.role != ParticipantRole.OWNER],
        "offers": offers_of(deal, found["offers"]) if can["participants"] else {},
        "joins": found["joins"],
        "timeline": timeline_from(found["events"], found["comments"], known),
    }


def _lists(
    deal: Deal, *, staff: bool, seen: Collection[str], can: Mapping[str, bool], also: Collection[Model]
) -> dict[str, QuerySet]:
    """What this page needs, to be read together."""
    lists: dict[str, QuerySet] = {"lines": deal.lines.select_related("product")}
    if can["log"]:
        lists["activities"] = deal.activities.select_related("by").order_by("-done_on", "-created_at")[:20]
    if deal.status in (S.DECLINED, S.WAITING, S.IN_REVIEW):
        lists["conflicts"] = told_conflicts(deal)[:1]
    if deal.status == S.IN_REVIEW:
        lists["runs"] = deal.clock_runs.order_by("started_at")
    if deal.status in (S.DECLINED, S.IN_REVIEW):
        lists["assignments"] = assignments_of([deal.partner_id])
    if "timeline" in seen:
        lists |= timeline_lists(deal, staff=staff, also=also)
    if "decision" in seen and deal.protected_from:
        lists["changes"] = newest_change(deal)
    if can["participants"]:
        lists |= {"offers": linked_with(deal), "joins": joins_asked(deal)}
    return lists
