"""Is this account free? Answers without saying who holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from deals.enums import OpportunityState, Outcome
from deals.models import AccountCheck, Opportunity, Sale
from deals.queries.conflict import Question, check
from deals.queries.policy import rules_at
from deals.rules.conflict import Asking
from deals.rules.policy import PolicyRules
from partners.models import Partner, User
from prm.matching import Identity

FREE, TAKEN, CUSTOMER, LOOK = "free", "taken", "customer", "review"


@dataclass(frozen=True)
class Answer:
    """`kind`: free, taken (until about `free_on`, None when unknown), customer (buys already), review (a person would look)."""

    kind: str
    free_on: date | None = None
    customer_id: UUID | None = None


def ask(identity: Identity, partner: Partner | None, now: datetime) -> Answer:
    """The same engine as the registration; only an exact answer says taken."""
    rules = rules_at(now)
    asking = Asking(partner_id=partner.pk if partner else None, submitted_at=now)
    verdict = check(Question(identity, asking), rules, now.date())
    if verdict.outcome in (Outcome.DECLINE, Outcome.WAITING):
        return Answer(TAKEN, verdict.frees_up_on, verdict.customer_id)
    if verdict.customer_id and _bought_lately(verdict.customer_id, rules, now.date()):
        return Answer(CUSTOMER, None, verdict.customer_id)
    return Answer(LOOK if verdict.outcome == Outcome.REVIEW else FREE, None, verdict.customer_id)


def _bought_lately(customer_id: UUID, rules: PolicyRules, today: date) -> bool:
    """An existing customer: something booked, or an opportunity won, within the policy's years."""
    since = today - timedelta(days=365 * rules.new_customer_years)
    won = Opportunity.objects.filter(customer=customer_id, state=OpportunityState.WON)
    return (
        Sale.objects.filter(customer=customer_id, ordered_on__gte=since).exists()
        or won.filter(Q(closed_on=None) | Q(closed_on__gte=since)).exists()
    )


def checks_in_last_hour(user: User, now: datetime) -> int:
    """How many questions this user asked in the last hour."""
    return AccountCheck.objects.filter(user=user, created_at__gt=now - timedelta(hours=1)).count()


def watchable(user: User, partner: Partner) -> AccountCheck | None:
    """The user's newest question, if its answer was that the account is taken."""
    row = (
        AccountCheck.objects.filter(user=user, partner=partner).select_related("matched_customer").order_by("-created_at").first()
    )
    return row if row and row.answer == TAKEN else None
