"""Two customers become one, and two again."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from deals.enums import DealStatus, Judged, JudgedAt, MergeStatus, VerdictStatus
from deals.models import (
    Customer,
    CustomerAlias,
    CustomerMerge,
    Deal,
    FreeWatch,
    IdentityVerdict,
    Opportunity,
    ProtectedLine,
    Sale,
    TokenCount,
)
from deals.queries.conflict import identity_of_customer
from deals.queries.customer import living_customer
from deals.services import merge as services
from deals.services import verdict
from deals.services.account import watch_account
from deals.services.customer import resolve_customer
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.matching import Identity
from tests.deals.material import approved, opportunity, submitted

pytestmark = pytest.mark.django_db
TABLES = ("deals_customer", "deals_customeralias", "deals_matchkey", "deals_tokencount", "deals_deal", "deals_opportunity")
MORE = ("deals_sale", "deals_protectedline", "deals_freewatch", "deals_changerequest")


def stored() -> dict[str, list[str]]:
    """Every row of what a merge touches, as JSON: to see that undoing leaves nothing behind."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES + MORE:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")  # noqa: S608 - from code
            found[table] = sorted(json.dumps(_sorted(json.loads(row)), sort_keys=True) for (row,) in cursor.fetchall())
    found["deals_tokencount"] = [row for row in found["deals_tokencount"] if '"names": 0' not in row]
    return found


def _sorted(row):
    return {key: sorted(value) if isinstance(value, list) else value for key, value in row.items()}


def known(name: str, **facts) -> Customer:
    return resolve_customer(Identity(name, **{"country": "AT", **facts}), by=None)[0]


@pytest.fixture
def pair(cast):
    """An opportunity with one spelling, a protected deal with the other; sales, a watch, an alias of its own."""
    opportunity("Zumtobel Lighting GmbH")
    deal = approved(cast.acme, cast.amir, cast.carla, "Zumtobel Licht AG", website="zumtobel-licht.at", city="Dornbirn")
    keep, merge = Opportunity.objects.get().customer, deal.customer
    CustomerAlias.objects.create(customer=merge, name="ZL Systems", core="zl systems")
    Sale.objects.create(
        source="erp", order_ref="1", line="1", partner=cast.acme, customer=merge, ordered_on=date(2026, 1, 1),
        net_amount=Decimal(5), currency="USD",
    )  # fmt: skip
    watch_account(merge, "Zumtobel", by=cast.boris, partner=cast.globex)
    return keep, merge


def test_everything_goes_over(cast, pair):
    keep, merge = pair
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company, two spellings")
    assert (row.kept, row.merged, row.by, row.status, row.reason) == (
        keep, merge, cast.dana, MergeStatus.DONE, "One company, two spellings",
    )  # fmt: skip
    for model in (Deal, Opportunity, Sale, FreeWatch, ProtectedLine):
        assert set(model.objects.values_list("customer", flat=True)) == {keep.pk}, model
    merge.refresh_from_db()
    assert merge.merged_into == keep and living_customer(merge.pk) == keep
    assert set(keep.aliases.values_list("name", "domain")) == {
        ("Zumtobel Licht AG", ""),
        ("", "zumtobel-licht.at"),
        ("ZL Systems", ""),
    }
    keep.refresh_from_db()
    assert (keep.city, keep.domain) == ("Dornbirn", "")
    assert TokenCount.objects.get(token="").names == 1 and TokenCount.objects.get(token="licht").names == 0
    label = IdentityVerdict.objects.get()
    assert (label.verdict, label.source, label.customer, label.other) == (Judged.SAME, JudgedAt.MERGE, keep, merge)
    events = Event.objects.filter(name="deals.customer.merged")
    assert {event.object_id for event in events} == {str(keep.pk), str(merge.pk)} and all(event.internal for event in events)


def test_the_check_sees_one_customer_at_once(cast, pair):
    keep, merge = pair
    services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    assert resolve_customer(Identity("Zumtobel Licht", country="AT"), by=None, create=False) == (keep, False)
    deal = submitted(cast.globex, cast.boris, "Zumtobel Licht AG", city="Dornbirn")
    assert deal.status == DealStatus.DECLINED
    kinds = set(deal.conflicts.get().candidates.values_list("kind", flat=True))
    assert kinds == {"opportunity", "deal"} and deal.customer == keep


def test_undoing_restores_every_row(cast, pair):
    keep, merge = pair
    before = stored()
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    assert stored() != before
    services.unmerge_customers(row, by=cast.rita)
    assert stored() == before
    assert (row.status, row.undone_by) == (MergeStatus.UNDONE, cast.rita)
    assert IdentityVerdict.objects.get().status == VerdictStatus.WITHDRAWN
    assert Event.objects.filter(name="deals.customer.unmerged").count() == 2
    with pytest.raises(StaleState):
        services.unmerge_customers(row, by=cast.rita)
    again = services.merge_customers(merge, keep, by=cast.dana, reason="The other way round")
    assert again.kept == merge


def test_what_came_later_stays_where_it_came(cast, pair):
    keep, merge = pair
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    later = opportunity("Zumtobel Licht AG")
    Sale.objects.update(customer=None)
    services.unmerge_customers(row, by=cast.dana)
    later.refresh_from_db()
    assert later.customer == keep and Sale.objects.get().customer is None
    assert Deal.objects.get().customer == merge


def test_a_family_stays_a_family(cast, pair):
    keep, merge = pair
    child = known("Thorn Lighting GmbH")
    Customer.objects.filter(pk__in=[child.pk, keep.pk]).update(parent=merge)
    before = stored()
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    child.refresh_from_db()
    keep.refresh_from_db()
    assert (child.parent, keep.parent) == (keep, None)
    services.unmerge_customers(row, by=cast.dana)
    assert stored() == before


