"""Is this account free, and "tell me when it is"."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from deals.forms.paste import MOST_ROWS
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


AGAIN = [
    ZUMTOBEL,
    Identity(name="ZUMTOBEL  Lighting, G.m.b.H.", country="Austria"),
    Identity(name="Zumtobel Lighting GmbH", country="AT", city="Dornbirn"),
]
OTHERS = [
    Identity(name="Zumtobel Lighting AG", country="AT"),
    Identity(name="Zumtobel Lighting GmbH", country="DE"),
    Identity(name="Zumtobel Lighting GmbH", domain="zumtobel.com", country="AT"),
    Identity(name="Lighting Zumtobel GmbH", country="AT"),
    Identity(name="Zumtobel Lighting 2 GmbH", country="AT"),
]


@pytest.mark.parametrize("again", AGAIN)
def test_the_same_again_is_answered_and_does_not_count(cast, again):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=2), None, by=None)
    for _time in range(3):
        assert ask(cast).kind == ask(cast, again).kind == "free"
    ask(cast, Identity(name="Beta AG", country="AT"))
    assert ask(cast, again).kind == "free", "also when the hour is used up"
    with pytest.raises(DomainError):
        ask(cast, Identity(name="Gamma AG", country="AT"))


@pytest.mark.parametrize("other", OTHERS)
def test_another_name_form_domain_or_country_is_another_question(cast, other):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=1), None, by=None)
    ask(cast)
    with pytest.raises(DomainError) as refused:
        ask(cast, other)
    assert (refused.value.key, AccountCheck.objects.count()) == ("too_often", 1)
    assert check_accounts([(other, None)], by=cast.amir, partner=cast.acme) == [None]


def test_the_hour_of_a_question_ends(cast):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=1), None, by=None)
    ask(cast)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        ask(cast, Identity(name="Beta AG", country="AT"))
        with pytest.raises(DomainError):
            ask(cast)


def test_the_log_says_what_was_told_last(cast):
    """Asked at once again is one entry; after another question it is a new one, for "tell me when it is free" is about it."""
    deal = approved(cast.globex, cast.boris, cast.carl)
    for identity in (ZUMTOBEL, ZUMTOBEL, Identity(name="Beta AG", country="AT"), ZUMTOBEL):
        ask(cast, identity)
    assert list(AccountCheck.objects.order_by("created_at").values_list("answer", flat=True)) == ["taken", "free", "taken"]
    assert watchable(cast.amir, cast.acme).matched_customer == deal.customer


def test_another_answer_to_the_same_question_is_logged(cast):
    ask(cast)
    deal = approved(cast.globex, cast.boris, cast.carl)
    assert ask(cast).kind == "taken"
    release_deal(deal, by=cast.boris)
    check_accounts([(ZUMTOBEL, None)] * 2, by=cast.amir, partner=cast.acme)
    assert list(AccountCheck.objects.order_by("created_at").values_list("answer", flat=True)) == ["free", "taken", "free"]


def test_for_another_company_of_ones_own_it_is_logged_but_does_not_count(cast):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=1), None, by=None)
    for partner in (cast.acme, cast.globex, cast.acme, cast.globex):
        assert check_accounts([(ZUMTOBEL, None)], by=cast.both, partner=partner)[0].kind == "free"
    assert set(AccountCheck.objects.values_list("partner", flat=True)) == {cast.acme.pk, cast.globex.pk}
    assert AccountCheck.objects.count() == 2
    with pytest.raises(DomainError):
        check_account(Identity(name="Beta AG", country="AT"), by=cast.both, partner=cast.globex)


def test_a_list_is_answered_as_far_as_the_hour_goes(cast):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=2), None, by=None)
    names = ["Alpha AG", "Beta AG", "ALPHA A.G.", "Gamma AG"]
    found = check_accounts([(Identity(name=name, country="AT"), None) for name in names], by=cast.amir, partner=cast.acme)
    assert [answer and answer.kind for answer in found] == ["free", "free", "free", None]
    assert AccountCheck.objects.count() == 2


def test_the_shipped_hour_holds_a_pasted_list_and_more():
    assert PolicyRules().account_checks_per_hour >= MOST_ROWS + 10


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
