"""Read-only records: behind the door, bounded, and only what the list offers can be filtered."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import AccountCheck, Conflict, Customer, Deal, Opportunity
from tests.deals.material import draft, opportunity, submitted

pytestmark = pytest.mark.django_db
LISTS = ["deal", "opportunity", "customer", "sale", "conflict", "accountcheck", "policy"]


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def url(model, query=""):
    return f"/admin/deals/{model}/{query}"


@pytest.mark.parametrize("model", LISTS)
def test_who_sees_the_lists(client, cast, model):
    for person, status in ((cast.dana, 200), (cast.carla, 200), (cast.sam, 200), (cast.rita, 200), (cast.finn, 403)):
        client.force_login(person)
        assert client.get(url(model)).status_code == status, person
    for person in (cast.boris, cast.alice):
        client.force_login(person)
        assert client.get(url(model)).status_code in (302, 403, 404)


def test_a_manager_finds_only_deals_checks_and_questions_of_own_partners(client, cast):
    ours, theirs = submitted(cast.acme, cast.amir, "Bachmann Optik"), submitted(cast.globex, cast.boris, "Kranz Verlag")
    hidden = draft(cast.acme, cast.amir, "Ulmer Mühle")
    for partner, user, name in ((cast.acme, cast.amir, "Asked A"), (cast.globex, cast.boris, "Asked G")):
        AccountCheck.objects.create(user=user, partner=partner, customer_name=name, answer="free")
    client.force_login(cast.carla)
    page = client.get(url("deal")).content.decode()
    assert ours.ref in page and theirs.ref not in page and hidden.ref not in page
    page = client.get(url("conflict")).content.decode()
    assert ours.ref in page and theirs.ref not in page
    page = client.get(url("accountcheck")).content.decode()
    assert "Asked A" in page and "Asked G" not in page
    assert client.get(url("deal", f"{theirs.pk}/change/")).status_code == 404
    assert client.get(url("deal", f"{ours.pk}/change/"))["Location"] == f"/admin/deals/review/{ours.ref}/"
    check = Conflict.objects.get(deal=theirs)
    assert client.get(url("conflict", f"{check.pk}/change/")).status_code == 404
    check = Conflict.objects.get(deal=ours)
    assert client.get(url("conflict", f"{check.pk}/change/"))["Location"].endswith(f"?check={check.ref}")


def test_search_is_exact_first(client, cast):
    row = submitted(cast.acme, cast.amir, "Bachmann Optik")
    submitted(cast.acme, cast.amir, f"About {row.ref} Inc")
    client.force_login(cast.dana)
    page = client.get(url("deal", f"?q={row.ref.lower()}")).content.decode()
    assert "Bachmann Optik" in page and "About" not in page
    page = client.get(url("deal", "?q=bachm")).content.decode()
    assert "Bachmann Optik" in page and "About" not in page
    assert "Bachmann Optik" not in client.get(url("deal", "?status__exact=won")).content.decode()


@pytest.mark.parametrize(
    ("term", "found"),
    [("optik", {"Bachmann Optik"}), ("ba", {"Bachmann Optik"}), ("glob", {"Kranz Verlag"}), ("gl", {"Kranz Verlag"}),
     ("tik", {"Bachmann Optik"}), ("ik", set()), ("%", set()), ("nothing like it", set())],
)  # fmt: skip
def test_search_by_a_part_of_the_customers_or_the_partners_name(client, cast, term, found):
    """Two letters are looked for where a name begins: no index finds them inside."""
    submitted(cast.acme, cast.amir, "Bachmann Optik")
    submitted(cast.globex, cast.boris, "Kranz Verlag")
    client.force_login(cast.dana)
    page = client.get(url("deal"), {"q": term}).content.decode()
    assert {name for name in ("Bachmann Optik", "Kranz Verlag") if name in page} == found


@pytest.mark.parametrize(
    "query",
    ["?q=%00", "?status__exact=%00", "?p=abc", "?p=99999", "?nonsense=1", "?customer_name__regex=((",
     "?partner__name__contains=x", "?q=" + "x" * 5000, "?o=1", "?id__in=x", "?registered_by__password__startswith=a"],
)  # fmt: skip
@pytest.mark.parametrize("model", ["deal", "customer"])
def test_odd_addresses(client, cast, model, query):
    submitted(cast.acme, cast.amir)
    client.force_login(cast.dana)
    assert client.get(url(model, query)).status_code in (200, 302, 400)


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-7000-8000-000000000000", "%00", "1/../2"])
def test_rows_that_are_not_there(client, cast, key):
    client.force_login(cast.dana)
    assert client.get(url("customer", f"{key}/change/")).status_code == 404


def test_nothing_is_edited_as_a_bare_row(client, cast):
    row = opportunity("Ulmer Mühle", external_id="CRM-1")
    client.force_login(cast.rita)
    page = client.get(url("opportunity", f"{row.pk}/change/"))
    assert page.status_code == 200 and b"CRM-1" in page.content and b"<form method" not in page.content.split(b"page-head")[1]
    client.post(url("opportunity", f"{row.pk}/change/"), {"customer_name": "Other", "state": "won"})
    assert (Opportunity.objects.get().customer_name, Opportunity.objects.get().state) == ("Ulmer Mühle", "open")
    for path in ("add/", f"{row.pk}/delete/", f"{row.pk}/history/"):
        assert client.get(url("opportunity", path)).status_code in (302, 404)
    customer = Customer.objects.get()
    assert b"also known as" in client.get(url("customer", f"{customer.pk}/change/")).content.lower()


@pytest.mark.parametrize("model", ["deal", "conflict"])
@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_at_any_length(client, cast, model, count, django_assert_max_num_queries):
    for name in ["Bachmann Optik", "Kranz Verlag", "Ulmer Mühle"][:count]:
        submitted(cast.acme, cast.amir, name)
    client.force_login(cast.dana)
    client.get(url(model))
    with django_assert_max_num_queries(9):
        assert client.get(url(model)).status_code == 200
    assert Deal.objects.count() == count


def test_the_first_page_names_the_queues_of_this_user(client, cast):
    deal = submitted(cast.acme, cast.amir)
    Deal.objects.filter(pk=deal.pk).update(due_at=timezone.now() + timedelta(hours=2))
    client.force_login(cast.carla)
    page = client.get(reverse("admin:index")).content.decode()
    assert "Registrations to decide" in page and "due within a day" in page
    client.force_login(cast.finn)
    assert "Registrations to decide" not in client.get(reverse("admin:index")).content.decode()
