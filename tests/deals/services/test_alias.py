"""Names and domains recorded by hand: the next check goes by them, until they are taken back."""

from __future__ import annotations

import pytest

from deals.enums import DealStatus
from deals.models import Conflict, Customer, CustomerAlias, MatchKey
from deals.services.alias import Taken, record_alias, withdraw_alias
from deals.services.customer import resolve_customer
from deals.services.merge import merge_customers, unmerge_customers
from deals.services.resolution import MAX_ALIASES
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.matching import Identity
from tests.deals.material import opportunity, submitted

pytestmark = pytest.mark.django_db
RECORDED, WITHDRAWN = "deals.customer.alias_recorded", "deals.customer.alias_withdrawn"


@pytest.fixture
def customer(db):
    return opportunity("Zumtobel Lighting GmbH", domain="zumtobel.com").customer


def keys_of(customer) -> tuple[list[int], list[int]]:
    """As they stand on the row, and as they are probed."""
    row = Customer.objects.get(pk=customer.pk)
    return sorted(row.match_keys), sorted(MatchKey.objects.filter(customer_id=row.pk).values_list("key", flat=True))


def test_a_domain_is_certain_until_it_is_taken_back(cast, customer):
    before = keys_of(customer)
    [alias] = record_alias(customer, domain="https://www.Licht-Dornbirn.at/start?x=1", by=cast.dana)
    assert (alias.name, alias.domain, alias.recorded_by) == ("", "licht-dornbirn.at", cast.dana)
    first = submitted(cast.acme, cast.amir, "LD Austria", website="shop.licht-dornbirn.at")
    check = Conflict.objects.filter(deal=first).latest("created_at")
    assert (first.customer, first.status) == (customer, DealStatus.DECLINED) and "domain" in check.matched_fields
    assert check.candidates.first().certainty == "certain"
    assert resolve_customer(Identity("LD", domain="licht-dornbirn.at"), by=None, create=False, learn=False) == (customer, False)
    withdraw_alias(alias, by=cast.rita)
    assert not CustomerAlias.objects.exists() and keys_of(customer) == before
    second = submitted(cast.globex, cast.boris, "LD Austria", website="licht-dornbirn.at")
    assert second.customer != customer and second.status == DealStatus.IN_REVIEW
    for name, by in ((RECORDED, cast.dana), (WITHDRAWN, cast.rita)):
        event = Event.objects.get(name=name)
        assert (event.data, event.internal, event.object_id) == ({"alias": str(alias.pk)}, True, str(customer.pk))
        assert event.actor_id == str(by.pk)


def test_a_name_is_the_same_customer_until_it_is_taken_back(cast, customer):
    before = keys_of(customer)
    [alias] = record_alias(customer, name="  Thorn   Licht AG ", by=cast.rita)
    assert (alias.name, alias.core, alias.domain) == ("Thorn Licht AG", "thorn licht", "")
    assert submitted(cast.acme, cast.amir, "Thorn Licht AG").status == DealStatus.DECLINED
    withdraw_alias(alias, by=cast.rita)
    assert keys_of(customer) == before
    assert submitted(cast.globex, cast.boris, "Thorn Licht AG").status != DealStatus.DECLINED


def test_two_at_once_and_each_is_taken_back_alone(cast, customer):
    name, domain = record_alias(customer, name="Thorn Licht AG", domain="thorn.at", by=cast.dana)
    withdraw_alias(name, by=cast.dana)
    assert list(customer.aliases.all()) == [domain]
    assert resolve_customer(Identity("Anything", domain="thorn.at"), by=None, create=False)[0] == customer
    with pytest.raises(StaleState):
        withdraw_alias(name, by=cast.dana)
    assert Event.objects.filter(name=WITHDRAWN).count() == 1


