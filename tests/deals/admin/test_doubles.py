"""Likely doubles, the merge page, and taking a merge apart."""

from __future__ import annotations

import pytest

from deals.admin import doubles
from deals.enums import Judged, MergeStatus
from deals.models import Customer, CustomerMerge, IdentityVerdict
from deals.queries import double as queries
from deals.services.customer import resolve_customer
from deals.services.merge import merge_customers
from deals.services.verdict import judge_candidate, withdraw_verdict
from prm.audit.models import Event
from prm.matching import Identity
from tests.deals.material import approved, opportunity, submitted

pytestmark = pytest.mark.django_db
LIST = "/admin/deals/doubles/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def pair(db):
    names = ("Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn GmbH")
    return [resolve_customer(Identity(name, country="AT"), by=None)[0] for name in names]


def test_the_list_leads_side_by_side(client, cast, pair):
    client.force_login(cast.dana)
    page = client.get(LIST).content.decode()
    assert "Doppelmayr Seilbahnen GmbH" in page and f"{LIST}{pair[0].ref}/?other={pair[1].ref}" in page
    page = client.get(f"{LIST}{pair[0].ref}/?other={pair[1].ref}").content.decode()
    assert "Side by side" in page and pair[1].ref in page and "the merge can be taken apart" in page
    assert f"{LIST}{pair[1].ref}/?other={pair[0].ref}" in page, "turn round"


def test_a_pair_that_a_person_judged_the_same_waits_for_its_merge(client, cast):
    opportunity("Zumtobel Lighting Systems GmbH")
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting System GmbH")
    [one] = deal.conflicts.get().candidates.filter(kind="opportunity")
    keep, other = one.opportunity.customer, deal.customer
    assert keep != other
    client.force_login(cast.dana)
    apart = f'action="{LIST}{keep.ref}/apart/"'
    assert apart in client.get(LIST).content.decode()
    row = judge_candidate(one, Judged.SAME, by=cast.carla)
    page = client.get(LIST).content.decode()
    assert "Same customer</strong>" in page and "Carla Manager, <time" in page
    assert apart not in page and "Side by side" not in page
    way = f"{LIST}{keep.ref}/?other={other.ref}"
    assert f'href="{way}"' in page
    page = client.get(way).content.decode()
    assert "Carla Manager decided on" in page and "that they are the same" in page and "cannot be merged" not in page
    withdraw_verdict(row, by=cast.carla)
    assert apart in client.get(LIST).content.decode()
    assert "that they are the same" not in client.get(way).content.decode()


@pytest.mark.parametrize("most", [1000, 2])
def test_the_list_says_at_how_many_it_looked(client, cast, pair, monkeypatch, most):
    for name in ("Swarovski KG", "Andritz Hydro AG", "Julius Blum GmbH"):
        resolve_customer(Identity(name, country="AT"), by=None)
    monkeypatch.setattr(doubles, "MOST", most)
    monkeypatch.setattr(queries, "CHUNK", min(most, 200))
    client.force_login(cast.dana)
    answer = client.get(LIST)
    if most == 1000:
        assert "Customers looked at: all 5." in answer.content.decode()
        return
    assert "Customers looked at: the newest 2 of 5." in answer.content.decode()
    further = client.get(f"{LIST}?before={answer.context['look'].last}").content.decode()
    assert "Customers looked at in this stretch: 2 of 5." in further


@pytest.mark.parametrize("before", ["nonsense", "00000000-0000-0000-0000-000000000001"])
def test_an_odd_place_to_go_on_from(client, cast, pair, before):
    client.force_login(cast.dana)
    assert client.get(f"{LIST}?before={before}").status_code == 200


def test_an_empty_register_says_so(client, cast):
    client.force_login(cast.dana)
    assert b"No customer looks like another" in client.get(LIST).content


def test_a_merge_is_typed(client, cast, pair):
    keep, merge = pair
    client.force_login(cast.dana)
    url = f"{LIST}{keep.ref}/?other={merge.ref}"
    data = {"reason": "Two spellings", "confirm": keep.ref}
    answer = client.post(url, data)
    assert answer.status_code == 422 and f"Type {merge.ref} to go on" in answer.content.decode()
    assert client.post(url, {**data, "confirm": merge.ref, "reason": ""}).status_code == 422
    assert not CustomerMerge.objects.exists()
    answer = client.post(url, {**data, "confirm": f" {merge.ref.lower()} "})
    assert answer["Location"] == f"/admin/deals/customer/{keep.pk}/change/"
    row = CustomerMerge.objects.get()
    assert (row.kept, row.merged, row.reason) == (keep, merge, "Two spellings")
    page = client.get(answer["Location"]).content.decode()
    assert "Merged into this customer" in page and f"/admin/deals/merges/{row.ref}/" in page
    led = client.get(f"/admin/deals/customer/{merge.pk}/change/", follow=True)
    assert led.redirect_chain[0][0] == f"/admin/deals/customer/{keep.pk}/change/"
    assert "was merged into this customer" in led.content.decode()


