"""Search: what the searcher may see, the best first, and nothing about the rest."""

import pytest
from django.test import Client
from django.urls import reverse

from deals.models import Deal
from partners.models import Partner
from partners.services import membership
from prm.home.queries import READ, SHOWN, clean_question, enough, search_portal, search_staff
from tests.deals.material import approved, draft, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def deal(cast):
    return approved(cast.acme, cast.amir, cast.carla, "Übermut Zumtobel GmbH", project="Nordhalle")


def names(rows):
    return [str(getattr(row, "deal", None) or getattr(row, "user", None) or row) for row in rows]


@pytest.mark.parametrize("text", ["übermut", "ZUMTOBEL", "nordhalle", "tobel g"])
def test_a_part_of_customer_or_project_in_any_case(cast, deal, text):
    assert [row.deal for row in search_portal(cast.amir, cast.acme, text).deals] == [deal]
    assert [row.deal for row in search_staff(cast.carla, text).deals] == [deal]


def test_a_number_whole_or_in_part(cast, deal):
    for text in (deal.ref, deal.ref.lower(), deal.ref[2:]):
        assert [row.deal for row in search_portal(cast.amir, cast.acme, text).deals] == [deal]
        assert [row.deal for row in search_staff(cast.dana, text).deals] == [deal]


@pytest.mark.parametrize("who", ["boris", "both"])
def test_another_partner_finds_nothing_of_it(cast, deal, who):
    for text in ("zumtobel", deal.ref, "amir"):
        assert search_portal(getattr(cast, who), cast.globex, text).empty


def test_staff_find_what_is_in_their_scope(cast, deal):
    mine, other, desk = (search_staff(user, "zumtobel").deals for user in (cast.carla, cast.carl, cast.dana))
    assert (len(mine), len(other), len(desk)) == (1, 0, 1)
    assert names(search_staff(cast.carla, "acme").partners) == ["Acme"]
    assert not search_staff(cast.carl, "acme").partners
    assert names(search_staff(cast.carla, "amir").people) == ["Amir Sales"]
    assert not search_staff(cast.carl, "amir").people
    assert [row.user for row in search_staff(cast.carl, "carla").staff] == [cast.carla]


def test_drafts_are_for_their_own_company(cast):
    unsent = draft(cast.acme, cast.amir, "Zumtobel")
    assert [row.deal for row in search_portal(cast.amir, cast.acme, "zumtobel").deals] == [unsent]
    assert search_staff(cast.dana, "zumtobel").empty


def test_who_sees_only_their_own_deals_finds_those_alone(cast, deal):
    Partner.objects.filter(pk=cast.acme.pk).update(deal_sight="own")
    approved(cast.acme, cast.alice, cast.carla, "Zumtobel Zwei AG")
    found = search_portal(cast.amir, cast.acme, "zumtobel")
    assert [row.deal for row in found.deals] == [deal]


@pytest.mark.parametrize("who", ["mona"])
def test_who_may_see_no_deals_finds_people_only(cast, deal, who):
    found = search_portal(getattr(cast, who), cast.acme, "zumtobel")
    assert not found.deals
    assert names(search_portal(getattr(cast, who), cast.acme, "amir").people) == ["Amir Sales"]


def test_people_of_the_team_the_manager_and_ones_other_companies(cast):
    assert names(search_portal(cast.amir, cast.acme, "alice.admin@").people) == ["Alice Admin"]
    assert search_portal(cast.amir, cast.acme, "carla").staff == [cast.carla]
    assert not search_portal(cast.amir, cast.acme, "dana").staff
    assert search_portal(cast.both, cast.acme, "globex").partners == [cast.globex]
    assert not search_portal(cast.amir, cast.acme, "globex").partners
    membership.remove(cast.tom.memberships.get(), by=cast.alice)
    assert search_portal(cast.amir, cast.acme, "tom tech").empty


def test_the_best_come_first_and_there_are_ten_at_most(cast):
    for number in range(SHOWN):
        submitted(cast.acme, cast.amir, f"Alte Firma{number} Zumtobel GmbH")
    first = submitted(cast.acme, cast.amir, "Zumtobel AG")
    found = search_portal(cast.amir, cast.acme, "zumtobel")
    assert (found.deals[0].deal, len(found.deals), found.more) == (first, SHOWN, {"deals"})
    assert names(found.deals)[1].endswith(f"Firma{SHOWN - 1} Zumtobel GmbH"), "then the newest"


