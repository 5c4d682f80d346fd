"""A person decides: approve, return, decline, ask; rights, clock, and what happens to those who wait."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deals.enums import DealStatus
from deals.models import ClockRun, Deal, ProtectedLine
from deals.services import deal as deals
from deals.services import decision
from deals.services.activity import log_activity
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.mail.models import Message
from tests.deals.material import approved, opportunity, submitted

pytestmark = pytest.mark.django_db


def state() -> tuple[int, int, int]:
    return Event.objects.count(), Message.objects.count(), ProtectedLine.objects.count()


def test_approving_opens_ninety_days_and_holds_the_lines(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    today = timezone.localdate()
    assert (deal.status, deal.decided_by, deal.protected_from) == (DealStatus.APPROVED, cast.carla, today)
    assert deal.protected_until == today + timedelta(days=90)
    assert (deal.due_at, deal.days_credited, deal.protected_lines.count()) == (None, 0, 1)
    assert deal.participants.get().status == DealStatus.APPROVED
    assert Message.objects.filter(template="deals.deal_approved").count() == 1


def test_the_desk_may_decide_too(cast):
    assert approved(cast.acme, cast.amir, cast.dana).decided_by == cast.dana


@pytest.mark.parametrize("who", ["carl", "finn", "sam", "alice", "boris"])
def test_nobody_else_decides_and_nothing_changes(cast, who):
    deal = submitted(cast.acme, cast.amir)
    before = state()
    with pytest.raises(NotAllowed):
        decision.approve_deal(deal, by=getattr(cast, who))
    assert (Deal.objects.get().status, state()) == (DealStatus.IN_REVIEW, before)


def test_nobody_decides_a_deal_of_a_partner_they_belong_to(cast):
    from partners.services import membership

    membership.add_member(cast.acme, cast.dana, "technical", by=cast.rita)
    deal = submitted(cast.acme, cast.amir)
    with pytest.raises(NotAllowed) as refused:
        decision.decline_deal(deal, by=cast.dana, reason="other_partner")
    assert refused.value.reasons[0].key == "own_interest"
    assert Deal.objects.get().status == DealStatus.IN_REVIEW


def test_late_days_of_the_desk_are_added_to_the_protection(cast):
    deal = submitted(cast.acme, cast.amir)
    ClockRun.objects.update(started_at=timezone.now() - timedelta(days=14))
    deal = decision.approve_deal(deal, by=cast.carla)
    assert 7 <= deal.days_credited <= 9
    assert deal.protected_until == timezone.localdate() + timedelta(days=90 + deal.days_credited)


def test_late_days_stop_at_thirty(cast):
    deal = submitted(cast.acme, cast.amir)
    ClockRun.objects.update(started_at=timezone.now() - timedelta(days=120))
    assert decision.approve_deal(deal, by=cast.carla).days_credited == 30


def test_approving_declines_who_waited_behind(cast):
    first, second = submitted(cast.globex, cast.boris), submitted(cast.acme, cast.amir)
    decision.approve_deal(first, by=cast.carl)
    second.refresh_from_db()
    assert (second.status, second.reason) == (DealStatus.DECLINED, "earlier_approved")


def test_declining_moves_up_who_waited_behind(cast):
    first, second = submitted(cast.globex, cast.boris), submitted(cast.acme, cast.amir)
    decision.decline_deal(first, by=cast.carl, reason="other", text="Not a customer of yours")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.declined_kind, second.status) == ("person", DealStatus.IN_REVIEW)


def test_another_reason_needs_words(cast):
    deal = submitted(cast.acme, cast.amir)
    with pytest.raises(DomainError) as refused:
        decision.decline_deal(deal, by=cast.carla, reason="other", text=" ")
    assert refused.value.field == "text"
    with pytest.raises(DomainError):
        decision.decline_deal(deal, by=cast.carla, reason="made_up")
    assert Deal.objects.get().status == DealStatus.IN_REVIEW


def test_a_returned_deal_stops_the_clock_and_goes_on_with_what_was_left(cast):
    deal = submitted(cast.acme, cast.amir)
    first_time = deal.submitted_at
    decision.return_deal(deal, by=cast.carla, reason="products", text="Which ones?")
    assert (deal.status, deal.due_at) == (DealStatus.RETURNED, None)
    assert timedelta(days=11) <= deal.returned_until - timezone.localdate() <= timedelta(days=14)
    deals.submit_deal(deal, by=cast.amir)
    assert (deal.status, deal.submitted_at, deal.clock_runs.count()) == (DealStatus.IN_REVIEW, first_time, 2)


def test_a_question_stops_the_clock_until_the_answer(cast):
    deal = submitted(cast.acme, cast.amir)
    decision.ask_question(deal, by=cast.carla, text="Which site?")
    assert (deal.question_open, deal.due_at) == (True, None)
    with pytest.raises(DomainError):
        decision.ask_question(deal, by=cast.carla, text="And?")
    decision.answer_question(deal, by=cast.amir, text="Dornbirn")
    assert deal.question_open is False
    assert deal.due_at is not None
    with pytest.raises(StaleState):
        decision.answer_question(deal, by=cast.amir, text="Again")


def test_two_deciders_at_once_one_is_told(cast):
    deal = submitted(cast.acme, cast.amir)
    same = Deal.objects.get()
    decision.approve_deal(deal, by=cast.carla)
    with pytest.raises(StaleState):
        decision.decline_deal(same, by=cast.dana, reason="other_partner")
    assert Deal.objects.get().status == DealStatus.APPROVED


def test_the_owner_of_a_matching_opportunity_is_told_on_approval(cast):
    opportunity(touched=timezone.localdate() - timedelta(days=100), owner_email="otto@vendor.test", owner="Otto")
    approved(cast.acme, cast.amir, cast.carla)
    assert Message.objects.filter(template="deals.opportunity_protected").count() == 1


def test_the_account_taken_meanwhile_cannot_be_approved(cast):
    deal = submitted(cast.acme, cast.amir)
    other = approved(cast.globex, cast.boris, cast.carl, "Swarovski KG")
    ProtectedLine.objects.filter(deal=other).update(customer=deal.customer)
    with pytest.raises(DomainError) as refused:
        decision.approve_deal(deal, by=cast.carla)
    assert refused.value.key == "already_protected"
    assert Deal.objects.get(pk=deal.pk).status == DealStatus.IN_REVIEW
    decision.approve_deal(Deal.objects.get(pk=deal.pk), by=cast.carla, effect="shared")


def test_bulk_approves_only_what_is_clear(cast):
    clear = submitted(cast.acme, cast.amir)
    opportunity("Swarovski KG", touched=timezone.localdate() - timedelta(days=100))
    unsure = submitted(cast.acme, cast.amir, "Swarovski KG")
    done, refused = decision.approve_clear_deals([clear, unsure], by=cast.carla)
    assert (done, [row for row, _why in refused]) == ([clear], [unsure])


def test_activity_is_logged_on_an_approved_deal_only(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    log_activity(deal, by=cast.amir, kind="call", line="Spoke with the buyer")
    assert deal.activities.count() == 1
    with pytest.raises(StaleState):
        log_activity(submitted(cast.acme, cast.amir, "Swarovski KG"), by=cast.amir, kind="call", line="x")
