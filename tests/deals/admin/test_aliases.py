"""Other names and domains on the record page of a customer."""

from __future__ import annotations

import pytest

from deals.enums import Judged
from deals.models import CustomerAlias
from deals.services.alias import record_alias
from deals.services.merge import merge_customers
from deals.services.verdict import judge_candidate
from prm.audit.models import Event
from prm.core.identifiers import uuid7
from tests.deals.admin.test_verdicts import candidate
from tests.deals.material import opportunity, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def customer(db):
    return opportunity("Zumtobel Lighting Systems GmbH", domain="zumtobel.com").customer


def page_of(customer) -> str:
    return f"/admin/deals/customer/{customer.pk}/change/"


def record_url(customer) -> str:
    return f"/admin/deals/customers/{customer.ref}/names/"


def withdraw_url(pk) -> str:
    return f"/admin/deals/names/{pk}/withdraw/"


def test_recorded_shown_and_taken_back(client, cast, customer):
    client.force_login(cast.dana)
    before = client.get(page_of(customer)).content.decode()
    assert "its own name and domain only" in before and f'action="{record_url(customer)}"' in before
    answer = client.post(record_url(customer), {"name": "Thorn Licht AG", "domain": "https://www.thorn.at/"}, follow=True)
    assert answer.redirect_chain == [(page_of(customer), 302)]
    page = answer.content.decode()
    assert "Thorn Licht AG, thorn.at leads to this customer now" in page and "recorded by Dana" in page
    assert submitted(cast.acme, cast.amir, "TL Austria", website="thorn.at").customer == customer
    row = CustomerAlias.objects.get(domain="thorn.at")
    assert withdraw_url(row.pk) in page
    answer = client.post(withdraw_url(row.pk), follow=True)
    assert answer.redirect_chain == [(page_of(customer), 302)]
    assert "thorn.at no longer leads to this customer" in answer.content.decode()
    assert list(CustomerAlias.objects.values_list("name", flat=True)) == ["Thorn Licht AG"]
    assert client.post(withdraw_url(row.pk)).status_code == 404


def test_submitted_twice_is_recorded_once(client, cast, customer):
    client.force_login(cast.rita)
    for _ in range(2):
        page = client.post(record_url(customer), {"domain": "thorn.at"}, follow=True).content.decode()
    assert "It goes by this already" in page
    assert CustomerAlias.objects.count() == Event.objects.filter(name="deals.customer.alias_recorded").count() == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Write a name or a domain"),
        ({"domain": "gmail.com"}, "Anybody may have an address"),
        ({"domain": "nonsense"}, "not a web domain"),
        ({"name": "n" * 301}, "at most 300"),
        ({"name": "A\x00"}, "cannot be stored"),
    ],
)
def test_bad_input_is_said_and_kept(client, cast, customer, data, said):
    client.force_login(cast.dana)
    answer = client.post(record_url(customer), data)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page
    assert 'name="domain"' in page and all(value.replace("\x00", "") in page for value in data.values())
    assert not CustomerAlias.objects.exists()


def test_another_customer_s_leads_there_and_side_by_side(client, cast, customer):
    other = opportunity("Thorn Licht AG", domain="thorn.at").customer
    client.force_login(cast.dana)
    for data in ({"domain": "thorn.at"}, {"name": "Thorn Licht AG"}):
        answer = client.post(record_url(customer), data)
        page = answer.content.decode()
        assert answer.status_code == 422 and f"Thorn Licht AG ({other.ref}) has this already" in page
        assert page_of(other) in page and f"/admin/deals/doubles/{customer.ref}/?other={other.ref}" in page
    assert not CustomerAlias.objects.exists()


def test_what_was_learned_says_whence_and_stays(client, cast, customer):
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH")
    verdict = judge_candidate(candidate(deal), Judged.SAME, by=cast.carla)
    merge = merge_customers(customer, opportunity("Thorn Licht AG").customer, by=cast.dana, reason="One")
    CustomerAlias.objects.create(customer=customer, domain="zumtobel.example")
    client.force_login(cast.dana)
    page = client.get(page_of(customer)).content.decode()
    assert "from an import" in page and f">{verdict.ref}</a>" in page and f">{merge.ref}</a>" in page
    assert "/admin/deals/names/" not in page
    for row in CustomerAlias.objects.all():
        assert b"Nobody recorded this by hand" in client.post(withdraw_url(row.pk), follow=True).content
    assert CustomerAlias.objects.count() == 3


def test_the_address_of_a_merged_customer_means_the_kept_one(client, cast, customer):
    gone = opportunity("Thorn Licht AG").customer
    merge_customers(customer, gone, by=cast.dana, reason="One")
    client.force_login(cast.dana)
    assert client.post(record_url(gone), {"domain": "thorn.at"})["Location"] == page_of(customer)
    assert CustomerAlias.objects.get(domain="thorn.at").customer == customer


def test_only_by_post_and_only_what_is_there(client, cast, customer):
    [alias] = record_alias(customer, domain="thorn.at", by=cast.dana)
    client.force_login(cast.dana)
    for url in (record_url(customer), withdraw_url(alias.pk)):
        assert client.get(url).status_code == client.put(url).status_code == 405
    assert client.post("/admin/deals/customers/C-00000000/names/", {"domain": "licht.at"}).status_code == 404
    assert client.post(withdraw_url(uuid7())).status_code == 404
    assert list(customer.aliases.all()) == [alias]


@pytest.mark.parametrize(("who", "status"), [("carla", 403), ("sam", 403), ("finn", 404), ("amir", 302), ("boris", 302)])
def test_who_may_not(client, cast, customer, who, status):
    [alias] = record_alias(customer, domain="thorn.at", by=cast.dana)
    client.force_login(getattr(cast, who))
    assert client.post(record_url(customer), {"domain": "licht.at"}).status_code == status
    assert client.post(withdraw_url(alias.pk)).status_code == status
    assert list(customer.aliases.all()) == [alias]
    assert "names-title" not in client.get(page_of(customer)).content.decode()


def test_as_many_queries_for_many_names(client, cast, customer, django_assert_max_num_queries):
    client.force_login(cast.dana)
    CustomerAlias.objects.bulk_create(CustomerAlias(customer=customer, domain=f"d{n}.at") for n in range(20))
    for n in range(5):
        record_alias(customer, domain=f"r{n}.at", by=cast.dana)
    with django_assert_max_num_queries(16):
        client.get(page_of(customer))
