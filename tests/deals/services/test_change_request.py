"""Changed key facts of an approved deal: what holds at once, what is asked for, checked and decided."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from deals import tasks
from deals.enums import ChangeRequestStatus, DealStatus
from deals.models import ChangeRequest, Deal, ProtectedLine
from deals.queries.change import key_facts_of
from deals.rules.change import LineWanted
from deals.rules.policy import PolicyRules
from deals.services import decision, policy, protection
from deals.services.activity import PipelineFacts, update_pipeline
from deals.services.change_request import accept_change, change_key_facts, decline_change, withdraw_change
from deals.services.deal import LineFacts, submit_deal, withdraw_deal
from prm.audit.models import Event
from prm.catalog.models import Rate
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.mail.models import Message
from tests.deals.material import approved, draft, opportunity, product, submitted

pytestmark = pytest.mark.django_db
C = ChangeRequestStatus


@pytest.fixture
def deal(cast):
    return approved(cast.acme, cast.amir, cast.carla)


def change(deal, by, **facts):
    deal = Deal.objects.select_related("partner").get(pk=deal.pk)
    return change_key_facts(deal, replace(key_facts_of(deal), **facts), by=by, version=deal.version, reason="They moved")


def worth(amount, name="GTX Pro", quantity=2):
    return {"amount": Decimal(amount), "lines": (LineWanted(product(name).pk, quantity, Decimal(amount)),)}


def mails(template):
    return Message.objects.filter(template=f"deals.{template}").count()


def test_a_small_change_holds_at_once(cast, deal):
    assert change(deal, cast.amir, **worth(11_250)) is None
    fresh = Deal.objects.get()
    assert (fresh.amount, fresh.reporting_amount, fresh.lines.get().amount) == (11_250, 11_250, 11_250)
    assert fresh.version == deal.version + 1
    assert Event.objects.filter(name="deals.deal.facts_changed", data__fields=["lines", "amount"]).exists()
    assert change(deal, cast.amir, **worth(11_250, quantity=3)) is None
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"customer_name": "Swarovski KG"},
        {"website": "swarovski.com"},
        {"country": "DE"},
        {"registration_number": "FN 12345x"},
        {"city": "Lemgo"},
        {"project": "Hall 3"},
    ],
)
def test_who_and_where_must_be_asked_for(cast, deal, facts):
    asked = change(deal, cast.amir, **facts)
    assert (asked.status, asked.asked_by, asked.reason) == (C.IN_REVIEW, cast.amir, "They moved")
    assert asked.due_at and asked.customer and asked.conflict.outcome == "clear"
    fresh = Deal.objects.get()
    assert all(getattr(fresh, name) == getattr(deal, name) for name in facts), "the old terms stand"
    assert (mails("change_received"), mails("change_in_queue")) == (1, 1)
    assert Event.objects.get(name="deals.change_request.asked").data["fields"] == list(facts)


def test_another_product_and_a_larger_amount_must_be_asked_for(cast, deal):
    assert change(deal, cast.amir, **worth(9000, "MG Special")).status == C.IN_REVIEW
    other = approved(cast.acme, cast.amir, cast.carla, "Swarovski KG")
    assert change(other, cast.amir, **worth(11_251)).status == C.IN_REVIEW


def test_an_amount_across_a_limit_must_be_asked_for(cast):
    policy.publish_policy("", PolicyRules(minimum_amount=Decimal(10_000)), None, by=None)
    deal = approved(cast.acme, cast.amir, cast.carla)
    assert change(deal, cast.amir, **worth(10_500)).status == C.IN_REVIEW


def in_pipeline(deal, by, amount):
    """The new amount through "update my pipeline"; answers the key of the refusal."""
    row = Deal.objects.select_related("partner").get(pk=deal.pk)
    amount = None if amount is None else Decimal(amount)
    try:
        update_pipeline(row, PipelineFacts(row.stage, amount, row.expected_close, row.next_step, row.version), by=by)
    except DomainError as error:
        return error.key
    return None


def test_small_rises_never_creep_past_a_quarter_of_what_was_approved(cast, deal):
    assert in_pipeline(deal, cast.amir, 10_500) is None
    assert in_pipeline(deal, cast.alice, 11_250) is None, "25 % above the 9,000 that were approved"
    assert in_pipeline(deal, cast.amir, 11_251) == "needs_change"
    assert in_pipeline(deal, cast.amir, None) is None and in_pipeline(deal, cast.amir, 11_251) == "needs_change"
    assert in_pipeline(deal, cast.amir, 500) is None and in_pipeline(deal, cast.amir, 11_000) is None, "down and up again"
    assert change(deal, cast.amir, **worth(11_250)) is None
    assert change(deal, cast.amir, **worth(11_251)).status == C.IN_REVIEW
    fresh = Deal.objects.get()
    assert (fresh.amount, fresh.approved_amount) == (11_250, 9_000)


def test_an_accepted_amount_is_what_rises_are_measured_from(cast, deal):
    assert in_pipeline(deal, cast.amir, 11_000) is None
    accept_change(change(deal, cast.amir, **worth(20_000)), by=cast.carla)
    assert in_pipeline(deal, cast.amir, 25_000) is None
    assert in_pipeline(deal, cast.amir, 25_001) == "needs_change"


def test_what_moved_in_the_pipeline_while_a_change_waited_is_not_approved_with_it(cast, deal):
    asked = change(deal, cast.amir, city="Lemgo")
    assert in_pipeline(deal, cast.amir, 11_000) is None
    accept_change(asked, by=cast.carla)
    assert in_pipeline(deal, cast.amir, 11_251) == "needs_change"
    assert (Deal.objects.get().amount, Deal.objects.get().approved_amount) == (11_000, 9_000)


def test_small_rises_never_creep_past_a_limit(cast):
    policy.publish_policy("", PolicyRules(minimum_amount=Decimal(10_000)), None, by=None)
    deal = approved(cast.acme, cast.amir, cast.carla)
    assert in_pipeline(deal, cast.amir, 9_900) is None
    assert in_pipeline(deal, cast.amir, 10_000) == "needs_change"


def test_without_an_approved_amount_the_first_one_counts_up_to_a_limit(cast):
    policy.publish_policy("", PolicyRules(minimum_amount=Decimal(10_000)), None, by=None)
    deal = approved(cast.acme, cast.amir, cast.carla, lines=[LineFacts(product())])
    assert in_pipeline(deal, cast.amir, 10_000) == "needs_change"
    assert in_pipeline(deal, cast.amir, 4_000) is None and in_pipeline(deal, cast.amir, 5_000) is None
    assert in_pipeline(deal, cast.amir, 5_001) == "needs_change"


def test_an_amount_keeps_the_rate_of_its_submission(cast):
    Rate.objects.create(day=timezone.localdate(), currency="EUR", rate=Decimal("1.5"), source="ECB")
    deal = approved(cast.acme, cast.amir, cast.carla, currency="EUR")
    Rate.objects.update(rate=3)
    assert in_pipeline(deal, cast.amir, 10_000) is None
    fresh = Deal.objects.get()
    assert (fresh.reporting_amount, fresh.reporting_rate, fresh.rate_source) == (15_000, Decimal("1.5"), "ECB")


def test_a_rise_that_no_rate_can_compare_with_a_limit_is_a_persons(cast):
    deal = approved(cast.acme, cast.amir, cast.carla, currency="EUR")
    assert in_pipeline(deal, cast.amir, 9_500) is None, "no limit, nothing to compare with"
    policy.publish_policy("", PolicyRules(minimum_amount=Decimal(10_000)), None, by=None)
    assert in_pipeline(deal, cast.amir, 9_600) == "needs_change"
    assert in_pipeline(deal, cast.amir, 8_000) is None


def test_a_certain_duplicate_is_declined_at_once_with_rule_and_fields(cast, deal):
    approved(cast.globex, cast.boris, cast.carl, "Swarovski KG", website="swarovski.com")
    asked = change(deal, cast.amir, customer_name="Swarovski KG", website="swarovski.com")
    assert (asked.status, asked.decided_by, asked.conflict.rule) == (C.DECLINED_DUPLICATE, None, "protected")
    assert "domain" in asked.conflict.matched_fields and asked.conflict.frees_up_on
    assert Deal.objects.get(pk=deal.pk).customer_name == deal.customer_name
    assert (mails("change_decided"), mails("change_in_queue")) == (1, 0)
    assert change(deal, cast.amir, city="Lemgo").status == C.IN_REVIEW, "a declined one does not stand in the way"


def test_a_larger_amount_is_never_declined_for_what_came_later(cast, deal):
    opportunity()
    assert change(deal, cast.amir, **worth(90_000)).status == C.IN_REVIEW


def test_one_at_a_time(cast, deal):
    first = change(deal, cast.amir, city="Lemgo")
    with pytest.raises(DomainError) as refused:
        change(deal, cast.alice, city="Wien")
    assert refused.value.key == "pending"
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.create(deal=deal, asked_by=cast.alice, changes=first.changes)
    withdraw_change(first, by=cast.amir)
    assert change(deal, cast.alice, city="Wien").status == C.IN_REVIEW


def test_accepting_puts_it_in_force_and_protects_it(cast, deal):
    asked = change(deal, cast.amir, customer_name="Swarovski KG", city="Wattens", **worth(30_000, "MG Special"))
    accept_change(asked, by=cast.carla, text="Fine")
    fresh = Deal.objects.get()
    assert (fresh.status, fresh.customer.name, fresh.city) == (DealStatus.APPROVED, "Swarovski KG", "Wattens")
    assert (fresh.amount, fresh.reporting_amount, fresh.protected_until) == (30_000, 30_000, deal.protected_until)
    line = ProtectedLine.objects.get()
    assert (line.customer, line.site_key, line.product.name) == (fresh.customer, "wattens", "MG Special")
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by, asked.decision_text, mails("change_decided")) == (C.ACCEPTED, cast.carla, "Fine", 1)
    assert submitted(cast.globex, cast.boris).status == DealStatus.IN_REVIEW, "the old account is free again"
    assert submitted(cast.globex, cast.boris, "Swarovski KG", city="Wattens").status != DealStatus.APPROVED


def test_declining_wants_words_and_changes_nothing(cast, deal):
    asked = change(deal, cast.amir, city="Lemgo")
    with pytest.raises(DomainError) as refused:
        decline_change(asked, by=cast.carla, text=" ")
    assert refused.value.field == "text"
    decline_change(asked, by=cast.carla, text="Not shown")
    assert (asked.status, Deal.objects.get().city, mails("change_decided")) == (C.DECLINED, "", 1)
    with pytest.raises(StaleState):
        accept_change(asked, by=cast.carla)


@pytest.mark.parametrize("who", ["carl", "sam", "boris", "amir", "finn"])
def test_only_the_deals_own_desk_decides(cast, deal, who):
    asked = change(deal, cast.amir, city="Lemgo")
    events = Event.objects.count()
    for call in (accept_change, decline_change):
        with pytest.raises(NotAllowed):
            call(asked, by=getattr(cast, who), text="x")
    assert (ChangeRequest.objects.get().status, Event.objects.count()) == (C.IN_REVIEW, events)


def test_nobody_decides_their_own_also_not_in_raw_sql(cast, deal):
    asked = change(deal, cast.dana, city="Lemgo")
    with pytest.raises(NotAllowed):
        accept_change(asked, by=cast.dana)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.filter(pk=asked.pk).update(status=C.ACCEPTED, decided_by=cast.dana)


def test_an_old_page_and_no_change_are_refused(cast, deal):
    with pytest.raises(StaleState):
        change_key_facts(deal, replace(key_facts_of(deal), city="Lemgo"), by=cast.amir, version=deal.version - 1)
    with pytest.raises(DomainError) as refused:
        change(deal, cast.amir)
    assert refused.value.key == "nothing"
    for facts, field in (({"customer_name": ""}, "customer_name"), ({"lines": ()}, "lines"), ({"amount": None}, "lines")):
        with pytest.raises(DomainError) as refused:
            change(deal, cast.amir, **facts)
        assert refused.value.field == field


def test_the_earliest_leads_a_registration_after_the_change_waits_and_loses_or_moves_up(cast, deal):
    asked = change(deal, cast.amir, customer_name="Swarovski KG")
    second = submitted(cast.globex, cast.boris, "Swarovski KG")
    assert (second.status, second.waits_for_id) == (DealStatus.WAITING, deal.pk)
    accept_change(asked, by=cast.carla)
    second.refresh_from_db()
    assert (second.status, second.reason) == (DealStatus.DECLINED, "earlier_approved")


@pytest.mark.parametrize("end", ["decline", "withdraw", "deal lost"])
def test_when_the_change_falls_the_one_behind_moves_up(cast, deal, end):
    asked = change(deal, cast.amir, customer_name="Swarovski KG")
    second = submitted(cast.globex, cast.boris, "Swarovski KG")
    if end == "decline":
        decline_change(asked, by=cast.carla, text="No")
    elif end == "withdraw":
        withdraw_change(asked, by=cast.amir)
    else:
        protection.lose_deal(deal, by=cast.amir, reason="price")
        tasks.overtaken_changes()
        asked.refresh_from_db()
        assert asked.status == C.WITHDRAWN
    second.refresh_from_db()
    assert second.status == DealStatus.IN_REVIEW


def test_a_registration_before_the_change_goes_first(cast, deal):
    earlier = submitted(cast.globex, cast.boris, "Swarovski KG")
    asked = change(deal, cast.amir, customer_name="Swarovski KG")
    assert (asked.status, asked.conflict.rule) == (C.IN_REVIEW, "earlier_registration")
    with pytest.raises(DomainError) as refused:
        accept_change(asked, by=cast.carla)
    assert refused.value.key == "earlier"
    decision.approve_deal(earlier, by=cast.carl)
    with pytest.raises(DomainError) as refused:
        accept_change(asked, by=cast.carla)
    assert refused.value.key == "already_protected"
    assert (ChangeRequest.objects.get().status, Deal.objects.get(pk=deal.pk).customer_name) == (C.IN_REVIEW, deal.customer_name)


def test_after_the_earlier_one_is_gone_it_can_be_accepted(cast, deal):
    earlier = submitted(cast.globex, cast.boris, "Swarovski KG")
    asked = change(deal, cast.amir, customer_name="Swarovski KG")
    withdraw_deal(earlier, by=cast.boris)
    accept_change(asked, by=cast.carla)
    assert Deal.objects.get(pk=deal.pk).customer.name == "Swarovski KG"


def test_a_change_is_no_obstacle_to_its_own_deal_and_none_to_what_was_there_before(cast, deal):
    waiting = draft(cast.globex, cast.boris, "Swarovski KG")
    submit_deal(waiting, by=cast.boris, now=timezone.now() - timedelta(days=1))
    change(deal, cast.amir, customer_name="Swarovski KG")
    decision.return_deal(waiting, by=cast.carl, reason="products")
    submit_deal(waiting, by=cast.boris)
    assert waiting.status == DealStatus.IN_REVIEW


def test_a_change_whose_check_is_gone_is_accepted_and_a_line_needs_no_amount(cast, deal):
    asked = change(deal, cast.amir, city="Lemgo", lines=(LineWanted(product().pk, 2, None),))
    ChangeRequest.objects.filter(pk=asked.pk).update(conflict=None)
    accept_change(ChangeRequest.objects.get(), by=cast.carla)
    fresh = Deal.objects.get()
    assert (fresh.city, fresh.lines.get().amount) == ("Lemgo", None)
