"""What the review page shows beside the registration: the check's candidates side by side, the histories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Prefetch, Sum
from django.utils.translation import gettext as _
from django_countries import countries

from deals.enums import DealStatus
from deals.models import Conflict, ConflictCandidate, Customer, Deal, DealLine, Opportunity, OpportunityProduct, Sale
from deals.rules.review import sees_partners_deals
from deals.rules.wording import FIELD_NAMES, rule_text
from partners.models import Partner, User
from partners.queries.manager import managers_of
from programs.queries.tier import tier_of

CANDIDATES = 20
LATELY = 8


@dataclass(frozen=True)
class Line:
    """One field of both sides; `state` is same, differs or "" (not compared)."""

    label: str
    ours: Any
    theirs: Any
    state: str = ""
    money: bool = False  # both sides are (amount, currency)


@dataclass(frozen=True)
class Evidence:
    """One candidate of the check. `hidden`: another channel manager's partner, of whose deal only the holder's name, status,
    dates and manager are shown."""

    candidate: ConflictCandidate
    title: str
    rule: str
    matched: list[str]
    contradicted: list[str]
    hidden: bool = False
    lines: list[Line] = field(default_factory=list)
    holder: list[tuple[str, Any]] = field(default_factory=list)
    link: tuple[str, Any] | None = None  # (URL name, argument)


@dataclass(frozen=True)
class Known:
    """All that stands beside the registration; `customer` None before it was resolved; the managers of everybody named."""

    candidates: list[Evidence]
    customer: dict[str, Any] | None
    managers: dict[UUID, User]


def checks_of(deal: Deal) -> list[Conflict]:
    """The duplicate checks of a deal, newest first."""
    return list(deal.conflicts.select_related("policy", "change_request").order_by("-created_at")[:10])


def evidence_of(user: Any, deal: Deal, conflict: Conflict | None) -> Known:
    """The candidates of one check beside the registration, strictest first, and the customer's history. Eight queries."""
    candidates = _candidates(conflict) if conflict else []
    past = _past_deals(deal)
    managers = managers_of(
        {deal.partner_id, *(row.deal.partner_id for row in candidates if row.deal), *(d.partner_id for d in past)}
    )
    ours = _of_deal(deal)
    return Known(
        candidates=[_evidence(user, row, ours, managers) for row in candidates],
        customer=_customer_history(user, deal, past, managers) if deal.customer_id else None,
        managers=managers,
    )


def _candidates(conflict: Conflict) -> list[ConflictCandidate]:
    rows = conflict.candidates.select_related("opportunity", "deal__partner", "deal__owner", "customer").order_by("-score", "pk")
    goods = OpportunityProduct.objects.select_related("product")
    lines = DealLine.objects.select_related("product")
    rows = rows.prefetch_related(Prefetch("opportunity__product_rows", queryset=goods), Prefetch("deal__lines", queryset=lines))
    return sorted(rows[:CANDIDATES], key=lambda row: ("decline", "waiting", "review", "clear").index(row.outcome))


def _evidence(user: Any, row: ConflictCandidate, ours: dict[str, Any], managers: dict[UUID, User]) -> Evidence:
    hidden = row.deal is not None and not sees_partners_deals(user, row.deal.partner)
    theirs = {} if hidden else _of_candidate(row)
    return Evidence(
        candidate=row,
        title=_title(row, hidden),
        rule=rule_text(row.rule),
        matched=_names(row.matched_fields),
        contradicted=_names(row.contradictions),
        hidden=hidden,
        lines=_lines(ours, theirs, row) if theirs else [],
        holder=_holder(row, managers, hidden),
        link=None if hidden else _link(row),
    )


def _title(row: ConflictCandidate, hidden: bool) -> str:
    if row.opportunity:
        return f"{row.opportunity.customer_name} · {row.opportunity.external_id}"
    if row.deal:
        return _("Registration of another partner") if hidden else f"{row.deal.customer_name} · {row.deal.ref}"
    return row.customer.name if row.customer else ""


def _link(row: ConflictCandidate) -> tuple[str, Any]:
    if row.deal:
        return "admin:deals_review_deal", row.deal.ref
    if row.opportunity:
        return "admin:deals_opportunity_change", row.opportunity.pk
    return "admin:deals_customer_change", row.customer_id


def _names(keys: Iterable[str]) -> list[str]:
    return [str(FIELD_NAMES.get(key, key)) for key in keys]


def _holder(row: ConflictCandidate, managers: dict[UUID, User], hidden: bool) -> list[tuple[str, Any]]:
    """Who holds it and until when."""
    if row.deal:
        known = [
            (_("Partner"), row.deal.partner),
            (_("Channel manager"), managers.get(row.deal.partner_id)),
            (_("Status"), row.deal.get_status_display()),
            (_("Submitted"), row.deal.submitted_at),
            (_("Protected until"), row.deal.protected_until),
        ]
        return known if hidden else [*known, (_("Owner"), row.deal.owner)]
    if row.opportunity:
        found = row.opportunity
        return [
            (_("Owner"), found.owner),
            (_("Status"), found.get_state_display()),
            (_("Stage"), found.stage),
            (_("Opened"), found.opened_on),
            (_("Last touched"), found.last_activity_on),
            (_("Source"), found.source),
        ]
    return []


