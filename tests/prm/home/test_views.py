"""Home: what needs the partner's people."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.enums import JoinRequestStatus
from deals.models import Deal, JoinRequest
from deals.queries.home import MOST
from deals.services import protection
from deals.services.decision import ask_question, return_deal
from deals.services.join_request import ask_join
from partners.rules import Perm, may
from tests.deals.material import approved, draft, submitted

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


def listed(client, user, name):
    """Refs of one list of the home page, in order."""
    page = home(client, user)
    part = page.partition(f'id="home-{name}"')[2].partition("</section>")[0]
    return re.findall(r"/(D-\w+)/", part)


def chip(client, user):
    client.force_login(user)
    chips = client.get(reverse("deals:list")).context["chips"]
    todo = client.get(reverse("deals:list"), {"status": "todo"}).context["page"].rows
    count = {str(chip.label): chip.count.value for chip in chips if chip.count is not None}["Waiting on me"]
    assert count == len(todo)
    return count


def test_what_waits_on_me_is_mine_and_my_role_can_do_it(client, cast):
    mine = draft(cast.acme, cast.amir, "Alpha Werke")
    returned = return_deal(submitted(cast.acme, cast.amir, "Beta Werke"), by=cast.carla, reason="products")
    asked = submitted(cast.acme, cast.amir, "Gamma Werke")
    ask_question(asked, by=cast.carla, text="Which site is it?")
    draft(cast.acme, cast.alice, "Delta Werke")
    theirs = submitted(cast.acme, cast.alice, "Omega Werke")
    ask_question(theirs, by=cast.carla, text="Which site is it?")
    assert listed(client, cast.amir, "on-me") == [asked.ref, returned.ref, mine.ref], "what stands still comes first"
    assert chip(client, cast.amir) == 3
    assert chip(client, cast.alice) == 2 == len(listed(client, cast.alice, "on-me"))
    assert theirs.ref in listed(client, cast.amir, "deciding")
    for user in (cast.tom, cast.anna):
        assert not listed(client, user, "on-me") and "complete and submit" not in home(client, user)
        if may(user, Perm.VIEW_DEALS, cast.acme):
            assert chip(client, user) == 0


def test_the_most_urgent_stands_first_and_says_how_late(client, cast):
    late = submitted(cast.acme, cast.amir, "Late Werke")
    long_ago = timezone.now() - timedelta(days=8)
    late.clock_runs.update(started_at=long_ago)
    Deal.objects.filter(pk=late.pk).update(due_at=long_ago + timedelta(days=1), submitted_at=long_ago)
    for number in range(MOST + 2):
        submitted(cast.acme, cast.amir, f"Firma {'ABCDEFGHIJKL'[number] * 5} GmbH")
    refs = listed(client, cast.amir, "deciding")
    assert len(refs) == MOST and refs[0] == late.ref
    page = home(client, cast.amir)
    shown = client.get(reverse("deals:detail", args=[late.ref])).content.decode()
    words = re.search(r"Late, \d+ days? credited", page)
    assert words and words[0] in shown
