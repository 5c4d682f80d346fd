"""The staff's queues: registrations to decide, extensions asked, deals won but not booked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals.enums import DealStatus, ExtensionStatus, Outcome
from deals.models import Activity, Conflict, Customer, Deal, Extension
from deals.queries.clock import clocks_of
from deals.queries.deal import beside, put_beside
from deals.queries.policy import rules_at
from deals.rules.review import can_see_queue
from deals.rules.wording import rule_text
from partners.queries import scope_for
from partners.queries.access import one_or_not_visible
from partners.rules import Perm
from prm.core.errors import NotVisible
from prm.core.together import keep, together
from prm.web import counts
from prm.web.counts import Bounded

MOST = 1000
SIZES = (25, 50, 100)
SHOWS = ("", "clear", "review", "overdue", "question")
QUEUE_COLUMNS = (
    *("ref", "customer_name", "country", "city", "amount", "currency", "question_open", "due_at", "breach_at"),
    *("partner__id", "partner__name"),
)
BY_TIME_LEFT = (F("due_at").asc(nulls_last=True), F("reporting_amount").desc(nulls_last=True), F("pk").asc())


def staff_deals(user: Any) -> QuerySet[Deal]:
    """Every deal of the partners whose deals this member of staff may see; drafts are the partner's own business."""
    if not user.is_staff:
        return Deal.objects.none()
    return scope_for(user, Perm.VIEW_DEALS).narrow(Deal.objects.exclude(status=DealStatus.DRAFT))


def get_deal_for_staff(user: Any, ref: str) -> Deal:
    """The door of the review page. Raises NotVisible, also for a deal in which one's partner only takes part. Two queries."""
    return read_for_staff(user, ref, lambda deal: {})[0]


def read_for_staff(user: Any, ref: str, lists: Callable[[Deal], dict[str, QuerySet]]) -> tuple[Deal, dict[str, list[Any]]]:
    """The same, and in its second query what else the page reads of the deal."""
    deal = one_or_not_visible(staff_deals(user).select_related("partner"), ref)
    own = {
        **beside(deal),
        "clock_runs": deal.clock_runs.order_by("started_at"),
        "lines": deal.lines.select_related("product__family"),
        "customers": Customer.objects.filter(pk=deal.customer_id) if deal.customer_id else Customer.objects.none(),
        "leading": _earlier(deal),
    }
    found = together({**own, **lists(deal)})
    put_beside(deal, found)
    keep(deal, "clock_runs", found["clock_runs"])
    keep(deal, "lines", found["lines"])
    deal._state.fields_cache["waits_for"] = next(iter(found["leading"]), None)
    deal._state.fields_cache["customer"] = next(iter(found["customers"]), None)
    return deal, found


def _earlier(deal: Deal) -> QuerySet[Deal]:
    """What this one waits behind."""
    rows = Deal.objects.filter(pk=deal.waits_for_id) if deal.waits_for_id else Deal.objects.none()
    return rows.select_related("partner")


def _decidable(user: Any, status: str) -> QuerySet[Deal]:
    if not user.is_staff:
        return Deal.objects.none()
    return scope_for(user, Perm.REVIEW_DEALS).narrow(Deal.objects.filter(status=status))


def review_queue(user: Any, show: str = "", q: str = "", now: datetime | None = None) -> QuerySet[Deal]:
    """Registrations in review that this user's desk decides, by time left, then by value; `show` is one of the chips."""
    latest = Conflict.objects.filter(deal=OuterRef("pk")).order_by("-created_at")
    rows: QuerySet[Any] = _decidable(user, DealStatus.IN_REVIEW).annotate(
        outcome=Coalesce(Subquery(latest.values("outcome")[:1]), Value(""))
    )
    return _found(_shown(rows, show, now or timezone.now()), q).order_by(*BY_TIME_LEFT)


def _shown(rows: QuerySet[Any], show: str, now: datetime) -> QuerySet[Any]:
    if show == "clear":
        return rows.filter(outcome=Outcome.CLEAR)
    if show == "review":
        return rows.filter(~Q(outcome=Outcome.CLEAR))
    if show == "overdue":
        return rows.filter(due_at__lt=now)
    return rows.filter(question_open=True) if show == "question" else rows


def _found(rows: QuerySet[Deal], q: str) -> QuerySet[Deal]:
    text = q.replace("\x00", "").strip()[:100]
    if not text:
        return rows
    return rows.filter(Q(ref=text.upper()) | Q(customer_name__icontains=text) | Q(partner__name__icontains=text))


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue. `days_late` are those credited to the protection so far."""

    deal: Deal
    outcome: str
    outcome_label: str
    rule: str
    days_late: int

    @property
    def clear(self) -> bool:
        return self.outcome == Outcome.CLEAR


@dataclass(frozen=True)
class QueuePage:
    """Some lines of the queue; pages reach as far as the first thousand."""

    rows: Sequence[QueueRow]
    number: int
    has_next: bool
    size: int = SIZES[0]
    sizes: Sequence[int] = SIZES

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1 if self.has_next else 0


def queue_page(user: Any, show: str, q: str, number: int, now: datetime, size: int = SIZES[0]) -> QueuePage:
    """One page of the queue, in a constant number of queries."""
    number = min(max(number, 1), MOST // size)
    latest = Conflict.objects.filter(deal=OuterRef("pk")).order_by("-created_at")
    rows = review_queue(user, show, q, now).annotate(rule=Subquery(latest.values("rule")[:1]))
    start = (number - 1) * size
    more = list(rows.select_related("partner").only(*QUEUE_COLUMNS)[start : start + size + 1])
    found, rules = more[:size], rules_at(now)
    late = [deal for deal in found if deal.breach_at and deal.breach_at < now]
    prefetch_related_objects(late, "clock_runs")
    clocks = clocks_of(late, rules, now)
    return QueuePage(
        [_row(deal, clocks.get(deal.pk), rules.credit_days_at_most) for deal in found],
        number,
        len(more) > size and number < MOST // size,
        size,
    )


def _row(deal: Any, clock: Any, most: int) -> QueueRow:
    label = str(Outcome(deal.outcome).label) if deal.outcome else _("Not checked")
    late = min(clock.days_late, most) if clock else 0
    return QueueRow(deal, deal.outcome, label, rule_text(deal.rule) if deal.rule else "", late)


def deals_by_ref(user: Any, refs: Sequence[str]) -> list[Deal]:
    """Those of the named registrations that stand in this user's queue, in its order."""
    rows = review_queue(user).filter(ref__in=refs)
    rows = rows.select_related("partner", "customer", "owner", "registered_by", "policy").prefetch_related(
        "participants__partner"
    )
    return list(rows)


