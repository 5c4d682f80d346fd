"""Likely doubles of the register."""

from __future__ import annotations

import pytest
from django.utils import timezone

from deals.enums import Judged
from deals.models import Customer, CustomerMerge
from deals.queries import double as queries
from deals.queries.conflict import identity_of_customer
from deals.queries.double import find_doubles, get_customer, look
from deals.queries.merge import get_merge, merges_of, moved_by, pair_of
from deals.queries.verdict import words_between
from deals.services import merge, verdict
from deals.services.customer import resolve_customer
from prm.core.errors import NotVisible
from prm.matching import Identity
from tests.deals.material import approved

pytestmark = pytest.mark.django_db


def known(name: str, **facts) -> Customer:
    return resolve_customer(Identity(name, **{"country": "AT", **facts}), by=None)[0]


def names() -> list[tuple[str, str, str]]:
    return [(d.older.name, d.newer.name, d.found.certainty) for part in find_doubles() for d in part.doubles]


@pytest.fixture
def register(db):
    """Two likely pairs, one certain one (two domains that one alias joins), and strangers."""
    first = known("Doppelmayr Seilbahnen GmbH")
    known("Doppelmayr Seilbahn GmbH")
    one = known("Rauch Fruchtsäfte GmbH", domain="rauch.cc")
    two = known("Rauch Fruchtsaft International", domain="rauch-juice.com")
    for name in ("Swarovski KG", "Andritz Hydro AG", "Julius Blum GmbH", "Meier Holzbau", "Meier Optik"):
        known(name)
    return first, one, two


def test_pairs_come_newest_first_with_why(register):
    found = [double for part in find_doubles() for double in part.doubles]
    assert ("Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn GmbH", "likely") in names()
    pair = next(double for double in found if double.older.name.startswith("Doppel"))
    told = pair.as_json()
    assert (told["certainty"], told["rule"], told["older"]["name"]) == ("likely", "score", "Doppelmayr Seilbahnen GmbH")
    assert told["because"] and pair.matched == ["country"] and pair.contradicted == []


def test_an_empty_register_has_none():
    assert names() == []
    assert look(None, 10, 100).last is None


def test_a_person_s_word_takes_a_pair_off_the_list(cast, register):
    older, newer = Customer.objects.get(name="Doppelmayr Seilbahnen GmbH"), Customer.objects.get(name="Doppelmayr Seilbahn GmbH")
    row = verdict.keep_customers_apart(older, newer, by=cast.dana)
    assert not [found for found in names() if "Doppel" in found[0]]
    verdict.withdraw_verdict(row, by=cast.dana)
    verdict.keep_customers_apart(newer, older, by=cast.dana)
    assert not [found for found in names() if "Doppel" in found[0]]


def test_a_word_on_a_registration_counts_for_a_customer_of_that_name(cast, register):
    """Judged on the review page, before the newer one was a customer at all; and a word on another name counts for nobody."""
    older, newer = Customer.objects.get(name="Doppelmayr Seilbahnen GmbH"), Customer.objects.get(name="Doppelmayr Seilbahn GmbH")
    for asked in ("Doppelmayr Seilbahn GmbH", "Doppelmayr Garaventa AG"):
        one = Identity(asked, country="AT")
        known_ = identity_of_customer(older)
        verdict.record_pair(one, known_, older, Judged.DIFFERENT, by=cast.dana, now=timezone.now(), source="review")
    assert not [found for found in names() if "Doppel" in found[0]]
    assert newer.merged_into_id is None


def test_a_word_that_they_are_the_same_stands_beside_the_pair(cast, register):
    """Whichever was asked about; and not beside a pair of another name. The word that they are not outweighs it."""
    older, newer = Customer.objects.get(name="Doppelmayr Seilbahnen GmbH"), Customer.objects.get(name="Doppelmayr Seilbahn GmbH")
    now = timezone.now()

    def words():
        return [double.word for part in find_doubles() for double in part.doubles if double.older == older]

    assert words() == [None]
    for known_, asked in ((older, newer), (newer, older)):
        one, two = identity_of_customer(asked), identity_of_customer(known_)
        row, _new = verdict.record_pair(one, two, known_, Judged.SAME, by=cast.dana, now=now, source="review")
        assert words() == [row]
        verdict.withdraw_verdict(row, by=cast.dana)
    verdict.record_pair(
        identity_of_customer(newer), identity_of_customer(older), older, Judged.SAME, by=cast.dana, now=now, source="review"
    )
    verdict.keep_customers_apart(newer, older, by=cast.dana)
    assert words() == []


