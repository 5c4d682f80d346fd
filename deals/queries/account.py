"""Is this account free? Answers without saying who holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from deals.enums import OpportunityState, Outcome
from deals.models import AccountCheck, Deal, FreeWatch, Opportunity, Sale
from deals.queries.conflict import Question, check, products_of
from deals.queries.deal import visible_deals
from deals.queries.policy import rules_at
from deals.rules.conflict import Asking
from deals.rules.policy import PolicyRules
from partners.models import Partner, User
from prm.catalog.models import Product
from prm.core.errors import NotVisible
from prm.matching import Identity, Name, clean_domain

FREE, TAKEN, CUSTOMER, LOOK = "free", "taken", "customer", "review"


@dataclass(frozen=True)
class Answer:
    """`kind`: free, taken (until about `free_on`, None when unknown), customer (buys already), review (a person would look)."""

    kind: str
    free_on: date | None = None
    customer_id: UUID | None = None
    rule: str = ""
    deal_id: UUID | None = None  # one's own company's, when it is that which stands in the way


def ask(identity: Identity, partner: Partner | None, now: datetime, product: Product | None = None) -> Answer:
    """The same engine as the registration; only an exact answer says taken. Without a product: for any of them."""
    rules = rules_at(now)
    products = products_of([product] if product else [])
    asking = Asking(partner_id=partner.pk if partner else None, products=products, submitted_at=now)
    verdict = check(Question(identity, asking), rules, now.date())
    if verdict.outcome in (Outcome.DECLINE, Outcome.WAITING):
        own = verdict.leading.thing.id if verdict.leading and verdict.rule == "own_deal" else None
        return Answer(TAKEN, verdict.frees_up_on, verdict.customer_id, verdict.rule, own)
    if verdict.customer_id and _bought_lately(verdict.customer_id, rules, now.date()):
        return Answer(CUSTOMER, None, verdict.customer_id)
    return Answer(LOOK if verdict.outcome == Outcome.REVIEW else FREE, None, verdict.customer_id, verdict.rule)


def own_deals(user: User, answers: Iterable[Answer | None]) -> dict[UUID, Deal]:
    """The deals of one's own company that the answers mean, as far as this user may see them, with their owners."""
    wanted = {answer.deal_id for answer in answers if answer and answer.deal_id}
    return visible_deals(user).select_related("owner").in_bulk(wanted) if wanted else {}


def _bought_lately(customer_id: UUID, rules: PolicyRules, today: date) -> bool:
    """An existing customer: something booked, or an opportunity won, within the policy's years."""
    since = today - timedelta(days=365 * rules.new_customer_years)
    won = Opportunity.objects.filter(customer=customer_id, state=OpportunityState.WON)
    return (
        Sale.objects.filter(customer=customer_id, ordered_on__gte=since).exists()
        or won.filter(Q(closed_on=None) | Q(closed_on__gte=since)).exists()
    )


@dataclass(frozen=True)
class Asked:
    """Who was asked about: two are one question when the engine reads the name, the web domain and the country alike.

    City and product are left out, as the log does not keep them.
    """

    name: Name
    domain: str
    country: str

    @classmethod
    def about(cls, identity: Identity) -> Asked:
        return cls(replace(identity.name_key, raw=""), clean_domain(identity.domain), identity.clean_country)


@dataclass(frozen=True)
class Told:
    """An entry of the log: the question, for which partner, and what was answered."""

    asked: Asked
    partner_id: UUID | None
    kind: str
    customer_id: UUID | None


@dataclass
class Hour:
    """What one user was told in the last hour, oldest first. Each different question counts, and counts once."""

    told: list[Told]
    allowed: int

    def __post_init__(self) -> None:
        self.known = {row.asked for row in self.told}

    def admits(self, asked: Asked) -> bool:
        """Whether this may be asked: the same again always, another one as far as the hour goes."""
        return asked in self.known or len(self.known) < self.allowed

    def add(self, told: Told) -> None:
        self.told.append(told)
        self.known.add(told.asked)


def last_hour(user: User, now: datetime) -> Hour:
    """The user's hour. Lock the user first, lest two requests at once each have the rest of it."""
    rows = AccountCheck.objects.filter(user=user, created_at__gt=now - timedelta(hours=1)).order_by("created_at", "pk")
    told = [
        Told(
            Asked.about(Identity(name=row.customer_name, domain=row.domain, country=str(row.country))),
            row.partner_id,
            row.answer,
            row.matched_customer_id,
        )
        for row in rows
    ]
    return Hour(told, rules_at(now).account_checks_per_hour)


def watchable(user: User, partner: Partner) -> AccountCheck | None:
    """The user's newest question, if its answer was that the account is taken."""
    row = (
        AccountCheck.objects.filter(user=user, partner=partner).select_related("matched_customer").order_by("-created_at").first()
    )
    return row if row and row.answer == TAKEN else None


def open_watches_of(user: User, partner: Partner) -> list[FreeWatch]:
    """The accounts this user waits for on behalf of the partner, by name."""
    return list(FreeWatch.objects.filter(user=user, partner=partner, told_at=None).order_by("customer_name", "pk")[:200])


def watch_for(user: User, deal: Deal) -> FreeWatch | None:
    """The user's open wish to be told when the deal's customer is free."""
    return FreeWatch.objects.filter(user=user, partner=deal.partner_id, customer=deal.customer_id, told_at=None).first()


def get_open_watch(user: User, pk: str) -> FreeWatch:
    """The user's own open wish with this id. Raises NotVisible."""
    try:
        row = FreeWatch.objects.filter(user=user, pk=UUID(pk), told_at=None).select_related("partner").first()
    except ValueError:
        row = None
    if row is None:
        raise NotVisible
    return row
