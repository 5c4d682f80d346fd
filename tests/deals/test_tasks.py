"""Sweeps: what falls due is done once, what does not is left alone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from deals import tasks
from deals.enums import DealStatus
from deals.models import AccountCheck, ClockRun, Deal, FreeWatch
from deals.services import account, decision, protection
from partners.models import Partner
from prm.mail.models import Message
from prm.matching import Identity
from tests.deals.material import approved, submitted

pytestmark = pytest.mark.django_db


def later(**delta) -> datetime:
    return timezone.now() + timedelta(**delta)


def mails(template: str) -> int:
    return Message.objects.filter(template=f"deals.{template}").count()


def test_a_protection_ends_after_its_last_day_where_the_partner_is(cast):
    Partner.objects.filter(pk=cast.acme.pk).update(time_zone="America/Los_Angeles")
    cast.acme.refresh_from_db()
    deal = approved(cast.acme, cast.amir, cast.carla)
    last = deal.protected_until
    with time_machine.travel(datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1, hours=3), tick=False):
        tasks.expire()
        assert Deal.objects.get().status == DealStatus.APPROVED  # still that day in Los Angeles
    with time_machine.travel(datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1, hours=9), tick=False):
        tasks.expire()
        tasks.expire()
    assert (Deal.objects.get().status, deal.protected_lines.count(), mails("deal_expired")) == (DealStatus.EXPIRED, 0, 1)


def test_reminders_come_at_thirty_fourteen_and_seven_days_once_each(cast):
    approved(cast.acme, cast.amir, cast.carla)
    counts = []
    for days in (50, 61, 61, 77, 84, 88):
        with time_machine.travel(later(days=days), tick=False):
            tasks.remind()
        counts.append(mails("deal_expiring"))
    assert counts == [0, 1, 1, 2, 3, 3]


def test_a_returned_registration_lapses_and_the_next_moves_up(cast):
    first, second = submitted(cast.globex, cast.boris), submitted(cast.acme, cast.amir)
    decision.return_deal(first, by=cast.carl, reason="products")
    with time_machine.travel(later(days=20), tick=False):
        tasks.lapse()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (DealStatus.LAPSED, DealStatus.IN_REVIEW)


def test_the_clock_warns_once_then_goes_to_the_lead_once(cast):
    deal = submitted(cast.acme, cast.amir)
    with time_machine.travel(deal.breach_at - timedelta(minutes=30), tick=False):
        tasks.clocks()
        tasks.clocks()
        assert (mails("clock_about_to_breach"), mails("clock_breached")) == (1, 0)
    with time_machine.travel(deal.breach_at + timedelta(minutes=1), tick=False):
        tasks.clocks()
        tasks.clocks()
    deal.refresh_from_db()
    assert deal.escalated_at is not None
    assert list(Message.objects.filter(template="deals.clock_breached").values_list("recipient_id", flat=True)) == [cast.leo.pk]
    assert ClockRun.objects.get().stopped_at is None


def test_who_asked_is_told_once_the_account_is_free(cast):
    held = approved(cast.globex, cast.boris, cast.carl)
    identity = Identity(name="Zumtobel Lighting GmbH", country="AT")
    answer = account.check_account(identity, by=cast.amir, partner=cast.acme)
    assert (answer.kind, answer.free_on) == ("taken", held.protected_until + timedelta(days=1))
    account.watch_account(held.customer, "Zumtobel Lighting GmbH", by=cast.amir, partner=cast.acme)
    tasks.watches()
    assert mails("account_is_free") == 0
    protection.release_deal(held, by=cast.boris)
    tasks.watches()
    tasks.watches()
    assert (mails("account_is_free"), FreeWatch.objects.get().told_at is not None) == (1, True)


def test_the_log_of_checks_is_kept_six_months(cast):
    account.check_account(Identity(name="Swarovski"), by=cast.amir, partner=cast.acme)
    tasks.forget_checks()
    assert AccountCheck.objects.count() == 1
    with time_machine.travel(later(days=190), tick=False):
        tasks.forget_checks()
    assert AccountCheck.objects.count() == 0