def test_of_what_was_moved_the_name_is_enough(cast):
    """The newer one shares a domain with the older one by now, which the registration did not say."""
    older, newer = known("Doppelmayr Seilbahnen GmbH", domain="doppelmayr.com"), known("Doppelmayr Seilbahn GmbH", city="Wolfurt")
    row, _new = verdict.record_pair(
        Identity("Doppelmayr Seilbahn GmbH"), identity_of_customer(older), older, Judged.SAME,
        by=cast.dana, now=timezone.now(), source="review", moved_from=newer,
    )  # fmt: skip
    Customer.objects.filter(pk=newer.pk).update(domain="doppelmayr.com")
    newer.refresh_from_db()
    assert words_between(older, newer) == words_between(newer, older) == [row]
    [pair] = [double for part in find_doubles() for double in part.doubles]
    assert pair.word == row
    Customer.objects.filter(pk=newer.pk).update(name="Garaventa AG")
    assert words_between(older, Customer.objects.get(pk=newer.pk)) == []


def test_merged_ones_are_off_the_list(cast, register):
    older, newer = Customer.objects.get(name="Doppelmayr Seilbahnen GmbH"), Customer.objects.get(name="Doppelmayr Seilbahn GmbH")
    merge.merge_customers(older, newer, by=cast.dana, reason="One company")
    assert not [found for found in names() if "Doppel" in found[0]]


def test_a_key_that_lags_behind_does_no_harm(cast, register):
    """A merged customer's keys left in the table by another writer."""
    older, newer = Customer.objects.get(name="Doppelmayr Seilbahnen GmbH"), Customer.objects.get(name="Doppelmayr Seilbahn GmbH")
    Customer.objects.filter(pk=older.pk).update(merged_into=newer)
    assert not [found for found in names() if "Doppel" in found[0]]


def test_it_goes_in_stretches(register, monkeypatch):
    everything = names()
    monkeypatch.setattr(queries, "CHUNK", 2)
    assert names() == everything
    parts, before = [], None
    while True:
        part = look(before, 1, 3)
        parts += part.doubles
        before = part.last
        if before is None:
            break
    assert sorted((d.older.name, d.newer.name, d.found.certainty) for d in parts) == sorted(everything)


def test_the_sides_of_a_merge(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    other = known("Zumtobel Licht AG", domain="zumtobel.com")
    row = merge.merge_customers(deal.customer, other, by=cast.dana, reason="One company")
    third = known("Zumtobel Leuchten AG", city="Dornbirn")
    side = pair_of(get_customer(cast.dana, deal.customer.ref), third)
    assert {line.label: line.keep for line in side.counts} == {
        "Deals": 1, "Opportunities": 0, "Sales": 0, "Protected lines": 1,
    }  # fmt: skip
    assert {line.label: (line.keep, line.other, line.state) for line in side.lines} == {
        "name": ("Zumtobel Lighting GmbH", "Zumtobel Leuchten AG", "differs"),
        "country": ("Austria", "Austria", "same"),
        "city or site": ("", "Dornbirn", ""),
        "also known as": ("Zumtobel Licht AG, zumtobel.com", "", ""),
    }
    assert side.because and moved_by(row) == []
    assert get_customer(cast.dana, other.ref) == deal.customer, "a merged one leads to the kept one"
    assert get_merge(cast.dana, row.ref) == row and merges_of(deal.customer) == [row]
    for who in (cast.carla, cast.amir):
        with pytest.raises(NotVisible):
            get_customer(who, other.ref)
        with pytest.raises(NotVisible):
            get_merge(who, row.ref)
    assert CustomerMerge.objects.count() == 1
