"""What a match means: the policy of the duplicate check, as pure functions over facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from deals.enums import UNDECIDED, DealStatus, MatchedKind, Outcome, ProtectionEffect, ProtectionScope
from deals.rules.policy import PolicyRules

SEVERITY = {Outcome.CLEAR: 0, Outcome.REVIEW: 1, Outcome.WAITING: 2, Outcome.DECLINE: 3}
PLACE = frozenset({"city", "site"})
WAYS_OUT = frozenset({"own_deal", "linked_deal"})


@dataclass(frozen=True)
class Products:
    """Which products, and of which families, a thing is about. Nothing given overlaps with everything."""

    ids: frozenset[UUID] = frozenset()
    families: frozenset[UUID] = frozenset()

    def overlap(self, other: Products) -> bool:
        if not self.ids or not other.ids:
            return True
        return bool(self.ids & other.ids or self.families & other.families)


@dataclass(frozen=True)
class Asking:
    """The registration under check."""

    partner_id: UUID | None = None
    linked_partner_ids: frozenset[UUID] = frozenset()
    products: Products = Products()
    submitted_at: datetime | None = None
    project: str = ""
    tender: bool = False


@dataclass(frozen=True)
class Thing:
    """Something that may stand in the way: an open opportunity, a live or undecided deal, or just a customer."""

    kind: MatchedKind
    id: UUID
    ref: str
    products: Products = Products()
    partner_id: UUID | None = None
    status: str = ""
    touched_on: date | None = None
    protected_until: date | None = None
    scope: str = ProtectionScope.SITE
    effect: str = ProtectionEffect.EXCLUSIVE
    project: str = ""
    submitted_at: datetime | None = None


@dataclass(frozen=True)
class Match:
    """How alike the identities are: `prm.matching`'s verdict in the words this policy reads."""

    certainty: str  # certain | likely | unlikely
    score: float
    reason: str = ""  # same_number | same_domain | same_name for certain; why not certain for likely
    matched_fields: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    terms: tuple[Any, ...] = ()
    sister: bool = False


@dataclass(frozen=True)
class Finding:
    """One thing, judged."""

    thing: Thing
    match: Match
    outcome: Outcome
    rule: str
    frees_up_on: date | None = None


@dataclass(frozen=True)
class Verdict:
    """The whole check: the strictest finding decides."""

    outcome: Outcome
    rule: str
    findings: tuple[Finding, ...] = ()
    leading: Finding | None = None
    customer_id: UUID | None = field(default=None)
    version: str = ""  # of the model the identities were compared with

    @property
    def frees_up_on(self) -> date | None:
        """When the last known obstacle of the leading kind ends; None when one of them has no known end."""
        dates = [finding.frees_up_on for finding in self.findings if finding.outcome == self.outcome]
        return None if None in dates else max((day for day in dates if day), default=None)


def judge(asking: Asking, thing: Thing, match: Match, rules: PolicyRules, today: date) -> Finding:
    """What this one match means for this registration.

    Declines only on certain identity and an overlapping live protection or an open opportunity touched in the last
    `fresh_days`; everything softer goes to a person or is clear. Source: DOMAIN.md sections 2 and 4.
    """
    certain = _certain_for(thing, match)
    if thing.kind == MatchedKind.CUSTOMER:
        if match.reason == "kept_apart":
            return Finding(thing, match, Outcome.CLEAR, "kept_apart")
        return Finding(thing, match, Outcome.CLEAR, "known_customer" if certain else "similar_customer")
    if match.certainty == "unlikely" and not match.sister:
        return Finding(thing, match, Outcome.CLEAR, "not_alike")
    if not asking.products.overlap(thing.products):
        return Finding(thing, match, Outcome.CLEAR, "other_products")
    if not certain:
        return Finding(thing, match, Outcome.REVIEW, _soft_rule(match))
    if thing.kind == MatchedKind.OPPORTUNITY:
        return _judge_opportunity(thing, match, rules, today)
    return _judge_deal(asking, thing, match)


def _certain_for(thing: Thing, match: Match) -> bool:
    """A protection of the whole customer does not care for the site; anything else needs certainty without contradiction."""
    if match.sister:
        return False
    if match.certainty == "certain":
        return True
    whole = thing.scope == ProtectionScope.CUSTOMER and match.certainty == "likely"
    return whole and match.reason == "contradicted" and set(match.contradictions) <= PLACE


def _soft_rule(match: Match) -> str:
    if match.sister:
        return "sister_organisation"
    for contradiction, rule in (("country", "other_country"), ("site", "other_site"), ("city", "other_site")):
        if contradiction in match.contradictions:
            return rule
    if match.reason == "contradicted" and "legal_form" in match.contradictions:  # else the names differ in more than that
        return "other_form"
    return "likely_same"


def _judge_opportunity(thing: Thing, match: Match, rules: PolicyRules, today: date) -> Finding:
    if thing.touched_on is not None and thing.touched_on < today - timedelta(days=rules.fresh_days):
        return Finding(thing, match, Outcome.REVIEW, "stale_opportunity")
    touched = thing.touched_on or today
    return Finding(thing, match, Outcome.DECLINE, "open_opportunity", touched + timedelta(days=rules.fresh_days + 1))


def _judge_deal(asking: Asking, thing: Thing, match: Match) -> Finding:
    frees = thing.protected_until + timedelta(days=1) if thing.protected_until else None
    if thing.partner_id is not None and thing.partner_id == asking.partner_id:
        return Finding(thing, match, Outcome.DECLINE, "own_deal", frees)
    if thing.partner_id in asking.linked_partner_ids:
        return Finding(thing, match, Outcome.DECLINE, "linked_deal", frees)
    if thing.effect == ProtectionEffect.TENDER and asking.tender:
        return Finding(thing, match, Outcome.REVIEW, "same_tender")
    projects = {name.casefold() for name in (asking.project, thing.project) if name}
    if len(projects) == 2 and thing.scope == ProtectionScope.PROJECT:
        return Finding(thing, match, Outcome.REVIEW, "other_project")
    if thing.status in UNDECIDED:
        return _judge_undecided(asking, thing, match)
    if thing.effect != ProtectionEffect.EXCLUSIVE:
        return Finding(thing, match, Outcome.REVIEW, "shared_protection")
    return Finding(thing, match, Outcome.DECLINE, "protected", frees)


def _judge_undecided(asking: Asking, thing: Thing, match: Match) -> Finding:
    """The earliest submission leads; a later one is no obstacle."""
    if thing.status == DealStatus.SUBMITTED and thing.submitted_at is None:
        return Finding(thing, match, Outcome.CLEAR, "not_submitted")
    if asking.submitted_at and thing.submitted_at and thing.submitted_at > asking.submitted_at:
        return Finding(thing, match, Outcome.CLEAR, "registered_later")
    return Finding(thing, match, Outcome.WAITING, "earlier_registration")


def conclude(findings: Iterable[Finding], customer_id: UUID | None = None) -> Verdict:
    """The strictest finding leads; among equals what the partner can do something about (its own deal, one to join), then the
    best score, then the longest obstacle, then the id (stable)."""
    ranked = sorted(
        findings,
        key=lambda f: (
            -SEVERITY[f.outcome],
            f.rule not in WAYS_OUT,
            -f.match.score,
            -(f.frees_up_on or date.min).toordinal(),
            str(f.thing.id),
        ),
    )
    if not ranked:
        return Verdict(Outcome.CLEAR, "nothing_alike", (), None, customer_id)
    leading = ranked[0]
    return Verdict(leading.outcome, leading.rule, tuple(ranked), leading, customer_id)
