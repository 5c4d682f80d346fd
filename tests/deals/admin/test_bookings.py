"""Won, not booked: staff confirm an order number."""

import pytest

from deals.enums import DealStatus
from deals.models import Deal
from deals.services import protection
from prm.audit.models import Event
from tests.deals.material import approved

pytestmark = pytest.mark.django_db
LIST = "/admin/deals/bookings/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def won(cast, partner, user, customer="Ulmer Mühle"):
    return protection.win_deal(approved(partner, user, cast.dana, customer), by=user)


def book(client, deal, order):
    return client.post(f"{LIST}{deal.ref}/", {"order_ref": order})


def test_an_order_number_books_the_deal(client, cast):
    ours, theirs = won(cast, cast.acme, cast.amir), won(cast, cast.globex, cast.boris, "Kranz Verlag")
    client.force_login(cast.carla)
    page = client.get(LIST).content.decode()
    assert ours.ref in page and theirs.ref not in page
    assert book(client, ours, "SO-4711").status_code == 302
    assert book(client, theirs, "SO-4712").status_code == 404
    ours.refresh_from_db()
    assert (ours.status, ours.order_ref) == (DealStatus.BOOKED, "SO-4711")
    assert Event.objects.filter(name="deals.deal.booked", object_id=str(ours.pk), actor_id=str(cast.carla.pk)).count() == 1
    assert ours.ref not in client.get(LIST).content.decode().split("toasts")[0]
    assert b"not possible any more" in client.post(f"{LIST}{ours.ref}/", {"order_ref": "SO-1"}, follow=True).content


@pytest.mark.parametrize(("order", "said"), [("", "required"), ("x" * 65, "at most 64"), ("a\x00b", "cannot be stored")])
def test_bad_order_numbers(client, cast, order, said):
    deal = won(cast, cast.acme, cast.amir)
    client.force_login(cast.dana)
    answer = book(client, deal, order)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert Deal.objects.get(pk=deal.pk).status == DealStatus.WON


def test_who_benefits_does_not_book(client, cast):
    deal = won(cast, cast.acme, cast.amir)
    Deal.objects.filter(pk=deal.pk).update(owner=cast.dana)
    client.force_login(cast.dana)
    assert b"someone else has to decide" in client.get(LIST).content
    assert book(client, deal, "SO-1").status_code == 403
    client.force_login(cast.sam)
    assert book(client, deal, "SO-1").status_code == 403
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{deal.ref}/").status_code == 405
    assert Deal.objects.get(pk=deal.pk).status == DealStatus.WON


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_at_any_length(client, cast, count, django_assert_max_num_queries):
    for name in ["Bachmann Optik", "Kranz Verlag", "Ulmer Mühle"][:count]:
        won(cast, cast.acme, cast.amir, name)
    client.force_login(cast.dana)
    client.get(LIST)
    with django_assert_max_num_queries(9):
        assert client.get(LIST).content.count(b'name="order_ref"') == count
