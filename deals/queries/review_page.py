"""The review page of one registration: all it shows, in four queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from deals.models import Conflict, Deal, Policy
from deals.queries import evidence, review
from deals.queries.clock import clocks_of
from deals.queries.policy import rules_of
from deals.queries.timeline import timeline_from, timeline_lists
from deals.rules.policy import PolicyRules
from deals.rules.review import can_see_queue, sees_partners_deals
from partners.models import User
from prm.core.together import together
from prm.web.history import Changed, changes_from, named_in, states_of


@dataclass(frozen=True)
class ReviewPage:
    """What stands on the page. `leading` is the registration this one waits behind, where the user may look at it;
    `days_late` are those credited to the protection so far; `before` and `after` the refs of its neighbours in the queue."""

    deal: Deal
    checks: list[Conflict]
    conflict: Conflict | None
    known: evidence.Known
    partner_past: dict[str, Any]
    activities: list[Any]
    leading: Deal | None
    timeline: list[dict[str, Any]]
    history: list[Changed]
    rules: PolicyRules
    days_late: int
    before: str
    after: str


def review_page(user: Any, ref: str, *, check: str, show: str, now: datetime) -> ReviewPage:
    """The page of the deal with this ref, with the check chosen by its ref (else the newest). Raises NotVisible."""
    deal, found = review.read_for_staff(user, ref, lambda deal: _of_deal(deal, now))
    checks = found["checks"]
    conflict = next((row for row in checks if row.ref == check), checks[0] if checks else None)
    requests = [*found["changes"], *found["extensions"]]
    found |= together(
        {
            "candidates": evidence.candidates_of(conflict),
            **timeline_lists(deal, staff=True, also=requests),
            **({"refs": review.queue_refs(user, show, now)} if can_see_queue(user) else {}),
        }
    )
    candidates, acted = found["candidates"], {event.actor_id for event in found["events"] if event.actor_id}
    named = {model: ids - {None} for model, ids in named_in(deal, found["states"]).items()}
    named[User] = named.get(User, set()) | acted
    lists = {model.__name__: model._base_manager.filter(pk__in=ids) for model, ids in named.items()}
    found |= together({**evidence.beside_candidates(deal, candidates, found["past"]), **lists})
    people = {model: {row.pk: row for row in found[model.__name__]} for model in named}
    known, rules = evidence.known_of(user, deal, candidates, found), rules_of(next(iter(found["in_force"]), None))
    clock = clocks_of([deal], rules, now, known.managers).get(deal.pk)
    before, after = review.neighbours(found.get("refs", []), deal.ref)
    return ReviewPage(
        deal=deal,
        checks=checks,
        conflict=conflict,
        known=known,
        partner_past=evidence.partner_past(found),
        activities=found["activities"],
        leading=deal.waits_for if deal.waits_for and sees_partners_deals(user, deal.waits_for.partner) else None,
        timeline=timeline_from(found["events"], found["comments"], people[User].values()),
        history=changes_from(deal, found["states"], people),
        rules=rules,
        days_late=min(clock.days_late, rules.credit_days_at_most) if clock else 0,
        before=before,
        after=after,
    )


def _of_deal(deal: Deal, now: datetime) -> dict[str, QuerySet]:
    """What needs nothing but the deal's row."""
    asked = deal.protected_from is not None  # nothing can be asked before
    return {
        "checks": evidence.checks_of(deal),
        "activities": deal.activities.select_related("by").order_by("-done_on", "-pk")[:10],
        "changes": deal.change_requests.order_by("-created_at")[:10] if asked else deal.change_requests.none(),
        "extensions": deal.extensions.order_by("-created_at")[:10] if asked else deal.extensions.none(),
        "states": states_of(deal),
        "in_force": Policy.objects.filter(effective_from__lte=now).order_by("-version")[:1],
        **evidence.history_of_customer(deal),
        **evidence.record_of_partner(deal.partner, timezone.localdate()),
    }
