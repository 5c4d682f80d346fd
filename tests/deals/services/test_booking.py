"""Won becomes booked once, by an order number that staff confirm."""

import pytest

from deals.enums import DealStatus
from deals.models import Deal
from deals.services.booking import book_deal
from deals.services.protection import win_deal
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed, StaleState
from tests.deals.material import approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def won(cast):
    return win_deal(approved(cast.acme, cast.amir, cast.carla), by=cast.amir)


def test_booked_under_its_order(cast, won):
    book_deal(won, by=cast.carla, order_ref=" SO-1 ")
    assert (won.status, won.order_ref) == (DealStatus.BOOKED, "SO-1")
    assert Event.objects.get(name="deals.deal.booked").data == {"confirmed": True}


def test_twice_is_refused(cast, won):
    same = Deal.objects.get()
    book_deal(won, by=cast.carla, order_ref="SO-1")
    with pytest.raises(StaleState):
        book_deal(same, by=cast.dana, order_ref="SO-2")
    assert Deal.objects.get().order_ref == "SO-1"
    assert Event.objects.filter(name="deals.deal.booked").count() == 1


@pytest.mark.parametrize("order", ["", "  ", "\x00"])
def test_without_an_order_number_nothing_is_booked(cast, won, order):
    with pytest.raises(DomainError) as refused:
        book_deal(won, by=cast.carla, order_ref=order)
    assert refused.value.field == "order_ref"
    assert Deal.objects.get().status == DealStatus.WON


@pytest.mark.parametrize("who", ["carl", "finn", "amir", "sam"])
def test_nobody_else_books(cast, won, who):
    with pytest.raises(NotAllowed):
        book_deal(won, by=getattr(cast, who), order_ref="SO-1")
    assert Deal.objects.get().status == DealStatus.WON


def test_only_what_was_won(cast):
    with pytest.raises(StaleState):
        book_deal(approved(cast.acme, cast.amir, cast.carla), by=cast.carla, order_ref="SO-1")
