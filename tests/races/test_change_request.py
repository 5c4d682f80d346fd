"""Change requests against registrations and each other, in real threads."""

from dataclasses import replace
from functools import partial

import pytest

from deals.enums import ChangeRequestStatus, DealStatus
from deals.models import ChangeRequest, Deal, ProtectedLine
from deals.queries.change import key_facts_of
from deals.services.change_request import accept_change, change_key_facts
from deals.services.deal import submit_deal
from partners.models import User
from prm.core.errors import DomainError
from tests.at_once import together
from tests.cast import make_cast
from tests.deals.material import approved, draft

pytestmark = pytest.mark.django_db(transaction=True)


at_once = partial(together, refusals=DomainError)


def ask(deal, user, name):
    fresh = Deal.objects.select_related("partner").get(pk=deal.pk)
    facts = replace(key_facts_of(fresh), customer_name=name)
    return change_key_facts(fresh, facts, by=User.objects.get(pk=user.pk), version=fresh.version)


def test_of_a_change_and_a_registration_of_the_same_exactly_one_leads():
    cast = make_cast()
    deal = approved(cast.acme, cast.amir, cast.carla)
    other = draft(cast.globex, cast.boris, "Swarovski KG")
    change, second = at_once(
        lambda: ask(deal, cast.amir, "Swarovski KG"),
        lambda: submit_deal(Deal.objects.get(pk=other.pk), by=User.objects.get(pk=cast.boris.pk)),
    )
    waits = second.status == DealStatus.WAITING
    behind = change.conflict.rule == "earlier_registration"
    assert waits != behind, "one waits for the other, never both and never neither"
    if waits:
        accept_change(ChangeRequest.objects.select_related("deal__partner", "customer", "conflict").get(), by=cast.carla)
        assert Deal.objects.get(pk=other.pk).status == DealStatus.DECLINED
    else:
        with pytest.raises(DomainError):
            accept_change(ChangeRequest.objects.select_related("deal__partner", "customer", "conflict").get(), by=cast.carla)


def test_two_colleagues_ask_at_once_one_request():
    cast = make_cast()
    deal = approved(cast.acme, cast.amir, cast.carla)
    results = at_once(lambda: ask(deal, cast.amir, "Swarovski KG"), lambda: ask(deal, cast.alice, "Kranz Verlag"))
    assert sorted(isinstance(result, DomainError) for result in results) == [False, True]
    assert ChangeRequest.objects.count() == 1


def test_two_deciders_at_once_one_decision():
    cast = make_cast()
    deal = approved(cast.acme, cast.amir, cast.carla)
    ask(deal, cast.amir, "Swarovski KG")

    def accept(user):
        change = ChangeRequest.objects.select_related("deal__partner", "customer", "conflict").get()
        return accept_change(change, by=User.objects.get(pk=user.pk))

    results = at_once(lambda: accept(cast.carla), lambda: accept(cast.dana))
    assert sorted(isinstance(result, DomainError) for result in results) == [False, True]
    assert (ChangeRequest.objects.get().status, ProtectedLine.objects.count()) == (ChangeRequestStatus.ACCEPTED, 1)


def test_two_deals_want_the_same_account_one_gets_it():
    cast = make_cast()
    ours = approved(cast.acme, cast.amir, cast.carla)
    theirs = approved(cast.globex, cast.boris, cast.carl, "Bachmann Optik")
    at_once(lambda: ask(ours, cast.amir, "Swarovski KG"), lambda: ask(theirs, cast.boris, "Swarovski KG"))

    def accept(pk):
        change = ChangeRequest.objects.select_related("deal__partner", "customer", "conflict").get(pk=pk)
        return accept_change(change, by=User.objects.get(pk=cast.dana.pk))

    first, second = ChangeRequest.objects.order_by("created_at").values_list("pk", flat=True)
    results = at_once(lambda: accept(first), lambda: accept(second))
    assert isinstance(results[1], DomainError), "the earliest leads"
    assert ProtectedLine.objects.filter(customer__name="Swarovski KG").count() <= 1
