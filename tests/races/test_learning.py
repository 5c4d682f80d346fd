"""Verdicts, models and merges against each other and against a submission, in real threads."""

from __future__ import annotations

import pytest

from deals.enums import DealStatus, Judged, ModelStatus
from deals.models import Conflict, Customer, CustomerAlias, CustomerMerge, Deal, IdentityVerdict, MatchModel, Opportunity
from deals.queries.verdict import get_candidate
from deals.services.customer import resolve_customer
from deals.services.deal import submit_deal
from deals.services.match_model import publish_model
from deals.services.merge import merge_customers, unmerge_customers
from deals.services.verdict import judge_candidate
from partners.models import User
from prm.audit.models import Event
from prm.core.errors import DomainError
from prm.matching import Identity, load_model
from prm.ops import invariants
from tests.cast import make_cast
from tests.deals.material import draft, opportunity, submitted
from tests.races.test_change_request import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(user) -> User:
    return User.objects.get(pk=user.pk)


def known(name: str) -> Customer:
    return resolve_customer(Identity(name, country="AT"), by=None)[0]


def judge(deal: Deal, word: str, user) -> IdentityVerdict:
    row = Conflict.objects.get(deal=deal).candidates.first()
    return judge_candidate(get_candidate(user, deal, row.pk), word, by=fresh(user))


def test_a_double_click_is_one_word():
    cast = make_cast()
    opportunity("Zumtobel Lighting Systems GmbH")
    deal = submitted(cast.acme, cast.amir)
    results = at_once(*[lambda: judge(deal, Judged.SAME, cast.carla)] * 4)
    assert len({row.pk for row in results}) == 1
    assert IdentityVerdict.objects.count() == CustomerAlias.objects.count() == 1
    assert Event.objects.filter(name="deals.verdict.recorded").count() == 1


def test_of_two_opposite_words_the_later_stands():
    cast = make_cast()
    opportunity("Zumtobel Lighting Systems GmbH")
    deal = submitted(cast.acme, cast.amir)
    at_once(lambda: judge(deal, Judged.SAME, cast.carla), lambda: judge(deal, Judged.DIFFERENT, cast.dana))
    standing = IdentityVerdict.objects.standing().get()
    assert IdentityVerdict.objects.count() == 2
    assert CustomerAlias.objects.count() == (standing.verdict == Judged.SAME)


def test_a_word_against_a_submission():
    """The submission is checked before or after the word, never half of each."""
    cast = make_cast()
    opportunity("Zumtobel Lighting GmbH")
    declined = submitted(cast.acme, cast.amir)
    second = draft(cast.globex, cast.boris)
    _word, deal = at_once(
        lambda: judge(declined, Judged.DIFFERENT, cast.carla),
        lambda: submit_deal(Deal.objects.get(pk=second.pk), by=fresh(cast.boris)),
    )
    owner = Opportunity.objects.get().customer_id
    assert (deal.status, deal.customer_id == owner) in {(DealStatus.DECLINED, True), (DealStatus.IN_REVIEW, False)}


@pytest.mark.parametrize("round_", range(3))
def test_a_merge_against_a_submission_leaves_nothing_at_the_merged_one(round_):
    cast = make_cast()
    keep, merge = known("Zumtobel Lighting GmbH"), known("Zumtobel Licht AG")
    row = draft(cast.acme, cast.amir, "Zumtobel Licht AG")
    results = at_once(
        lambda: merge_customers(keep, merge, by=fresh(cast.dana), reason="One company"),
        lambda: submit_deal(Deal.objects.get(pk=row.pk), by=fresh(cast.amir)),
    )
    assert not [found for found in results if isinstance(found, DomainError)]
    assert Deal.objects.get().customer_id == keep.pk
    assert "something alive at a merged customer" not in {problem.rule for problem in invariants.problems()}


def test_two_merges_at_once_one_is_done():
    cast = make_cast()
    keep, merge = known("Zumtobel Lighting GmbH"), known("Zumtobel Licht AG")
    results = at_once(
        lambda: merge_customers(keep, merge, by=fresh(cast.dana), reason="One company"),
        lambda: merge_customers(merge, keep, by=fresh(cast.rita), reason="One company"),
    )
    assert sorted(isinstance(found, DomainError) for found in results) == [False, True]
    assert CustomerMerge.objects.count() == 1 and Customer.objects.live().count() == 1
    row = CustomerMerge.objects.get()
    results = at_once(*[lambda: unmerge_customers(CustomerMerge.objects.get(), by=fresh(cast.dana))] * 2)
    assert sorted(isinstance(found, DomainError) for found in results) == [False, True]
    assert Customer.objects.live().count() == 2 and Event.objects.filter(name="deals.customer.unmerged").count() == 2
    assert CustomerMerge.objects.get(pk=row.pk).undone_by == cast.dana


def test_two_publish_at_once_one_model_holds():
    cast = make_cast()
    data = {"bias": -5.0, "weights": dict(load_model().weights), "likely": 0.5}
    rows = [MatchModel.objects.create(version=version, data={**data, "version": version}) for version in ("2", "3")]
    at_once(*[
        lambda row=row: publish_model(MatchModel.objects.get(pk=row.pk), by=fresh(cast.rita), reason="Better") for row in rows
    ])  # fmt: skip
    assert sorted(MatchModel.objects.values_list("status", flat=True)) == [ModelStatus.PUBLISHED, ModelStatus.RETIRED]
