"""What the review page shows beside the registration: the check's candidates side by side, the histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django_countries import countries

from deals.enums import DealStatus
from deals.models import Conflict, ConflictCandidate, Customer, Deal, DealLine, Opportunity, OpportunityProduct, Sale
from deals.queries.in_the_way import products_of
from deals.queries.verdict import Word, said_of, words_for
from deals.rules.review import sees_partners_deals
from deals.rules.verdict import KEPT_APART
from deals.rules.wording import FIELD_NAMES, rule_text, terms_in_words
from partners.models import Partner, User
from partners.queries.manager import assignments_in, managers_in
from prm.catalog.models import Product
from prm.core.together import keep, together
from programs.queries.tier import assignments_of

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
    because: list[str]
    against: list[str]
    hidden: bool = False
    lines: list[Line] = field(default_factory=list)
    holder: list[tuple[str, Any]] = field(default_factory=list)
    link: tuple[str, Any] | None = None  # (URL name, argument)
    word: Word | None = None  # what a person said of the pair; None where nothing can be said
    apart: bool = False  # the check kept it apart on a person's word, whatever the score


@dataclass(frozen=True)
class Known:
    """All that stands beside the registration; `customer` None before it was resolved; the managers of everybody named."""

    candidates: list[Evidence]
    customer: dict[str, Any] | None
    managers: Mapping[UUID, User]


def checks_of(deal: Deal) -> QuerySet[Conflict]:
    """The duplicate checks of a deal, newest first."""
    return deal.conflicts.select_related("policy", "change_request").order_by("-created_at")[:10]


def candidates_of(conflict: Conflict | None) -> QuerySet[ConflictCandidate]:
    """What a check looked at closely, the likest first, without the rows it points at (`beside_candidates`)."""
    rows = ConflictCandidate.objects.filter(conflict=conflict) if conflict else ConflictCandidate.objects.none()
    return rows.select_related("conflict").order_by("-score", "pk")[:CANDIDATES]


def history_of_customer(deal: Deal) -> dict[str, QuerySet]:
    """What is known of the customer besides this deal, to be read together."""
    if deal.customer_id is None:
        return {"past": Deal.objects.none(), "sales": Sale.objects.none(), "opportunities": Opportunity.objects.none()}
    past = Deal.objects.filter(customer=deal.customer_id).exclude(pk=deal.pk).exclude(status=DealStatus.DRAFT)
    sales = Sale.objects.filter(customer=deal.customer_id).select_related("partner", "product").order_by("-ordered_on", "-pk")
    known = Opportunity.objects.filter(customer=deal.customer_id).order_by("-last_activity_on", "-pk")
    return {
        "past": past.select_related("partner").order_by("-created_at")[:LATELY],
        "sales": sales[:LATELY],
        "opportunities": known[:LATELY],
    }


def beside_candidates(deal: Deal, candidates: Sequence[ConflictCandidate], past: Sequence[Deal]) -> dict[str, QuerySet]:
    """The rows that the candidates point at, with their products, and the managers of everybody named; to be read together."""
    deals = [row.deal_id for row in candidates if row.deal_id]
    known = [row.opportunity_id for row in candidates if row.opportunity_id]
    customers = [row.customer_id for row in candidates if row.customer_id]
    partners = Q(partner__in={deal.partner_id, *(row.partner_id for row in past)})
    if deals:
        partners |= Q(partner__in=Deal.objects.filter(pk__in=deals).values("partner"))
    return {
        "their_deals": _some(Deal.objects.select_related("partner", "owner"), pk=deals),
        "their_lines": _some(DealLine.objects.select_related("product"), deal=deals),
        "their_opportunities": _some(Opportunity.objects.all(), pk=known),
        "their_goods": _some(OpportunityProduct.objects.select_related("product"), opportunity=known),
        "their_customers": _some(Customer.objects.all(), pk=customers),
        "assignments": assignments_in(partners),
        "said": said_of(candidates),
    }


def _some(rows: QuerySet, **wanted: list[Any]) -> QuerySet:
    """Those whose column is among the values; nothing at all, which costs nothing, for no values."""
    [(name, values)] = wanted.items()
    return rows.filter(**{f"{name}__in": values}) if values else rows.none()


def known_of(user: Any, deal: Deal, candidates: Sequence[ConflictCandidate], found: Mapping[str, list[Any]]) -> Known:
    """All in words, strictest first, out of what `history_of_customer` and `beside_candidates` found."""
    _put_beside(candidates, found)
    managers, ours = managers_in(found["assignments"]), _of_deal(deal)
    words = words_for(user, deal, candidates, found["said"])
    strictest = sorted(candidates, key=lambda row: ("decline", "waiting", "review", "clear").index(row.outcome))
    return Known(
        candidates=[_evidence(user, row, ours, managers, words.get(row.pk)) for row in strictest],
        customer=_customer_history(user, found, managers) if deal.customer_id else None,
        managers=managers,
    )


def evidence_of(user: Any, deal: Deal, conflict: Conflict | None) -> Known:
    """The candidates of one check beside the registration, and the customer's history. Three queries."""
    found = together({**history_of_customer(deal), "candidates": candidates_of(conflict)})
    candidates = found["candidates"]
    return known_of(user, deal, candidates, {**found, **together(beside_candidates(deal, candidates, found["past"]))})