def test_and_taken_apart(client, cast, pair):
    row = merge_customers(*pair, by=cast.dana, reason="Two spellings")
    client.force_login(cast.rita)
    url = f"/admin/deals/merges/{row.ref}/"
    assert "Two customers again" in client.get(url).content.decode()
    assert client.get(f"{url}undo/").status_code == 405
    assert client.post(f"{url}undo/").status_code == 302
    row.refresh_from_db()
    assert (row.status, row.undone_by) == (MergeStatus.UNDONE, cast.rita)
    assert "Two customers again" not in client.get(url).content.decode()
    assert b"not possible any more" in client.post(f"{url}undo/", follow=True).content
    assert b"undone" in client.get(f"/admin/deals/customer/{pair[0].pk}/change/").content


def test_a_merge_shows_what_went_over(client, cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    other, _new = resolve_customer(Identity("Zumtobel Licht AG", country="AT"), by=None)
    row = merge_customers(other, deal.customer, by=cast.dana, reason="One company")
    client.force_login(cast.dana)
    assert "<dt>Deals</dt><dd>1</dd>" in client.get(f"/admin/deals/merges/{row.ref}/").content.decode()


def test_two_protections_are_refused_with_the_reason(client, cast):
    one = approved(cast.acme, cast.amir, cast.carla)
    two = approved(cast.globex, cast.boris, cast.carl, "Andritz Hydro GmbH")
    client.force_login(cast.dana)
    data = {"other": two.customer.ref, "reason": "One", "confirm": two.customer.ref}
    answer = client.post(f"{LIST}{one.customer.ref}/", data)
    assert answer.status_code == 422 and "protect the same site and product" in answer.content.decode()


def test_kept_apart_and_back(client, cast, pair):
    keep, other = pair
    client.force_login(cast.dana)
    answer = client.post(f"{LIST}{keep.ref}/apart/", {"other": other.ref}, follow=True)
    page = answer.content.decode()
    assert "are kept apart" in page and "Undo" in page and f"?other={other.ref}" not in page
    row = IdentityVerdict.objects.get()
    url = f"{LIST}{keep.ref}/?other={other.ref}"
    page = client.get(url).content.decode()
    assert "cannot be merged" in page and f"/verdicts/{row.ref}/withdraw/" in page
    answer = client.post(url, {"other": other.ref, "reason": "One", "confirm": other.ref})
    assert answer.status_code == 422 and not CustomerMerge.objects.exists()
    assert client.post(f"/admin/deals/verdicts/{row.ref}/withdraw/")["Location"] == LIST
    assert f"?other={other.ref}" in client.get(LIST).content.decode()


def test_another_customer_is_chosen_by_number(client, cast, pair):
    client.force_login(cast.dana)
    url = f"{LIST}{pair[0].ref}/"
    assert "Number of the other customer" in client.get(url).content.decode()
    for other, said in (("C-00000000", "no customer of this number"), (pair[0].ref, "two different"), ("", "required")):
        answer = client.get(f"{url}?other={other}")
        assert answer.status_code == 422 and said in answer.content.decode()
        assert client.post(f"{url}apart/", {"other": other}).status_code == 422
    assert client.get(f"{url}?other={pair[1].ref.lower()}").status_code == 200
    assert not IdentityVerdict.objects.exists()


def test_somebody_was_faster(client, cast, pair):
    """The page of a merged customer is that of the kept one, so what is left to merge is one and the same."""
    keep, other = pair
    merge_customers(keep, other, by=cast.dana, reason="One")
    client.force_login(cast.rita)
    answer = client.post(f"{LIST}{keep.ref}/", {"other": other.ref, "reason": "One", "confirm": other.ref})
    assert answer.status_code == 422 and "two different" in answer.content.decode()
    assert CustomerMerge.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "listed", "paged"),
    [("carla", 403, 404), ("sam", 403, 404), ("finn", 403, 404), ("amir", 302, 302), ("boris", 302, 302)],
)
def test_who_may_not(client, cast, pair, who, listed, paged):
    keep, other = pair
    third, _new = resolve_customer(Identity("Swarovski KG", country="AT"), by=None)
    row = merge_customers(keep, third, by=cast.dana, reason="One")
    client.force_login(getattr(cast, who))
    assert client.get(LIST).status_code == listed
    url, data = f"{LIST}{keep.ref}/", {"other": other.ref, "reason": "Mine", "confirm": other.ref}
    for answer in (
        client.get(url), client.post(url, data), client.post(f"{url}apart/", data),
        client.get(f"/admin/deals/merges/{row.ref}/"), client.post(f"/admin/deals/merges/{row.ref}/undo/"),
    ):  # fmt: skip
        assert answer.status_code == paged
    assert CustomerMerge.objects.get().status == MergeStatus.DONE and Customer.objects.live().count() == 2
    assert Event.objects.filter(name="deals.customer.merged").count() == 2