FACTS = ("name", "domain", "registration_number", "country", "city", "project", "products", "amount")


def _of_deal(deal: Deal) -> dict[str, Any]:
    return {
        "name": deal.customer_name,
        "domain": deal.website,
        "registration_number": deal.registration_number,
        "country": countries.name(str(deal.country)),
        "city": deal.city,
        "project": deal.project,
        "products": ", ".join(line.product.name for line in deal.lines.all()),
        "amount": (deal.amount, deal.currency) if deal.amount is not None else None,
    }


def _of_candidate(row: ConflictCandidate) -> dict[str, Any]:
    if row.deal:
        return _of_deal(row.deal)
    thing: Opportunity | Customer | None = row.opportunity or row.customer
    if thing is None:
        return {}
    facts: dict[str, Any] = {
        "name": thing.name if isinstance(thing, Customer) else thing.customer_name,
        "domain": thing.domain,
        "registration_number": thing.registration_number,
        "country": countries.name(str(thing.country)),
        "city": thing.city,
    }
    if isinstance(thing, Opportunity):
        facts["products"] = ", ".join(item.product.name for item in thing.product_rows.all())
        facts["amount"] = (thing.amount, thing.currency) if thing.amount is not None else None
    return facts


def _lines(ours: dict[str, Any], theirs: dict[str, Any], row: ConflictCandidate) -> list[Line]:
    """Fields that one side has; matched and contradicted ones are marked."""
    labels = {**FIELD_NAMES, "name": _("Customer"), "project": _("project"), "amount": _("amount")}
    lines = []
    for key in FACTS:
        left, right = ours.get(key), theirs.get(key)
        if left or right:
            lines.append(Line(str(labels[key]), left, right, _state(key, row), money=key == "amount"))
    return lines


def _state(key: str, row: ConflictCandidate) -> str:
    also = {"city": {"city", "site"}}.get(key, {key})
    if also & set(row.contradictions):
        return "differs"
    return "same" if also & set(row.matched_fields) else ""


@dataclass(frozen=True)
class Past:
    """A deal in a customer's history; `hidden` as in Evidence."""

    deal: Deal
    manager: User | None
    hidden: bool


def _past_deals(deal: Deal) -> list[Deal]:
    if deal.customer_id is None:
        return []
    rows = Deal.objects.filter(customer=deal.customer_id).exclude(pk=deal.pk).exclude(status=DealStatus.DRAFT)
    return list(rows.select_related("partner").order_by("-created_at")[:LATELY])


def _customer_history(user: Any, deal: Deal, past: list[Deal], managers: dict[UUID, User]) -> dict[str, Any]:
    """What is known of the customer: sales, deals, opportunities."""
    sales = Sale.objects.filter(customer=deal.customer_id).select_related("partner", "product").order_by("-ordered_on", "-pk")
    return {
        "deals": [Past(row, managers.get(row.partner_id), not sees_partners_deals(user, row.partner)) for row in past],
        "sales": [(row, not sees_partners_deals(user, row.partner)) for row in sales[:LATELY]],
        "opportunities": list(
            Opportunity.objects.filter(customer=deal.customer_id).order_by("-last_activity_on", "-pk")[:LATELY]
        ),
    }


def partner_history(partner: Partner, today: date) -> dict[str, Any]:
    """The partner's record in numbers: deals by status, live protections and their cap, tier, booked revenue. Three queries."""
    by_status = dict(Deal.objects.filter(partner=partner).values_list("status").annotate(Count("pk")).order_by())
    tier = tier_of(partner, today)
    sales = Sale.objects.filter(partner=partner, ordered_on__gt=today - timedelta(days=365))
    return {
        "won": by_status.get(DealStatus.WON, 0) + by_status.get(DealStatus.BOOKED, 0),
        "lost": by_status.get(DealStatus.LOST, 0),
        "declined": by_status.get(DealStatus.DECLINED, 0),
        "expired": by_status.get(DealStatus.EXPIRED, 0) + by_status.get(DealStatus.RELEASED, 0),
        "undecided": by_status.get(DealStatus.IN_REVIEW, 0) + by_status.get(DealStatus.WAITING, 0),
        "live": by_status.get(DealStatus.APPROVED, 0),
        "cap": tier.protection_cap if tier else None,
        "tier": tier,
        "revenue": sales.aggregate(total=Sum("reporting_amount"))["total"],
        "currency": settings.REPORTING_CURRENCY,
    }