def test_two_wishes_of_one_person_become_one(cast, pair):
    keep, merge = pair
    watch_account(keep, "Zumtobel", by=cast.boris, partner=cast.globex)
    before = stored()
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    assert FreeWatch.objects.get().customer == keep
    services.unmerge_customers(row, by=cast.dana)
    assert stored() == before


def test_two_live_protections_of_the_same_thing_are_refused(cast):
    one = approved(cast.acme, cast.amir, cast.carla, "Zumtobel Lighting GmbH")
    two = approved(cast.globex, cast.boris, cast.carl, "Andritz Hydro GmbH")
    before = stored()
    with pytest.raises(DomainError, match=f"{one.ref} and {two.ref} protect the same"):
        services.merge_customers(one.customer, two.customer, by=cast.dana, reason="One company")
    assert stored() == before and not Event.objects.filter(name="deals.customer.merged").exists()


def test_a_standing_no_goes_first(cast, pair):
    keep, merge = pair
    row = verdict.keep_customers_apart(keep, merge, by=cast.dana)
    with pytest.raises(DomainError, match="Dana Desk decided on"):
        services.merge_customers(keep, merge, by=cast.rita, reason="One company")
    verdict.withdraw_verdict(row, by=cast.dana)
    services.merge_customers(keep, merge, by=cast.rita, reason="One company")


def test_what_people_said_of_the_merged_one_holds_for_the_kept_one(cast, pair):
    keep, merge = pair
    stranger = known("Zumtobel Lichttechnik GmbH")
    other = known("Zumtobel Leuchten GmbH")
    moved = verdict.keep_customers_apart(merge, stranger, by=cast.dana)
    verdict.keep_customers_apart(keep, other, by=cast.dana)
    double = verdict.keep_customers_apart(merge, other, by=cast.dana)
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    moved.refresh_from_db()
    double.refresh_from_db()
    assert (moved.customer, double.customer) == (keep, merge)
    double = IdentityVerdict.objects.select_related("customer").get(pk=double.pk)
    with pytest.raises(DomainError, match="Undo that merge first"):
        verdict.withdraw_verdict(double, by=cast.dana)
    services.unmerge_customers(row, by=cast.dana)
    moved.refresh_from_db()
    assert moved.customer == merge


def test_a_number_goes_over_within_one_country_only(cast):
    keep, merge = known("Zumtobel Lighting GmbH", country=""), known("Zumtobel Licht AG", registration_number="FN 62309 g")
    services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    keep.refresh_from_db()
    assert (str(keep.country), keep.registration_number) == ("AT", merge.registration_number)
    third = known("Zumtobel Licht", country="DE", registration_number="HRB 1")
    fourth = known("Zumtobel Leuchten AG", country="CH")
    services.merge_customers(fourth, third, by=cast.dana, reason="One company")
    fourth.refresh_from_db()
    assert fourth.registration_number == ""


def test_merges_are_undone_from_the_last_one(cast, pair):
    keep, merge = pair
    third = known("Zumtobel Leuchten GmbH")
    first = services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    services.merge_customers(third, keep, by=cast.dana, reason="One company")
    assert living_customer(merge.pk) == third
    with pytest.raises(DomainError, match="Undo that merge first"):
        services.unmerge_customers(first, by=cast.dana)


def test_a_label_taken_back_meanwhile_is_left_alone(cast, pair):
    keep, merge = pair
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    verdict.withdraw_verdict(IdentityVerdict.objects.select_related("customer").get(), by=cast.dana)
    services.unmerge_customers(row, by=cast.dana)
    row = services.merge_customers(keep, merge, by=cast.dana, reason="Indeed")
    IdentityVerdict.objects.standing().update(source=JudgedAt.REVIEW)
    merge.refresh_from_db()
    services.unmerge_customers(row, by=cast.dana)


def test_a_word_that_stood_before_outlives_the_merge(cast, pair):
    keep, merge = pair
    services.unmerge_customers(services.merge_customers(keep, merge, by=cast.dana, reason="One company"), by=cast.dana)
    asked, known_ = identity_of_customer(merge), identity_of_customer(keep)
    label, _new = verdict.record_pair(
        asked, known_, keep, Judged.SAME, by=cast.dana, now=timezone.now(), source=JudgedAt.REGISTER, other=merge
    )
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company")
    services.unmerge_customers(row, by=cast.dana)
    label.refresh_from_db()
    assert label.status == VerdictStatus.STANDING


def test_what_is_refused(cast, pair):
    keep, merge = pair
    for who in (cast.carla, cast.sam, cast.amir, cast.finn):
        with pytest.raises(NotAllowed):
            services.merge_customers(keep, merge, by=who, reason="One company")
    with pytest.raises(DomainError, match="two different"):
        services.merge_customers(keep, keep, by=cast.dana, reason="One company")
    with pytest.raises(DomainError, match="fill this in"):
        services.merge_customers(keep, merge, by=cast.dana, reason=" ")
    assert not CustomerMerge.objects.exists()
    row = services.merge_customers(keep, merge, by=cast.dana, reason="One company", now=timezone.now())
    with pytest.raises(StaleState, match="merged meanwhile"):
        services.merge_customers(merge, keep, by=cast.dana, reason="One company")
    with pytest.raises(NotAllowed):
        services.unmerge_customers(row, by=cast.carla)
    assert CustomerMerge.objects.get().status == MergeStatus.DONE
