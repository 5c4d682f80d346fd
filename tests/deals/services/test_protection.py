"""The protection window: opened by rule, kept to its place, ended in each of its ways."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals.enums import DealStatus, ProtectionScope
from deals.models import ClockRun, Deal, ProtectedLine
from deals.rules.policy import PolicyRules
from deals.services.decision import approve_deal
from deals.services.policy import publish_policy
from deals.services.protection import expire_deal, lose_deal, release_deal, reopen_deal, site_key, win_deal
from prm.audit.models import Event
from prm.catalog.models import Product
from prm.core.errors import DomainError, StaleState
from prm.mail.models import Message
from programs.models import Tier
from programs.services.tier import assign_tier
from tests.deals.material import approved, draft, opportunity, submitted

pytestmark = pytest.mark.django_db
RULES = PolicyRules(auto_approve=True, auto_approve_tier_rank=2, auto_approve_below=Decimal(50000))


@pytest.fixture
def gold(cast):
    publish_policy("Rules", RULES, None, by=None)
    tier, _new = Tier.objects.update_or_create(key="gold", defaults={"name": "Gold", "rank": 92, "margin_points": 10})
    assign_tier(cast.acme, tier, by=cast.rita, starts_on=timezone.localdate(), reason="Good work")
    return tier


def test_the_written_rule_approves_what_it_covers(cast, gold):
    deal = submitted(cast.acme, cast.amir)
    today = timezone.localdate()
    assert (deal.status, deal.decided_by, deal.margin_points) == (DealStatus.APPROVED, None, Decimal(10))
    assert (deal.protected_from, deal.protected_until, deal.days_credited) == (today, today + timedelta(days=90), 0)
    assert ProtectedLine.objects.count() == 1
    event = Event.objects.get(name="deals.deal.approved_by_rule")
    assert (event.actor_kind, event.actor_id) == ("system", "")
    assert [mail.template for mail in Message.objects.all()] == ["deals.deal_approved"]


def test_a_person_decides_whatever_the_rule_does_not_cover(cast, gold):
    publish_policy("Rules", replace(RULES, auto_approve_below=Decimal(9000)), None, by=None)
    assert submitted(cast.acme, cast.amir).status == DealStatus.IN_REVIEW, "not below the limit"
    publish_policy("Rules", RULES, None, by=None)
    assert submitted(cast.globex, cast.boris, "Swarovski KG").status == DealStatus.IN_REVIEW, "no tier"
    Product.objects.update(reviewed=False)
    assert submitted(cast.acme, cast.amir, "Doppelmayr AG").status == DealStatus.IN_REVIEW, "a product nobody has looked at"


def test_what_is_not_clear_goes_to_a_person(cast, gold):
    opportunity(touched=timezone.localdate() - timedelta(days=100))
    assert submitted(cast.acme, cast.amir).status == DealStatus.IN_REVIEW


@pytest.mark.parametrize(
    ("scope", "key"),
    [(ProtectionScope.SITE, "dornbirn"), (ProtectionScope.CUSTOMER, ""), (ProtectionScope.PROJECT, "dornbirn|new hall")],
)
def test_the_place_that_is_protected(cast, scope, key):
    deal = draft(cast.acme, cast.amir, city="Dornbirn", project="New  Hall")
    deal.scope = scope
    assert site_key(deal) == key


def test_the_vendors_late_days_stop_at_what_the_policy_says(cast):
    publish_policy("Rules", PolicyRules(credit_days_at_most=10), None, by=None)
    deal = submitted(cast.acme, cast.amir)
    ClockRun.objects.update(started_at=timezone.now() - timedelta(days=60))
    approve_deal(deal, by=cast.carla)
    assert (deal.days_credited, deal.protected_until) == (10, timezone.localdate() + timedelta(days=100))


def test_shared_protection_holds_no_line(cast):
    deal = approve_deal(submitted(cast.acme, cast.amir), by=cast.carla, effect="shared")
    assert (deal.status, deal.effect, ProtectedLine.objects.count()) == (DealStatus.APPROVED, "shared", 0)


def test_it_must_end_after_today(cast):
    deal = submitted(cast.acme, cast.amir)
    with pytest.raises(DomainError) as refused:
        approve_deal(deal, by=cast.carla, protected_until=timezone.localdate())
    assert refused.value.field == "protected_until"
    assert Deal.objects.get().status == DealStatus.IN_REVIEW


def test_it_does_not_expire_before_its_day_is_over(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    with pytest.raises(DomainError) as refused:
        expire_deal(deal, now=timezone.now())
    assert refused.value.key == "still_runs"
    assert ProtectedLine.objects.count() == 1


def test_won_in_time_keeps_the_margin_and_won_late_does_not(cast, gold):
    deal = win_deal(submitted(cast.acme, cast.amir), by=cast.amir)
    assert (deal.status, deal.margin_points, ProtectedLine.objects.count()) == (DealStatus.WON, Decimal(10), 0)
    late = submitted(cast.acme, cast.amir, "Swarovski KG")
    expire_deal(late, now=timezone.now() + timedelta(days=95))
    win_deal(late, by=cast.amir)
    assert (late.status, late.margin_points) == (DealStatus.WON, Decimal(0))
    assert Event.objects.filter(name="deals.deal.won_late").count() == 1


def test_losing_needs_a_reason_of_the_list(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    with pytest.raises(DomainError) as refused:
        lose_deal(deal, by=cast.amir, reason="bad luck")
    assert refused.value.field == "reason"
    lose_deal(deal, by=cast.amir, reason="price", text="x" * 600)
    assert (deal.status, deal.reason, len(deal.reason_text)) == (DealStatus.LOST, "price", 500)
    assert not ProtectedLine.objects.exists()


def test_reopened_within_fourteen_days_if_nobody_holds_it(cast):
    deal = win_deal(approved(cast.acme, cast.amir, cast.carla), by=cast.amir)
    with pytest.raises(DomainError) as refused:
        reopen_deal(deal, by=cast.amir, now=timezone.now() + timedelta(days=15))
    assert refused.value.key == "too_late"
    other = approved(cast.globex, cast.boris, cast.carl)
    with pytest.raises(DomainError) as refused:
        reopen_deal(Deal.objects.get(pk=deal.pk), by=cast.amir)
    assert refused.value.key == "already_protected"
    release_deal(other, by=cast.boris)
    deal = reopen_deal(Deal.objects.get(pk=deal.pk), by=cast.amir)
    assert (deal.status, deal.ended_at, deal.protected_lines.count()) == (DealStatus.APPROVED, None, 1)


def test_what_has_ended_ends_no_second_time(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    same = Deal.objects.get()
    release_deal(deal, by=cast.amir)
    with pytest.raises(StaleState):
        win_deal(same, by=cast.amir)


def test_what_was_reopened_ends_with_mails_of_its_own(cast):
    deal = win_deal(approved(cast.acme, cast.amir, cast.carla), by=cast.amir)
    expire_deal(reopen_deal(deal, by=cast.amir), now=timezone.now() + timedelta(days=95))
    reopen_deal(win_deal(deal, by=cast.amir), by=cast.amir)
    expire_deal(deal, now=timezone.now() + timedelta(days=95))
    mails = Message.objects.filter(template__in=["deals.deal_won", "deals.deal_expired"]).order_by("created_at")
    assert [mail.template for mail in mails] == ["deals.deal_won", "deals.deal_expired", "deals.deal_won", "deals.deal_expired"]
