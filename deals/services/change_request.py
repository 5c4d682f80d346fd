"""Changed key facts of an approved deal: small ones at once; the others are checked and decided like a registration."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals import emails
from deals.enums import CHANGE_REQUEST_STEPS, DEAL_STEPS, ChangeRequestStatus, DealNature, DealStatus, MatchedKind, Outcome
from deals.models import ChangeRequest, Deal, DealLine
from deals.queries.change import PENDING, amount_columns, amount_needs_change_request, identity_after, key_facts_of
from deals.queries.clock import calendar_for
from deals.queries.conflict import Question, check, products_of
from deals.queries.policy import policy_at, rules_at, rules_of
from deals.rules.change import (
    TEXTS,
    KeyFacts,
    changed_fields,
    facts_after,
    facts_before,
    new_claims,
    products_claimed,
    why_not_decide,
)
from deals.rules.conflict import Asking
from deals.services import protection
from deals.services.conflict import check_question, linked_partners
from deals.services.customer import lock_identities, resolve_customer
from deals.services.waiting import advance_waiting, decline_waiting, identities_at_stake
from partners.models import User
from prm.audit import services as audit
from prm.catalog.models import Product
from prm.core.business_time import add_business_time
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.core.money import clean_amount
from prm.core.states import take
from prm.core.text import clean_text

MOST = {"customer_name": 300, "website": 253, "country": 2, "registration_number": 40, "city": 100, "project": 200}


@transaction.atomic
def change_key_facts(
    deal: Deal, facts: KeyFacts, *, by: User, version: int, reason: str = "", now: datetime | None = None
) -> ChangeRequest | None:
    """Change the key facts of an approved deal. None: the change was small and holds at once.

    Another customer, place, project or product, or an amount up by more than the policy's percent or past a limit, becomes a
    request: checked for duplicates under the identity locks, declined at once when certain, else in review while the old terms
    stand. Raises StaleState when the deal changed since `version`, DomainError when nothing changes or one is pending.
    """
    facts = _clean(facts, deal.currency)
    lock_identities([*identities_at_stake(deal), identity_after(deal, facts)])
    now = now or timezone.now()  # read under the locks: of two at once, who holds them first is earlier
    row = Deal.objects.select_related("partner").select_for_update(of=("self",)).get(pk=deal.pk)
    if row.status != DealStatus.APPROVED or row.version != version:
        raise StaleState(_("Somebody changed this deal meanwhile. Look at its present values and try again."), key="stale")
    if row.change_requests.filter(status=PENDING).exists():
        raise DomainError(_("A change of this deal is already waiting for its decision."), key="pending")
    before = key_facts_of(row)
    changed = changed_fields(before, facts)
    _require_sensible(facts, before, changed)
    rises = "amount" in changed and amount_needs_change_request(row, facts.amount, rules_at(now))
    if rises or new_claims(before, facts) or "products" in changed:
        return _ask(row, before, facts, changed, by=by, reason=reason, now=now)
    _apply(row, facts, before)
    audit.record("deals.deal.facts_changed", deal, by=by, partner=deal.partner, data={"fields": changed})
    return None


def _ask(
    deal: Deal, before: KeyFacts, facts: KeyFacts, changed: list[str], *, by: User, reason: str, now: datetime
) -> ChangeRequest:
    policy = policy_at(now)
    rules = rules_of(policy)
    verdict, conflict = check_question(deal, _question(deal, before, facts, now, now), policy, rules, now)
    declined = verdict.outcome == Outcome.DECLINE and new_claims(before, facts)
    customer = resolve_customer(identity_after(deal, facts), by=by)[0] if _who(before) != _who(facts) else deal.customer
    try:
        with transaction.atomic():
            change = ChangeRequest.objects.create(
                deal=deal,
                status=ChangeRequestStatus.DECLINED_DUPLICATE if declined else PENDING,
                changes={"before": before.as_json(), "after": facts.as_json()},
                reason=clean_text(reason, 500, field="reason"),
                customer=customer,
                conflict=conflict,
                asked_by=by,
                decided_at=now if declined else None,
                due_at=None if declined else add_business_time(calendar_for(deal), now, days=rules.target_business_days),
            )
    except IntegrityError:  # pragma: no cover - the locks come first; the index stands behind them
        raise DomainError(_("A change of this deal is already waiting for its decision."), key="pending")
    _record("asked", change, by, {"fields": changed})
    if declined:
        _record("declined_duplicate", change, None, {"rule": verdict.rule})
        emails.change_decided(change)
    else:
        emails.change_received(change)
        emails.change_in_queue(change)
    return change


@transaction.atomic
def accept_change(change: ChangeRequest, *, by: User, text: str = "", now: datetime | None = None) -> ChangeRequest:
    """Put the new facts in force and protect them. Raises NotAllowed, StaleState; DomainError when another registration of the
    same came first, or protects one of the lines."""
    now = now or timezone.now()
    facts, before = facts_after(change), facts_before(change)
    deal = _locked(change, by, now)
    _require_nobody_ahead(deal, change, now)
    text = clean_text(text, 500, field="text")
    take(CHANGE_REQUEST_STEPS["accept"], change, decided_by=by, decided_at=now, decision_text=text)
    deal.customer = change.customer
    _apply(deal, facts, before, customer=change.customer, approved_amount=_decided_amount(deal, facts, before))
    protection.end_protection(deal)
    protection.protect(deal)
    _record("accepted", change, by)
    emails.change_decided(change)
    if change.conflict:
        emails.opportunity_owners_told(deal, change.conflict)
    decline_waiting(deal, now=now)
    return change


@transaction.atomic
def decline_change(change: ChangeRequest, *, by: User, text: str, now: datetime | None = None) -> ChangeRequest:
    """Decline with a reason the partner reads; the old terms stand on. Raises NotAllowed, StaleState."""
    now = now or timezone.now()
    deal = _locked(change, by, now)
    text = clean_text(text, 500, required=True, field="text")
    take(CHANGE_REQUEST_STEPS["decline"], change, decided_by=by, decided_at=now, decision_text=text)
    _record("declined", change, by)
    emails.change_decided(change)
    advance_waiting(deal, now=now)
    return change


@transaction.atomic
def withdraw_change(change: ChangeRequest, *, by: User | None, now: datetime | None = None) -> ChangeRequest:
    """The partner takes it back (`by` None: its deal ended meanwhile); who waited behind it moves up. Raises StaleState."""
    now = now or timezone.now()
    deal = change.deal
    lock_identities([*identities_at_stake(deal), identity_after(deal, facts_after(change))])
    take(CHANGE_REQUEST_STEPS["withdraw"], change)
    _record("withdrawn", change, by)
    advance_waiting(deal, now=now)
    return change


def _locked(change: ChangeRequest, by: User, now: datetime) -> Deal:
    """The deal under the identity locks of old and new facts, once the rules have let `by` decide."""
    lock_identities([*identities_at_stake(change.deal), identity_after(change.deal, facts_after(change))])
    deal = Deal.objects.select_related("partner", "customer").select_for_update(of=("self",)).get(pk=change.deal_id)
    change.deal = deal
    if change.status != PENDING:
        raise StaleState(_("Somebody has decided this already."), key="stale")
    reasons = why_not_decide(by, change)
    if reasons:
        raise NotAllowed(reasons)
    return deal


def _require_nobody_ahead(deal: Deal, change: ChangeRequest, now: datetime) -> None:
    """The check again, under the locks: an earlier registration of the same that is approved or undecided goes first."""
    before, facts = facts_before(change), facts_after(change)
    if not new_claims(before, facts):
        return
    verdict = check(_question(deal, before, facts, change.created_at, now), rules_at(now), now.date())
    ahead = [f for f in verdict.findings if f.thing.kind == MatchedKind.DEAL]
    if any(finding.outcome == Outcome.DECLINE for finding in ahead):
        raise DomainError(_("Another deal protects this already. Decline this change."), key="already_protected")
    if any(finding.outcome == Outcome.WAITING for finding in ahead):
        raise DomainError(_("An earlier registration of the same is not decided yet. Decide that one first."), key="earlier")


def _question(deal: Deal, before: KeyFacts, facts: KeyFacts, asked_at: datetime, now: datetime) -> Question:
    asking = Asking(
        partner_id=deal.partner_id,
        linked_partner_ids=frozenset(linked_partners(deal, now)),
        products=products_of(_products(products_claimed(before, facts))),
        submitted_at=asked_at,
        project=facts.project,
        tender=deal.nature == DealNature.TENDER,
    )
    return Question(identity_after(deal, facts), asking, deal.pk, deal.ref)


def _apply(deal: Deal, facts: KeyFacts, before: KeyFacts, **changes: Any) -> None:
    """Write the facts onto the deal and its lines."""
    if set(facts.lines) != set(before.lines):
        deal.lines.all().delete()
        DealLine.objects.bulk_create(
            DealLine(deal=deal, product_id=line.product_id, quantity=line.quantity, amount=line.amount) for line in facts.lines
        )
    if facts.amount != before.amount:
        changes = amount_columns(deal, facts.amount) | changes
    texts = {name: getattr(facts, name) for name in TEXTS if getattr(facts, name) != getattr(before, name)}
    take(DEAL_STEPS["update"], deal, version=deal.version + 1, **texts, **changes)


def _decided_amount(deal: Deal, facts: KeyFacts, before: KeyFacts) -> Decimal | None:
    """What counts as approved from here on: the amount the decider was shown, also where the pipeline has moved it meanwhile."""
    untouched = facts.amount == before.amount and deal.amount != facts.amount
    return facts.amount if untouched else None


def _clean(facts: KeyFacts, currency: str) -> KeyFacts:
    """The facts in stored form. Raises DomainError naming the field."""
    texts = {name: clean_text(getattr(facts, name), most, field=name) for name, most in MOST.items()}
    for line in facts.lines:
        if line.amount is not None:
            clean_amount(line.amount, currency)
    return KeyFacts(**texts, amount=facts.amount, lines=facts.lines)


def _require_sensible(facts: KeyFacts, before: KeyFacts, changed: list[str]) -> None:
    if not changed:
        raise DomainError(_("Nothing was changed."), key="nothing")
    for name in ("customer_name", "country"):
        if not getattr(facts, name):
            raise DomainError(_("Please fill this in."), field=name)
    if not facts.lines:
        raise DomainError(_("Name at least one product."), field="lines")
    if facts.amount is None and before.amount is not None:
        raise DomainError(_("Say what the products are worth: the deal has an amount already."), field="lines")


def _who(facts: KeyFacts) -> tuple[str, ...]:
    return (facts.customer_name, facts.website, facts.country, facts.registration_number)


def _products(ids: Collection[Any]) -> list[Product]:
    return list(Product.objects.filter(pk__in=ids))


def _record(verb: str, change: ChangeRequest, by: User | None, data: dict[str, Any] | None = None) -> None:
    values = {"deal": str(change.deal_id), **(data or {})}
    audit.record(f"deals.change_request.{verb}", change, by=by, partner=change.deal.partner, data=values)
