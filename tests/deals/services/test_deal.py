"""Registering: the draft, the submission, and what the duplicate check makes of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals.enums import DealStatus, Outcome
from deals.models import Conflict, Customer, Deal, Opportunity
from deals.services import deal as deals
from deals.services import decision
from deals.services.customer import resolve_many
from deals.services.deal import DealFacts, LineFacts
from prm.audit.models import Event
from prm.core.errors import DomainError, StaleState
from prm.mail.models import Message
from prm.matching import Identity
from tests.deals.material import approved, draft, facts, opportunity, product, submitted

pytestmark = pytest.mark.django_db


def mails(template: str) -> int:
    return Message.objects.filter(template=f"deals.{template}").count()


def test_a_draft_may_be_nearly_empty_and_is_owned_by_its_author(cast):
    deal = deals.create_draft(cast.acme, DealFacts(), by=cast.amir)
    assert (deal.status, deal.owner, deal.participants.get().role) == (DealStatus.DRAFT, cast.amir, "owner")
    assert Event.objects.filter(name="deals.deal.drafted", object_id=str(deal.pk)).count() == 1


def test_a_form_sent_twice_makes_one_deal(cast):
    first = deals.create_draft(cast.acme, facts(), by=cast.amir)
    with pytest.raises(DomainError) as refused:
        deals.create_draft(cast.acme, facts(), by=cast.amir, key=first.pk)
    assert refused.value.key == "sent_already"
    assert Deal.objects.count() == 1


@pytest.mark.parametrize("missing", ["customer_name", "country", "currency", "expected_close"])
def test_a_submission_names_what_is_missing_and_stays_a_draft(cast, missing):
    blank = {} if missing == "customer_name" else {missing: None if missing == "expected_close" else ""}
    deal = draft(cast.acme, cast.amir, "" if missing == "customer_name" else "Zumtobel Lighting GmbH", **blank)
    with pytest.raises(DomainError) as refused:
        deals.submit_deal(deal, by=cast.amir)
    assert refused.value.field == missing
    assert Deal.objects.get().status == DealStatus.DRAFT
    assert not Conflict.objects.exists()


def test_no_product_no_submission(cast):
    with pytest.raises(DomainError) as refused:
        deals.submit_deal(draft(cast.acme, cast.amir, lines=[]), by=cast.amir)
    assert refused.value.field == "lines"


def test_clear_goes_to_review_with_a_clock_and_two_mails(cast):
    deal = submitted(cast.acme, cast.amir)
    assert deal.status == DealStatus.IN_REVIEW
    assert deal.due_at and deal.breach_at and deal.due_at < deal.breach_at
    assert deal.conflicts.get().outcome == Outcome.CLEAR
    assert deal.customer and deal.customer.name == "Zumtobel Lighting GmbH"
    assert (deal.amount, deal.reporting_amount) == (Decimal(9000), Decimal(9000))
    assert (mails("deal_received"), mails("deal_in_queue")) == (1, 1)


def test_the_same_as_an_open_opportunity_is_declined_at_once_and_says_why(cast):
    opportunity("ZUMTOBEL LIGHTING GesmbH")
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH")
    conflict = deal.conflicts.get()
    assert (deal.status, deal.declined_kind, deal.reason) == (DealStatus.DECLINED, "duplicate", "open_opportunity")
    assert conflict.matched_fields and "name" in conflict.matched_fields
    assert conflict.frees_up_on == timezone.localdate() + timedelta(days=61)
    assert conflict.candidates.get().kind == "opportunity"
    assert (mails("deal_declined"), mails("deal_received")) == (1, 0)


def test_an_opportunity_untouched_for_long_only_sends_to_review(cast):
    opportunity(touched=timezone.localdate() - timedelta(days=61))
    deal = submitted(cast.acme, cast.amir)
    assert (deal.status, deal.conflicts.get().rule) == (DealStatus.IN_REVIEW, "stale_opportunity")


def test_an_opportunity_touched_sixty_days_ago_still_declines(cast):
    opportunity(touched=timezone.localdate() - timedelta(days=60))
    assert submitted(cast.acme, cast.amir).status == DealStatus.DECLINED


def test_a_closed_opportunity_is_no_obstacle(cast):
    opportunity(state="lost")
    deal = submitted(cast.acme, cast.amir)
    assert (deal.status, deal.conflicts.get().outcome) == (DealStatus.IN_REVIEW, Outcome.CLEAR)


def test_other_products_are_no_obstacle_and_the_same_family_is(cast):
    opportunity(product=product("MG Special", "MG"))
    assert submitted(cast.acme, cast.amir).conflicts.get().rule == "other_products"
    opportunity("Swarovski KG", product=product("GTX Basic", "GTX"))
    assert submitted(cast.acme, cast.amir, "Swarovski KG").status == DealStatus.DECLINED


def test_another_country_goes_to_review_and_says_so(cast):
    opportunity(country="DE")
    deal = submitted(cast.acme, cast.amir)
    assert (deal.status, deal.conflicts.get().rule) == (DealStatus.IN_REVIEW, "other_country")


def test_another_legal_form_of_the_same_name_is_never_declined_by_a_machine(cast):
    opportunity("Toro Co")
    deal = submitted(cast.acme, cast.amir, "Toro Corp.")
    assert (deal.status, deal.conflicts.get().rule) == (DealStatus.IN_REVIEW, "other_form")
    assert deal.customer != Opportunity.objects.get().customer, "it is a customer of its own until a person says otherwise"
    assert submitted(cast.globex, cast.boris, "Toro Company").status == DealStatus.DECLINED


def test_the_form_that_was_written_counts_where_the_customer_has_none(cast):
    opportunity("Toro", state="lost")
    assert opportunity("Toro Co").customer == Customer.objects.get()
    deal = submitted(cast.acme, cast.amir, "Toro Corp.")
    assert (deal.status, deal.conflicts.get().rule) == (DealStatus.IN_REVIEW, "other_form")


def test_of_two_companies_that_differ_in_their_form_the_bare_name_may_be_either(cast):
    opportunity("Toro Co")
    opportunity("Toro Corp")
    deal = submitted(cast.acme, cast.amir, "Toro")
    assert (deal.status, deal.conflicts.get().rule) == (DealStatus.IN_REVIEW, "likely_same")


def test_a_branch_is_found_among_many_of_the_same_words(cast):
    """Sixty stores whose core is one and the same: the one that is meant is not lost among the first twenty."""
    resolve_many([Identity(f"Zorblax (Store {number})", country="AT") for number in range(60)])
    for number in (0, 31, 59):
        opportunity(f"Zorblax (Store {number})")
        deal = submitted(cast.acme, cast.amir, f"Zorblax (Store {number})")
        check = deal.conflicts.get()
        assert (check.outcome, check.rule) == (Outcome.REVIEW, "likely_same"), "a word in sixty names alone declines nobody"
        assert check.candidates.filter(opportunity__customer_name=f"Zorblax (Store {number})").exists(), number


def test_a_sister_organisation_goes_to_review(cast):
    parent = opportunity("Voestalpine AG", state="lost").customer
    sister = opportunity("Boehler Edelstahl GmbH").customer
    Customer.objects.filter(pk=sister.pk).update(parent=parent)
    deal = submitted(cast.acme, cast.amir, "Voestalpine AG")
    assert (deal.status, deal.conflicts.get().rule) == (DealStatus.IN_REVIEW, "sister_organisation")


def test_a_live_protection_declines_another_partner_and_names_its_end(cast):
    held = approved(cast.globex, cast.boris, cast.carl)
    deal = submitted(cast.acme, cast.amir)
    assert (deal.status, deal.reason) == (DealStatus.DECLINED, "protected")
    assert deal.conflicts.get().frees_up_on == held.protected_until + timedelta(days=1)


def test_ones_own_deal_declines_and_is_named(cast):
    approved(cast.acme, cast.alice, cast.carla)
    assert submitted(cast.acme, cast.amir).reason == "own_deal"


def test_a_linked_distributor_is_offered_to_join(cast):
    approved(cast.acme, cast.amir, cast.carla)
    assert submitted(cast.initech, cast.dieter).reason == "linked_deal"


def test_behind_an_earlier_registration_one_waits_and_moves_up_when_it_is_withdrawn(cast):
    first = submitted(cast.globex, cast.boris)
    second = submitted(cast.acme, cast.amir)
    assert (second.status, second.waits_for, second.due_at) == (DealStatus.WAITING, first, None)
    kept = second.submitted_at
    deals.withdraw_deal(first, by=cast.boris)
    second.refresh_from_db()
    assert (second.status, second.waits_for, second.submitted_at) == (DealStatus.IN_REVIEW, None, kept)
    assert second.due_at is not None


def test_of_three_the_third_waits_behind_the_first_then_behind_the_second(cast):
    first, second = submitted(cast.globex, cast.boris), submitted(cast.acme, cast.amir)
    third = submitted(cast.hooli, cast.pat)
    assert third.waits_for == first
    deals.withdraw_deal(first, by=cast.boris)
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.status, third.status, third.waits_for) == (DealStatus.IN_REVIEW, DealStatus.WAITING, second)


def test_submitting_twice_is_refused_and_changes_nothing(cast):
    deal = submitted(cast.acme, cast.amir)
    with pytest.raises(StaleState):
        deals.submit_deal(deal, by=cast.amir)
    assert (deal.conflicts.count(), mails("deal_received")) == (1, 1)


def test_withdrawn_tells_the_timeline_and_stops_the_clock(cast):
    deal = deals.withdraw_deal(submitted(cast.acme, cast.amir), by=cast.amir)
    assert (deal.status, deal.due_at, deal.clock_runs.get().stopped_at is not None) == (DealStatus.WITHDRAWN, None, True)


def test_a_draft_can_be_deleted_and_nothing_else(cast):
    deal = draft(cast.acme, cast.amir)
    deals.delete_draft(deal, by=cast.amir)
    assert not Deal.objects.exists()


def test_hand_over_gives_open_deals_to_a_colleague(cast):
    own, other = submitted(cast.acme, cast.amir), submitted(cast.acme, cast.alice, "Swarovski KG")
    assert deals.hand_over(cast.amir, cast.alice, cast.acme, by=cast.alice) == 1
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.owner, own.participants.get().member, other.owner) == (cast.alice, cast.alice, cast.alice)


def test_amounts_of_the_lines_are_checked_against_the_currency(cast):
    with pytest.raises(DomainError):
        draft(cast.acme, cast.amir, currency="JPY", lines=[LineFacts(product(), 1, Decimal("10.5"))])
    assert not Deal.objects.exists()


@pytest.fixture
def returned(cast):
    """Acme's registration, sent back; a minute ago for the clock's sake."""
    first = submitted(cast.acme, cast.amir, city="Dornbirn", website="zumtobel.com")
    Deal.objects.filter(pk=first.pk).update(submitted_at=first.submitted_at - timedelta(minutes=1))
    first.refresh_from_db()
    last = first.conflicts.get()
    Conflict.objects.filter(pk=last.pk).update(inputs={**last.inputs, "submitted_at": first.submitted_at.isoformat()})
    return decision.return_deal(first, by=cast.carla, reason="who_is_it")


def resubmitted(deal, by, customer="Zumtobel Lighting GmbH", **changes):
    deals.save_draft(deal, facts(customer, **{"city": "Dornbirn", "website": "zumtobel.com", **changes}), by=by)
    return deals.submit_deal(deal, by=by)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"customer": "Zumtobel Lighting Austria GmbH"},
        {"customer": "ZUMTOBEL LIGHTING"},
        {"registration_number": "FN 62309g", "project": "Hall 3"},
        {"city": ""},
        {"done_so_far": "A third meeting"},
        {"lines": "same family"},
    ],
    ids=str,
)
def test_the_same_thing_keeps_its_first_submission_time(cast, returned, changes):
    if "lines" in changes:
        changes = {"lines": [LineFacts(product("GTX Basic")), LineFacts(product())]}
    first = returned.submitted_at
    assert resubmitted(returned, cast.amir, **changes).submitted_at == first
    assert Deal.objects.get().submitted_at == first


@pytest.mark.parametrize(
    "changes",
    [
        {"customer": "Swarovski KG", "website": "swarovski.com"},
        {"customer": "Swarovski KG", "website": ""},
        {"country": "DE"},
        {"city": "Lemgo"},
        {"website": "zumtobel.net"},
        {"lines": "another family"},
    ],
    ids=str,
)
def test_another_thing_gets_a_new_submission_time(cast, returned, changes):
    if "lines" in changes:
        changes = {"lines": [LineFacts(product()), LineFacts(product("MG Special", "MG"))]}
    first = returned.submitted_at
    fresh = resubmitted(returned, cast.amir, **changes)
    assert fresh.submitted_at > first
    assert Deal.objects.get().submitted_at == fresh.participants.get().submitted_at == fresh.submitted_at


def test_another_project_gets_a_new_submission_time_and_a_named_one_does_not(cast, returned):
    first = returned.submitted_at
    named = resubmitted(returned, cast.amir, project="Hall 3")
    assert named.submitted_at == first
    decision.return_deal(named, by=cast.carla, reason="who_is_it")
    assert resubmitted(named, cast.amir, project="hall  3").submitted_at == first
    decision.return_deal(named, by=cast.carla, reason="who_is_it")
    assert resubmitted(named, cast.amir, project="Hall 4").submitted_at > first


def test_who_registered_meanwhile_leads_over_one_that_came_back_as_something_else(cast, returned):
    other = submitted(cast.globex, cast.boris, "Swarovski KG", website="swarovski.com")
    assert other.status == DealStatus.IN_REVIEW
    back = resubmitted(returned, cast.amir, "Swarovski KG", website="swarovski.com", city="")
    assert (back.status, back.waits_for_id) == (DealStatus.WAITING, other.pk)


def test_a_rewrite_takes_no_lead_before_it_is_submitted_and_may_be_taken_back(cast, returned):
    first = returned.submitted_at
    lines = [LineFacts(product()), LineFacts(product("MG Special", "MG"))]
    deals.save_draft(returned, facts(city="Dornbirn", website="zumtobel.com", lines=lines), by=cast.amir)
    assert Deal.objects.get().submitted_at > first
    assert resubmitted(returned, cast.amir).submitted_at == first


def test_a_loaded_registration_without_a_check_keeps_its_time(cast, returned):
    Conflict.objects.update(inputs={})
    first = returned.submitted_at
    assert resubmitted(returned, cast.amir, "Swarovski KG").submitted_at == first
