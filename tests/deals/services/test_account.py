"""Is this account free, and "tell me when it is"."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from deals.models import AccountCheck, Customer, FreeWatch, Opportunity
from deals.queries.account import watchable
from deals.rules.policy import PolicyRules
from deals.services.account import check_account, check_accounts, forget_old_checks, tell_if_free, watch_account
from deals.services.policy import publish_policy
from deals.services.protection import release_deal
from prm.core.errors import DomainError
from prm.mail.models import Message
from prm.matching import Identity
from tests.deals.material import approved, opportunity, submitted

pytestmark = pytest.mark.django_db
ZUMTOBEL = Identity(name="Zumtobel Lighting GmbH", country="AT")


def ask(cast, identity=ZUMTOBEL, who="amir", **more):
    return check_account(identity, by=getattr(cast, who), partner=cast.acme, **more)


def test_free_when_nothing_is_known(cast):
    answer = ask(cast)
    assert (answer.kind, answer.free_on, answer.customer_id) == ("free", None, None)
    assert AccountCheck.objects.get().answer == "free"


def test_taken_until_the_day_after_the_protection(cast):
    deal = approved(cast.globex, cast.boris, cast.carl)
    answer = ask(cast)
    assert (answer.kind, answer.free_on) == ("taken", deal.protected_until + timedelta(days=1))
    assert watchable(cast.amir, cast.acme).matched_customer == deal.customer
    assert watchable(cast.alice, cast.acme) is None, "she did not ask"


def test_taken_without_a_known_end_behind_an_undecided_one(cast):
    submitted(cast.globex, cast.boris)
    answer = ask(cast)
    assert (answer.kind, answer.free_on) == ("taken", None)


def test_an_existing_customer_is_named_so(cast):
    bought = opportunity()
    Opportunity.objects.update(state="won", closed_on=timezone.localdate() - timedelta(days=400))
    assert ask(cast).kind == "customer"
    Opportunity.objects.update(closed_on=timezone.localdate() - timedelta(days=1200))
    assert ask(cast, who="alice").kind == "free", "too long ago"
    assert bought.customer == Customer.objects.get()


def test_a_person_would_look_at_a_stale_opportunity(cast):
    opportunity(touched=timezone.localdate() - timedelta(days=100))
    assert ask(cast).kind == "review"
    assert watchable(cast.amir, cast.acme) is None


@pytest.mark.parametrize(("name", "field"), [("", "customer_name"), ("GmbH", "customer_name"), ("  ", "customer_name")])
def test_a_name_is_needed(cast, name, field):
    with pytest.raises(DomainError) as refused:
        ask(cast, Identity(name=name, country="AT"))
    assert refused.value.field == field
    assert not AccountCheck.objects.exists()


def test_so_many_questions_an_hour_and_no_more(cast):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=3), None, by=None)
    for name in ("Alpha AG", "Beta AG", "Gamma AG"):
        ask(cast, Identity(name=name, country="AT"))
    with pytest.raises(DomainError) as refused:
        ask(cast)
    assert (refused.value.key, AccountCheck.objects.count()) == ("too_often", 3)
    assert ask(cast, who="alice").kind == "free", "each person has their own"
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert ask(cast).kind == "free"


def test_a_list_is_answered_as_far_as_the_hour_goes(cast):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=2), None, by=None)
    names = ["Alpha AG", "Beta AG", "Alpha AG", "Gamma AG"]
    found = check_accounts([(Identity(name=name, country="AT"), None) for name in names], by=cast.amir, partner=cast.acme)
    assert [answer and answer.kind for answer in found] == ["free", "free", "free", None]
    assert AccountCheck.objects.count() == 2


def test_the_watcher_is_told_once_it_is_free(cast):
    deal = approved(cast.globex, cast.boris, cast.carl)
    watch = watch_account(deal.customer, deal.customer_name, by=cast.amir, partner=cast.acme)
    assert tell_if_free(watch, now=timezone.now()) is False
    release_deal(deal, by=cast.boris)
    same = FreeWatch.objects.get()
    assert tell_if_free(watch, now=timezone.now()) is True
    assert tell_if_free(same, now=timezone.now()) is False, "somebody else told it meanwhile"
    assert Message.objects.filter(template="deals.account_is_free", recipient_id=cast.amir.pk).count() == 1


def test_the_log_is_kept_for_six_months(cast):
    ask(cast)
    assert forget_old_checks(now=timezone.now() + timedelta(days=182)) == 0
    assert forget_old_checks(now=timezone.now() + timedelta(days=184)) == 1
    assert not AccountCheck.objects.exists()
