"""Real threads on a real database: of two registrations of the same thing exactly one leads."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from deals.enums import DealStatus
from deals.models import Customer, Deal, ProtectedLine
from deals.services import deal as deals
from deals.services import decision
from deals.services.customer import lock_identities
from prm.core.errors import DomainError
from prm.matching import Identity
from tests.at_once import together
from tests.deals.material import draft, opportunity, submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("second_name", ["Zumtobel Lighting GmbH", "ZUMTOBEL  Lighting Gesellschaft mbH"])
def test_two_partners_register_the_same_at_once_one_leads_one_waits(cast, second_name):
    one, two = draft(cast.acme, cast.amir), draft(cast.globex, cast.boris, second_name)
    found = together(
        lambda: deals.submit_deal(Deal.objects.get(pk=one.pk), by=cast.amir),
        lambda: deals.submit_deal(Deal.objects.get(pk=two.pk), by=cast.boris),
    )
    assert not [error for error in found if isinstance(error, Exception)], found
    assert Counter(Deal.objects.values_list("status", flat=True)) == {DealStatus.IN_REVIEW: 1, DealStatus.WAITING: 1}
    assert Customer.objects.count() == 1


def test_eight_at_once_still_one_leads(cast):
    rows = [draft(cast.globex if number % 2 else cast.acme, cast.both, f"Zumtobel Lighting {form}") for number, form in
            enumerate(["GmbH", "G.m.b.H.", "GesmbH", "gmbh"])]  # fmt: skip
    together(*[lambda row=row: deals.submit_deal(Deal.objects.get(pk=row.pk), by=cast.both) for row in rows])
    statuses = Counter(Deal.objects.values_list("status", flat=True))
    assert statuses[DealStatus.IN_REVIEW] == 1
    assert sum(statuses.values()) == 4
    assert statuses[DealStatus.WAITING] + statuses[DealStatus.DECLINED] == 3


def test_a_double_click_submits_once(cast):
    row = draft(cast.acme, cast.amir)
    found = together(*[lambda: deals.submit_deal(Deal.objects.get(pk=row.pk), by=cast.amir)] * 2)
    assert sum(isinstance(answer, Deal) for answer in found) == 1
    assert sum(isinstance(answer, DomainError) for answer in found) == 1
    assert Deal.objects.get().conflicts.count() == 1


def test_approve_against_withdraw_one_wins(cast):
    row = submitted(cast.acme, cast.amir)
    found = together(
        lambda: decision.approve_deal(Deal.objects.select_related("partner").get(pk=row.pk), by=cast.carla),
        lambda: deals.withdraw_deal(Deal.objects.select_related("partner").get(pk=row.pk), by=cast.amir),
    )
    assert sum(isinstance(answer, Deal) for answer in found) == 1, found
    status = Deal.objects.get().status
    assert ProtectedLine.objects.count() == (1 if status == DealStatus.APPROVED else 0)


def test_a_registration_waits_for_an_import_that_holds_the_identity(cast):
    row = draft(cast.acme, cast.amir)
    holding, go = threading.Event(), threading.Event()

    def importing() -> str:
        from django.db import transaction

        with transaction.atomic():
            lock_identities([Identity(name="Zumtobel Lighting GmbH", country="AT")])
            holding.set()
            opportunity("Zumtobel Lighting GmbH")
            go.wait(1)
        return "imported"

    def registering() -> Deal:
        assert holding.wait(10)
        return deals.submit_deal(Deal.objects.get(pk=row.pk), by=cast.amir)

    found = together(importing, registering)
    assert found[0] == "imported", found
    assert Deal.objects.get().status == DealStatus.DECLINED, "it saw the opportunity that the import committed while it waited"


def test_the_unique_index_stands_behind_the_locks(cast):
    """Even with the advisory locks taken away, the database holds one exclusive protection."""
    one, two = submitted(cast.acme, cast.amir), submitted(cast.globex, cast.boris, "Swarovski KG")
    Deal.objects.filter(pk=two.pk).update(customer=one.customer)
    found = together(
        lambda: decision.approve_deal(Deal.objects.select_related("partner").get(pk=one.pk), by=cast.carla),
        lambda: decision.approve_deal(Deal.objects.select_related("partner").get(pk=two.pk), by=cast.carl),
    )
    assert sum(isinstance(answer, Deal) for answer in found) == 1, found
    assert ProtectedLine.objects.count() == 1
