"""Home: what needs the partner's people."""

import pytest
from django.urls import reverse

from deals.enums import JoinRequestStatus
from deals.models import JoinRequest
from deals.services import protection
from deals.services.join_request import ask_join
from tests.deals.material import approved, submitted

pytestmark = pytest.mark.django_db
ASKS = "Companies that ask to take part"


@pytest.fixture
def join(cast):
    """Acme has a deal that its distributor registers too, and asks to join."""
    deal = approved(cast.acme, cast.amir, cast.carla)
    return ask_join(submitted(cast.initech, cast.dieter, deal.customer_name), by=cast.dieter)


def home(client, user):
    client.force_login(user)
    return client.get(reverse("home:home")).content.decode()


def test_who_may_answer_sees_that_a_company_asks_to_join(client, cast, join):
    for user in (cast.alice, cast.amir):
        page = home(client, user)
        assert ASKS in page and "Initech · " in page and reverse("deals:detail", args=[join.deal.ref]) in page


@pytest.mark.parametrize("who", ["anna", "tom", "mona", "boris", "dieter"])
def test_others_do_not(client, cast, join, who):
    page = home(client, getattr(cast, who))
    assert ASKS not in page and "Initech · " not in page


def test_sales_who_see_only_their_own_deals_are_asked_for_those_alone(client, cast, join):
    cast.acme.__class__.objects.filter(pk=cast.acme.pk).update(deal_sight="own")
    assert ASKS in home(client, cast.amir) and ASKS not in home(client, cast.both)


@pytest.mark.parametrize("end", ["answered", "deal over"])
def test_it_goes_when_there_is_nothing_to_answer(client, cast, join, end):
    if end == "answered":
        JoinRequest.objects.update(status=JoinRequestStatus.REFUSED)
    else:
        protection.lose_deal(join.deal, by=cast.amir, reason="price")
    assert ASKS not in home(client, cast.amir)


def test_home_asks_the_database_the_same_however_many_ask(client, cast, join, django_assert_max_num_queries):
    client.force_login(cast.amir)
    client.get(reverse("home:home"))
    with django_assert_max_num_queries(14):
        client.get(reverse("home:home"))