def test_reading_is_bounded(cast, deal, django_assert_num_queries):
    search_staff(cast.dana, "zumtobel")  # her rights are known from here on
    with django_assert_num_queries(4) as seen:
        search_staff(cast.dana, "zumtobel")
    assert all(f"LIMIT {READ}" in query["sql"] for query in seen.captured_queries)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [("  a\x00b \n c ", "a b c"), ("x" * 500, "x" * 100), ("\u202eabc\u200b", "abc"), ("100%_", "100%_"), ("東芝", "東芝")],
)
def test_what_is_typed_is_cleaned(typed, clean):
    assert clean_question(typed) == clean


@pytest.mark.parametrize("text", ["abc", "a-3M1", "D-8WVJPX71", "東京エレ", "übe", "مرح"])
def test_three_letters_in_a_row_are_enough(text):
    assert enough(text)


@pytest.mark.parametrize("text", ["", "ab", "a b c", "%%%", "___", "-- '", "3M AG"])
def test_fewer_are_not(text):
    assert not enough(text)


def test_signs_of_patterns_are_letters_like_others(cast, deal):
    for text in ("%%%", "___", "\\\\\\", "'; --"):
        assert search_portal(cast.amir, cast.acme, text).empty and search_staff(cast.dana, text).empty


def search(client, user, **query):
    client.force_login(user)
    return client.get(reverse("home:search"), query)


def test_the_page_shows_what_was_found_with_its_ways_in(client, cast, deal):
    page = search(client, cast.amir, q="zumtobel").content.decode()
    assert reverse("deals:detail", args=[deal.ref]) in page and 'value="zumtobel"' in page
    page = search(client, cast.amir, q="carla").content.decode()
    assert reverse("partners:channel_manager") in page


def test_a_foreign_name_and_one_that_is_nobodys_read_the_same(cast, deal):
    def page(text):
        return search(Client(), cast.boris, q=text).content.decode().replace(text, "TEXT")

    import re

    blank = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"')
    assert blank.sub("", page("zumtobel")) == blank.sub("", page("nonsense"))


def test_the_staffs_page_links_to_their_own_pages(client, cast, deal):
    answer = search(client, cast.dana, q="Zumtobel & x")
    assert answer.status_code == 302 and answer.url == reverse("admin:search") + "?q=Zumtobel+%26+x"
    page = client.get(reverse("admin:search"), {"q": "zumtobel"}).content.decode()
    assert reverse("admin:deals_review_deal", args=[deal.ref]) in page and reverse("deals:detail", args=[deal.ref]) not in page
    page = client.get(reverse("admin:search"), {"q": "acme"}).content.decode()
    assert reverse("admin:partners_partner_change", args=[cast.acme.pk]) in page
    page = client.get(reverse("admin:search"), {"q": "amir"}).content.decode()
    assert reverse("admin:partners_membership_change", args=[cast.amir.memberships.get().pk]) in page
    assert 'action="/admin/search/"' in page


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "ab"}, {"q": "\x00" * 9}, {"q": "x" * 9000}, {"q": "مرحبا بالعالم"}])
def test_odd_questions_are_answered(client, cast, query):
    assert search(client, cast.amir, **query).status_code == 200
    client.force_login(cast.rita)
    assert client.get(reverse("admin:search"), query).status_code == 200


def test_who_is_outside_stays_outside(client, cast):
    assert client.get(reverse("home:search")).status_code == 302
    for user in (cast.susi, cast.pat):
        assert "Zumtobel" not in search(client, user, q="zumtobel").content.decode()
    client.force_login(cast.amir)
    assert client.get(reverse("admin:search")).status_code in (302, 403)
    assert client.post(reverse("home:search")).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_at_any_length(client, cast, count, django_assert_max_num_queries):
    for number in range(count):
        submitted(cast.acme, cast.amir, f"Zumtobel{number} Werke")
    search(client, cast.amir, q="zumtobel")
    with django_assert_max_num_queries(10):
        assert len(client.get(reverse("home:search"), {"q": "zumtobel"}).content) > 0
    assert Deal.objects.count() == count
