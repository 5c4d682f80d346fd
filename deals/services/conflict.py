"""Running the duplicate check for a deal and keeping its record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from deals.enums import DealNature, MatchedKind, Outcome
from deals.models import Conflict, ConflictCandidate, Deal, Policy
from deals.queries.conflict import Question, check, identity_of_deal, products_of
from deals.queries.detail import conflicts_of
from deals.queries.policy import policy_at, rules_of
from deals.rules.conflict import SEVERITY, Asking, Finding, Verdict
from deals.rules.policy import PolicyRules
from partners.models import PartnerLink
from prm.core.identifiers import uuid7

KEPT = 20


def question_of(deal: Deal, now: datetime) -> Question:
    """What is asked for this deal, with its products and the partners it shares business with."""
    lines = deal.lines.select_related("product")
    asking = Asking(
        partner_id=deal.partner_id,
        linked_partner_ids=frozenset(linked_partners(deal, now)),
        products=products_of(line.product for line in lines),
        submitted_at=deal.submitted_at or now,
        project=deal.project,
        tender=deal.nature == DealNature.TENDER,
    )
    return Question(identity_of_deal(deal), asking, deal.pk, deal.ref)


def check_deal(deal: Deal, policy: Policy | None, rules: PolicyRules, now: datetime) -> tuple[Verdict, Conflict]:
    """Check and store: outcome, rule, fields, versions, inputs, candidates. Runs inside the caller's locks."""
    return check_question(deal, question_of(deal, now), policy, rules, now)


def check_question(
    deal: Deal, question: Question, policy: Policy | None, rules: PolicyRules, now: datetime
) -> tuple[Verdict, Conflict]:
    """The same for a question of one's own about the deal (a change of its key facts)."""
    verdict = check(question, rules, now.date())
    return verdict, _record(deal, question, verdict, policy)


@transaction.atomic
def look_again(deal: Deal, *, now: datetime) -> bool:
    """Whether more stands in the way than the last check showed: an opportunity that came later, a word taken back.

    If so the new check is kept, so that whoever decides can read it.
    """
    shown = conflicts_of(deal).first()
    policy = policy_at(now)
    question = question_of(deal, now)
    verdict = check(question, rules_of(policy), now.date())
    if shown is None or SEVERITY[verdict.outcome] <= SEVERITY[Outcome(shown.outcome)]:
        return False
    _record(deal, question, verdict, policy)
    return True


def _record(deal: Deal, question: Question, verdict: Verdict, policy: Policy | None) -> Conflict:
    leading = verdict.leading
    conflict = Conflict.objects.create(
        deal=deal,
        outcome=verdict.outcome,
        rule=verdict.rule,
        matched_fields=list(leading.match.matched_fields) if leading else [],
        frees_up_on=verdict.frees_up_on,
        engine_version=verdict.version,
        policy=policy,
        inputs=_inputs(question),
    )
    ConflictCandidate.objects.bulk_create(_row(conflict, finding) for finding in _kept(verdict.findings))
    return conflict


def record_earlier_approved(deal: Deal, front: Deal) -> Conflict:
    """The one this deal waited for is approved: the fields that matched when it began to wait, and when that protection ends."""
    found = conflicts_of(deal).prefetch_related("candidates").first()
    match = next((row for row in found.candidates.all() if row.deal_id == front.pk), None) if found else None
    conflict = Conflict.objects.create(
        deal=deal,
        outcome=Outcome.DECLINE,
        rule="earlier_approved",
        matched_fields=match.matched_fields if match else [],
        frees_up_on=front.protected_until + timedelta(days=1) if front.protected_until else None,
        engine_version=found.engine_version if found else "",
        policy=deal.policy,
        inputs=found.inputs if found else {},
    )
    if match:
        match.pk, match.conflict = uuid7(), conflict
        match.outcome, match.rule = Outcome.DECLINE, conflict.rule
        match.save(force_insert=True)
    return conflict


def _kept(findings: Iterable[Finding]) -> list[Finding]:
    return list(findings)[:KEPT]


def _row(conflict: Conflict, finding: Finding) -> ConflictCandidate:
    thing, match = finding.thing, finding.match
    return ConflictCandidate(
        conflict=conflict,
        kind=thing.kind,
        opportunity_id=thing.id if thing.kind == MatchedKind.OPPORTUNITY else None,
        deal_id=thing.id if thing.kind == MatchedKind.DEAL else None,
        customer_id=thing.id if thing.kind == MatchedKind.CUSTOMER else None,
        outcome=finding.outcome,
        rule=finding.rule,
        score=Decimal(str(round(match.score, 4))),
        certainty=match.certainty,
        matched_fields=list(match.matched_fields),
        contradictions=list(match.contradictions),
        terms=list(match.terms),
    )


def _inputs(question: Question) -> dict[str, Any]:
    identity, asking = question.identity, question.asking
    return {
        "customer": identity.name,
        "domain": identity.domain,
        "country": identity.country,
        "city": identity.city,
        "registration_number": identity.registration_number,
        "project": asking.project,
        "products": sorted(str(pk) for pk in asking.products.ids),
        "submitted_at": asking.submitted_at.isoformat() if asking.submitted_at else None,
    }


def linked_partners(deal: Deal, now: datetime) -> Iterable[UUID]:
    """Distributors and resellers linked to the deal's partner today: their registration of the same thing is one with ours."""
    today = now.date()
    live = Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    rows = PartnerLink.objects.filter(live & (Q(distributor=deal.partner_id) | Q(reseller=deal.partner_id)))
    for distributor, reseller in rows.values_list("distributor_id", "reseller_id"):
        yield reseller if distributor == deal.partner_id else distributor