def _put_beside(candidates: Sequence[ConflictCandidate], found: Mapping[str, list[Any]]) -> None:
    """Put the rows that were found where Django looks for them."""
    for row in found["their_deals"]:
        keep(row, "lines", [line for line in found["their_lines"] if line.deal_id == row.pk])
    for row in found["their_opportunities"]:
        keep(row, "product_rows", [line for line in found["their_goods"] if line.opportunity_id == row.pk])
    for name, there in {"deal": "their_deals", "opportunity": "their_opportunities", "customer": "their_customers"}.items():
        rows = {row.pk: row for row in found[there]}
        for candidate in candidates:
            candidate._state.fields_cache[name] = rows.get(getattr(candidate, f"{name}_id"))


def _evidence(
    user: Any, row: ConflictCandidate, ours: dict[str, Any], managers: Mapping[UUID, User], word: Word | None
) -> Evidence:
    hidden = row.deal is not None and not sees_partners_deals(user, row.deal.partner)
    theirs = {} if hidden else _of_candidate(row)
    because, against = terms_in_words(row.terms)
    return Evidence(
        candidate=row,
        title=_title(row, hidden),
        rule=rule_text(row.rule),
        matched=_names(row.matched_fields),
        contradicted=_names(row.contradictions),
        because=because,
        against=against,
        hidden=hidden,
        lines=_lines(ours, theirs, row) if theirs else [],
        holder=_holder(row, managers, hidden),
        link=None if hidden else _link(row),
        word=word,
        apart=row.rule == KEPT_APART or any(term["key"] == KEPT_APART for term in row.terms),
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


def _holder(row: ConflictCandidate, managers: Mapping[UUID, User], hidden: bool) -> list[tuple[str, Any]]:
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
        **_goods(line.product for line in deal.lines.all()),
        "amount": (deal.amount, deal.currency) if deal.amount is not None else None,
    }


def _goods(products: Iterable[Product]) -> dict[str, Any]:
    """The products by name, and as the overlap rule reads them."""
    rows = list(products)
    return {"products": ", ".join(product.name for product in rows), "goods": products_of(rows)}


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
        facts |= _goods(item.product for item in thing.product_rows.all())
        facts["amount"] = (thing.amount, thing.currency) if thing.amount is not None else None
    return facts


def _lines(ours: dict[str, Any], theirs: dict[str, Any], row: ConflictCandidate) -> list[Line]:
    """Fields that one side has; matched and contradicted ones are marked."""
    labels = {**FIELD_NAMES, "name": _("Customer"), "project": _("project"), "amount": _("amount")}
    lines = []
    for key in FACTS:
        left, right = ours.get(key), theirs.get(key)
        if left or right:
            state = _wanted_state(key, ours, theirs) if key in WANTED else _state(key, row)
            lines.append(Line(str(labels[key]), left, right, state, money=key == "amount"))
    return lines


WANTED = frozenset({"products", "project"})


def _wanted_state(key: str, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Of what is wanted, which the identities say nothing of, where both sides name something: as the policy compares it."""
    left, right = ours.get(key), theirs.get(key)
    if not (left and right):
        return ""
    alike = ours["goods"].overlap(theirs["goods"]) if key == "products" else left.casefold() == right.casefold()
    return "same" if alike else "differs"


def _state(key: str, row: ConflictCandidate) -> str:
    also = {"city": {"city", "site"}, "name": {"name", "legal_form"}}.get(key, {key})
    if also & set(row.contradictions):
        return "differs"
    return "same" if also & set(row.matched_fields) else ""


@dataclass(frozen=True)
class Past:
    """A deal in a customer's history; `hidden` as in Evidence."""

    deal: Deal
    manager: User | None
    hidden: bool


def _customer_history(user: Any, found: Mapping[str, list[Any]], managers: Mapping[UUID, User]) -> dict[str, Any]:
    """What is known of the customer: sales, deals, opportunities."""
    return {
        "deals": [Past(row, managers.get(row.partner_id), not sees_partners_deals(user, row.partner)) for row in found["past"]],
        "sales": [(row, not sees_partners_deals(user, row.partner)) for row in found["sales"]],
        "opportunities": found["opportunities"],
    }


def record_of_partner(partner: Partner, today: date) -> dict[str, QuerySet]:
    """Deals by status, the tier, booked revenue of twelve months; to be read together."""
    sales = Sale.objects.filter(partner=partner, ordered_on__gt=today - timedelta(days=365)).order_by()
    return {
        "statuses": Deal.objects.filter(partner=partner).values_list("status").annotate(Count("pk")).order_by(),
        "tiers": assignments_of(partner, today)[:1],
        "revenue": sales.values("partner").annotate(total=Sum("reporting_amount")).values_list("total", flat=True),
    }


def partner_past(found: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The partner's record in numbers: deals by status, live protections and their cap, tier, booked revenue."""
    by_status: dict[str, int] = dict(found["statuses"])
    tier = found["tiers"][0].tier if found["tiers"] else None
    return {
        "won": by_status.get(DealStatus.WON, 0) + by_status.get(DealStatus.BOOKED, 0),
        "lost": by_status.get(DealStatus.LOST, 0),
        "declined": by_status.get(DealStatus.DECLINED, 0),
        "expired": by_status.get(DealStatus.EXPIRED, 0) + by_status.get(DealStatus.RELEASED, 0),
        "undecided": by_status.get(DealStatus.IN_REVIEW, 0) + by_status.get(DealStatus.WAITING, 0),
        "live": by_status.get(DealStatus.APPROVED, 0),
        "cap": tier.protection_cap if tier else None,
        "tier": tier,
        "revenue": found["revenue"][0] if found["revenue"] else None,
        "currency": settings.REPORTING_CURRENCY,
    }