def test_twice_is_once(cast, customer):
    for _ in range(2):
        made = record_alias(customer, name="Thorn Licht AG", domain="thorn.at", by=cast.dana)
    assert (made, CustomerAlias.objects.count(), Event.objects.filter(name=RECORDED).count()) == ([], 2, 2)
    assert record_alias(customer, name="ZUMTOBEL Lighting", domain="zumtobel.com", by=cast.dana) == [], "its own"


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({}, None, "Write a name or a domain"),
        ({"name": "  "}, None, "Write a name or a domain"),
        ({"name": "!!!"}, "name", "no word"),
        ({"name": "x" * 301}, "name", "at most 300"),
        ({"name": "A\x00B"}, "name", "cannot be stored"),
        ({"domain": "gmail.com"}, "domain", "Anybody may have an address"),
        ({"domain": "info@web.de"}, "domain", "Anybody may have an address"),
        ({"domain": "zumtobel"}, "domain", "not a web domain"),
        ({"domain": "co.uk"}, "domain", "not a web domain"),
        ({"name": "Thorn Licht AG", "domain": "http://"}, "domain", "not a web domain"),
    ],
)
def test_what_says_nothing_is_refused(cast, customer, given, field, said):
    with pytest.raises(DomainError, match=said) as refused:
        record_alias(customer, **given, by=cast.dana)
    assert refused.value.field == field
    assert not CustomerAlias.objects.exists() and not Event.objects.filter(name=RECORDED).exists()


def test_what_another_customer_has_is_refused(cast, customer):
    other = opportunity("Thorn Licht AG", domain="thorn.at").customer
    record_alias(other, name="Thorn Austria", domain="thorn-licht.at", by=cast.dana)
    before = CustomerAlias.objects.count()
    tries = [("name", "THORN LICHT AG"), ("name", "Thorn Austria"), ("domain", "www.thorn.at"), ("domain", "thorn-licht.at")]
    for field, value in tries:
        with pytest.raises(Taken) as refused:
            record_alias(customer, **{field: value}, by=cast.dana)
        assert (refused.value.field, refused.value.holder) == (field, other)
    with pytest.raises(Taken):
        record_alias(customer, name="Quite New", domain="thorn.at", by=cast.dana)
    assert CustomerAlias.objects.count() == before, "neither of the two"


def test_what_only_a_merged_customer_had_is_the_kept_one_s(cast, customer):
    other = opportunity("Thorn Licht AG", domain="thorn.at").customer
    [alias] = record_alias(other, domain="thorn-licht.at", by=cast.dana)
    row = merge_customers(customer, other, by=cast.dana, reason="One")
    assert record_alias(customer, name="Thorn Licht AG", domain="thorn-licht.at", by=cast.dana) == []
    with pytest.raises(StaleState):
        record_alias(other, name="Thorn Austria", by=cast.dana)
    with pytest.raises(DomainError, match="Undo that merge first"):
        withdraw_alias(alias, by=cast.dana)
    with pytest.raises(DomainError, match="by hand"):
        withdraw_alias(customer.aliases.first(), by=cast.dana)
    unmerge_customers(row, by=cast.dana)
    withdraw_alias(alias, by=cast.dana)
    assert not CustomerAlias.objects.exists()


def test_who_may_not(cast, customer):
    [alias] = record_alias(customer, domain="thorn.at", by=cast.dana)
    for who in (cast.carla, cast.sam, cast.amir, cast.alice):
        with pytest.raises(NotAllowed):
            record_alias(customer, domain="licht.at", by=who)
        with pytest.raises(NotAllowed):
            withdraw_alias(alias, by=who)
    assert list(customer.aliases.all()) == [alias]


def test_a_customer_goes_by_so_many(cast, customer):
    CustomerAlias.objects.bulk_create(CustomerAlias(customer=customer, domain=f"d{n}.at") for n in range(MAX_ALIASES - 1))
    record_alias(customer, domain="last.at", by=cast.dana)
    with pytest.raises(DomainError, match="50 names"):
        record_alias(customer, domain="more.at", by=cast.dana)