def queue_counts(user: Any, now: datetime) -> dict[str, Bounded]:
    """How many each chip would show, a thousand at most, in one query."""
    return counts.many({show: review_queue(user, show, now=now) for show in SHOWS})


def queue_refs(user: Any, show: str, now: datetime) -> QuerySet[Any]:
    """The refs of the queue in its order, the first thousand."""
    return review_queue(user, show, now=now).values_list("ref", flat=True)[:MOST]


def neighbours(refs: Sequence[str], ref: str) -> tuple[str, str]:
    """The refs before and after this one in the queue ("" at its ends); of a deal outside it: ("", the first)."""
    if ref not in refs:
        return "", refs[0] if refs else ""
    at = refs.index(ref)
    return refs[at - 1] if at else "", refs[at + 1] if at + 1 < len(refs) else ""


def next_in_queue(user: Any, show: str, ref: str, now: datetime) -> str:
    """What opens once this one is decided: what follows it, else what stands first; "" when nothing is left."""
    before, after = neighbours(list(queue_refs(user, show, now)), ref)
    if after or not before:
        return after
    first = review_queue(user, show, now=now).exclude(ref=ref).values_list("ref", flat=True).first()
    return first or ""


def queue_size(user: Any) -> Bounded | None:
    """For the first page; None: this user decides no deals."""
    return counts.bounded(review_queue(user)) if can_see_queue(user) else None


def queue_by_clock(user: Any) -> str:
    """The queue in one line: late, due within a day, waiting for an answer."""
    now = timezone.now()
    rows = _decidable(user, DealStatus.IN_REVIEW)
    found = counts.many(
        {
            "late": rows.filter(due_at__lt=now),
            "soon": rows.filter(due_at__gte=now, due_at__lt=now + timedelta(days=1)),
            "question": rows.filter(question_open=True),
        }
    )
    parts = [
        ngettext("%(n)s past its time", "%(n)s past their time", int(found["late"])) % {"n": found["late"]},
        ngettext("%(n)s due within a day", "%(n)s due within a day", int(found["soon"])) % {"n": found["soon"]},
        ngettext("%(n)s waits for an answer", "%(n)s wait for an answer", int(found["question"])) % {"n": found["question"]},
    ]
    return " · ".join(part for part, count in zip(parts, found.values(), strict=True) if count)


def first_in_queue(user: Any) -> list[dict[str, Any]]:
    """The five registrations that stand in front and whose clock runs, for the first page."""
    found = [row for row in queue_page(user, "", "", 1, timezone.now()).rows if row.deal.due_at][:5]
    return [
        {
            "label": row.deal.customer_name,
            "url": reverse("admin:deals_review_deal", args=[row.deal.ref]),
            "note": row.deal.partner.name,
            "due": row.deal.due_at,
            "late_days": row.days_late,
        }
        for row in found
    ]


def extensions_asked(user: Any) -> QuerySet[Extension]:
    """Requests for more time that this user's desk decides, by their due time; with what was done on the deal lately."""
    if not user.is_staff:
        return Extension.objects.none()
    rows = scope_for(user, Perm.REVIEW_DEALS).narrow(Extension.objects.filter(status=ExtensionStatus.ASKED), "deal__partner")
    done = Activity.objects.select_related("by").order_by("-done_on", "-pk")
    rows = rows.select_related("deal__partner", "asked_by")
    rows = rows.prefetch_related("deal__participants", Prefetch("deal__activities", queryset=done[:3], to_attr="lately"))
    return rows.order_by(F("due_at").asc(nulls_last=True), "pk")


def get_extension(user: Any, ref: str) -> Extension:
    """The door: a request that waits for this user's desk. Raises NotVisible."""
    if not user.is_staff:
        raise NotVisible
    rows = scope_for(user, Perm.REVIEW_DEALS).narrow(Extension.objects.select_related("deal__partner"), "deal__partner")
    return one_or_not_visible(rows, ref)


def extensions_size(user: Any) -> Bounded | None:
    if not can_see_queue(user):
        return None
    rows = scope_for(user, Perm.REVIEW_DEALS).narrow(Extension.objects.filter(status=ExtensionStatus.ASKED), "deal__partner")
    return counts.bounded(rows)


def won_not_booked(user: Any) -> QuerySet[Deal]:
    """Deals won by the partner's word that no sale has matched, the oldest first."""
    rows = _decidable(user, DealStatus.WON).select_related("partner", "owner")
    return rows.prefetch_related("participants").order_by(F("ended_at").asc(nulls_last=True), "pk")


def won_not_booked_size(user: Any) -> Bounded | None:
    return counts.bounded(_decidable(user, DealStatus.WON)) if can_see_queue(user) else None
