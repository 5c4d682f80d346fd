"""What a match means, row by row of the policy. No database."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from deals.enums import DealStatus, MatchedKind, Outcome, ProtectionEffect, ProtectionScope
from deals.rules.conflict import Asking, Match, Products, Thing, conclude, judge
from deals.rules.policy import PolicyRules

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = PolicyRules()
US, LINKED, OTHERS = uuid4(), uuid4(), uuid4()
GTX, MG = Products(frozenset({uuid4()}), frozenset({uuid4()})), Products(frozenset({uuid4()}), frozenset({uuid4()}))
CERTAIN, UNLIKELY = Match("certain", 0.99, "same_domain"), Match("unlikely", 0.1)
SISTER = Match("certain", 0.99, "same_domain", sister=True)


def likely(*contradictions: str, reason: str = "") -> Match:
    return Match("likely", 0.8, reason, contradictions=contradictions)


def asking(**changes) -> Asking:
    values = {"partner_id": US, "linked_partner_ids": frozenset({LINKED}), "products": GTX, "submitted_at": NOON}
    return Asking(**{**values, **changes})


def deal(**changes) -> Thing:
    values = {"partner_id": OTHERS, "status": DealStatus.APPROVED, "protected_until": TODAY, "products": GTX}
    return Thing(MatchedKind.DEAL, uuid4(), "D-1", **{**values, **changes})


def undecided(minutes: int | None = -1, **changes) -> Thing:
    at = None if minutes is None else NOON + timedelta(minutes=minutes)
    return deal(**{"status": DealStatus.IN_REVIEW, "protected_until": None, "submitted_at": at, **changes})


def opportunity(days: int | None) -> Thing:
    touched = None if days is None else TODAY - timedelta(days=days)
    return Thing(MatchedKind.OPPORTUNITY, uuid4(), "X1", products=GTX, touched_on=touched)


CUSTOMER = Thing(MatchedKind.CUSTOMER, uuid4(), "C-1")
PROJECT = {"scope": ProtectionScope.PROJECT, "project": "Hall 1"}


@pytest.mark.parametrize(
    ("thing", "match", "question", "outcome", "rule"),
    [
        (CUSTOMER, CERTAIN, {}, Outcome.CLEAR, "known_customer"),
        (CUSTOMER, likely(), {}, Outcome.CLEAR, "similar_customer"),
        (deal(), UNLIKELY, {}, Outcome.CLEAR, "not_alike"),
        (deal(products=MG), CERTAIN, {}, Outcome.CLEAR, "other_products"),
        (deal(products=Products()), CERTAIN, {}, Outcome.DECLINE, "protected"),
        (deal(), CERTAIN, {"products": Products()}, Outcome.DECLINE, "protected"),
        (deal(), CERTAIN, {}, Outcome.DECLINE, "protected"),
        (deal(), likely(), {}, Outcome.REVIEW, "likely_same"),
        (deal(), likely("country"), {}, Outcome.REVIEW, "other_country"),
        (deal(), likely("legal_form", reason="contradicted"), {}, Outcome.REVIEW, "other_form"),
        (deal(), likely("legal_form", reason="score"), {}, Outcome.REVIEW, "likely_same"),
        (deal(), likely("city"), {}, Outcome.REVIEW, "other_site"),
        (deal(), likely("site"), {}, Outcome.REVIEW, "other_site"),
        (deal(), SISTER, {}, Outcome.REVIEW, "sister_organisation"),
        (deal(), Match("unlikely", 0.1, sister=True), {}, Outcome.REVIEW, "sister_organisation"),
        (deal(scope=ProtectionScope.CUSTOMER), likely("city", reason="contradicted"), {}, Outcome.DECLINE, "protected"),
        (deal(scope=ProtectionScope.CUSTOMER), likely("country", reason="contradicted"), {}, Outcome.REVIEW, "other_country"),
        (deal(scope=ProtectionScope.CUSTOMER), likely("city"), {}, Outcome.REVIEW, "other_site"),
        (deal(partner_id=US), CERTAIN, {}, Outcome.DECLINE, "own_deal"),
        (deal(partner_id=LINKED), CERTAIN, {}, Outcome.DECLINE, "linked_deal"),
        (deal(effect=ProtectionEffect.SHARED), CERTAIN, {}, Outcome.REVIEW, "shared_protection"),
        (deal(effect=ProtectionEffect.TENDER), CERTAIN, {"tender": True}, Outcome.REVIEW, "same_tender"),
        (deal(effect=ProtectionEffect.TENDER), CERTAIN, {}, Outcome.REVIEW, "shared_protection"),
        (deal(**PROJECT), CERTAIN, {"project": "Hall 2"}, Outcome.REVIEW, "other_project"),
        (deal(**PROJECT), CERTAIN, {"project": "HALL 1"}, Outcome.DECLINE, "protected"),
        (deal(**PROJECT), CERTAIN, {}, Outcome.DECLINE, "protected"),
        (undecided(-1), CERTAIN, {}, Outcome.WAITING, "earlier_registration"),
        (undecided(0), CERTAIN, {}, Outcome.WAITING, "earlier_registration"),
        (undecided(1), CERTAIN, {}, Outcome.CLEAR, "registered_later"),
        (undecided(None, status=DealStatus.SUBMITTED), CERTAIN, {}, Outcome.CLEAR, "not_submitted"),
        (undecided(-1, status=DealStatus.RETURNED), CERTAIN, {}, Outcome.WAITING, "earlier_registration"),
        (opportunity(0), CERTAIN, {}, Outcome.DECLINE, "open_opportunity"),
        (opportunity(60), CERTAIN, {}, Outcome.DECLINE, "open_opportunity"),
        (opportunity(61), CERTAIN, {}, Outcome.REVIEW, "stale_opportunity"),
        (opportunity(None), CERTAIN, {}, Outcome.DECLINE, "open_opportunity"),
        (opportunity(0), likely(), {}, Outcome.REVIEW, "likely_same"),
    ],
)
def test_one_thing_judged(thing, match, question, outcome, rule):
    found = judge(asking(**question), thing, match, RULES, TODAY)
    assert (found.outcome, found.rule) == (outcome, rule)


@pytest.mark.parametrize("match", [likely(), likely("country"), likely("site"), UNLIKELY, SISTER])
@pytest.mark.parametrize("score", [0.5, 0.99, 1.0])
@pytest.mark.parametrize("thing", [deal(), opportunity(0), deal(partner_id=US), undecided()])
def test_a_score_alone_never_declines_nor_makes_wait(match, score, thing):
    soft = Match(match.certainty, score, match.reason, (), match.contradictions, (), match.sister)
    assert judge(asking(), thing, soft, RULES, TODAY).outcome in (Outcome.CLEAR, Outcome.REVIEW)


def test_when_it_frees_up():
    assert judge(asking(), deal(), CERTAIN, RULES, TODAY).frees_up_on == TODAY + timedelta(days=1)
    assert judge(asking(), opportunity(10), CERTAIN, RULES, TODAY).frees_up_on == TODAY + timedelta(days=51)
    assert judge(asking(), opportunity(None), CERTAIN, RULES, TODAY).frees_up_on == TODAY + timedelta(days=61)
    assert judge(asking(), undecided(), CERTAIN, RULES, TODAY).frees_up_on is None


def test_the_strictest_leads_then_the_score_then_the_longest():
    assert (conclude([]).outcome, conclude([]).rule, conclude([]).leading) == (Outcome.CLEAR, "nothing_alike", None)
    soft = judge(asking(), deal(), likely(), RULES, TODAY)
    waits = judge(asking(), undecided(), CERTAIN, RULES, TODAY)
    taken = judge(asking(), deal(), CERTAIN, RULES, TODAY)
    longer = judge(asking(), deal(protected_until=TODAY + timedelta(days=9)), CERTAIN, RULES, TODAY)
    surer = judge(asking(), deal(), Match("certain", 1.0, "same_number"), RULES, TODAY)
    verdict = conclude([soft, waits, taken, longer, surer])
    assert verdict.findings == (surer, longer, taken, waits, soft)
    assert (verdict.leading, verdict.outcome, verdict.rule) == (surer, Outcome.DECLINE, "protected")


def test_among_equals_the_order_is_always_the_same():
    things = [Thing(MatchedKind.DEAL, UUID(int=number), "D", products=GTX, partner_id=OTHERS) for number in (3, 1, 2)]
    found = [judge(asking(), thing, likely(), RULES, TODAY) for thing in things]
    assert [row.thing.id.int for row in conclude(found).findings] == [1, 2, 3]


def test_products_overlap_by_product_by_family_or_when_none_is_named():
    family = frozenset({uuid4()})
    one, two = Products(frozenset({uuid4()}), family), Products(frozenset({uuid4()}), family)
    assert one.overlap(two) and one.overlap(one) and one.overlap(Products()) and Products().overlap(two)
    assert not one.overlap(GTX)
