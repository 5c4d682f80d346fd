"""What one's own company let go is registered again at once only through a person."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deals.models import Deal
from deals.queries.detail import last_conflict
from deals.services.account import check_account
from deals.services.deal import LineFacts
from deals.services.protection import expire_deal, release_deal
from prm.matching import Identity
from tests.deals.material import approved, product, submitted

pytestmark = pytest.mark.django_db
NAME = "Gasser Ofenbau"


@pytest.fixture
def released(cast):
    return release_deal(approved(cast.acme, cast.amir, cast.carla, NAME), by=cast.amir)


def rule_of(deal):
    return last_conflict(deal).rule


@pytest.fixture
def expired(cast):
    deal = approved(cast.acme, cast.amir, cast.carla, NAME)
    Deal.objects.filter(pk=deal.pk).update(protected_until=timezone.localdate() - timedelta(days=3))
    deal.refresh_from_db()
    return expire_deal(deal, now=timezone.now())


@pytest.mark.parametrize("how", ["released", "expired"])
def test_a_colleague_registers_it_again_and_a_person_looks(cast, request, how):
    before = request.getfixturevalue(how)
    deal = submitted(cast.acme, cast.alice, NAME)
    assert (deal.status, rule_of(deal)) == ("in_review", "registered_again")
    assert [row.deal for row in last_conflict(deal).candidates.all() if row.deal_id] == [before]


def test_the_account_check_says_the_same(cast, released):
    assert check_account(Identity(name=NAME, country="AT"), by=cast.alice, partner=cast.acme).kind == "review"
    assert check_account(Identity(name=NAME, country="AT"), by=cast.boris, partner=cast.globex).kind == "free"


def test_not_for_others_nor_other_products_nor_after_the_days(cast, released):
    assert rule_of(submitted(cast.globex, cast.boris, NAME)) != "registered_again"
    other = LineFacts(product("MG Special", "MG"), 1, None)
    assert rule_of(submitted(cast.acme, cast.alice, NAME, city="Linz", lines=[other])) != "registered_again"


def test_after_the_days_it_is_as_new(cast, released):
    Deal.objects.filter(pk=released.pk).update(ended_at=timezone.now() - timedelta(days=31))
    assert rule_of(submitted(cast.acme, cast.alice, NAME)) != "registered_again"
