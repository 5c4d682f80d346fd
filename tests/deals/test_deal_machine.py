"""A deal's whole life at random: any step of any deal, by anybody, at any time; what must hold is asked after each one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from deals import tasks
from deals.enums import DEAL_STEPS, DECLINE_REASONS, LOST_REASONS, OPEN, RETURN_REASONS, DealStatus, ProtectionEffect
from deals.models import ChangeRequest, Deal, Extension, JoinRequest
from deals.queries.change import key_facts_of
from deals.rules.change import LineWanted
from deals.rules.policy import PolicyRules
from deals.services import activity, booking, change_request, decision, extension, join_request, participant, protection
from deals.services import deal as deals
from deals.services.deal import LineFacts
from deals.services.policy import publish_policy
from partners.enums import Role, StaffRole
from partners.services import membership
from prm.core.errors import DomainError
from programs.models import Tier
from programs.services.tier import assign_tier
from tests.cast import make_cast, make_staff
from tests.deals import machine_checks as checks
from tests.deals.material import facts, product

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 3, 3, 10, tzinfo=UTC)
CUSTOMERS = ["Zumtobel Lighting GmbH", "Swarovski KG"]
GOODS = [("GTX Pro", "GTX"), ("GTX Basic", "GTX"), ("MG Special", "MG")]
REGISTRANTS = ["amir", "alice", "boris", "dieter"]
DECIDERS = [*["dana"] * 12, "carla", "carl", "dora", "finn", "boris", "amir"]
CROWD = 6
ANY_OTHER = 9  # of ten picks

numbers = st.integers(0, 99)
customers = st.sampled_from(CUSTOMERS)
goods = st.sets(st.sampled_from(range(len(GOODS))), min_size=1, max_size=2)
registrants = st.sampled_from(REGISTRANTS)
deciders = st.sampled_from(DECIDERS)
texts = st.sampled_from(["Because it is so", "Because it is so", ""])


def when(*steps: str):
    """Offer the rule while some deal is where one of these steps starts."""
    sources = {source for step in steps for source in DEAL_STEPS[step].sources}
    return precondition(lambda self: bool(sources & self.statuses))


def with_some(model: type[Model]):
    return precondition(lambda self: model in self.asked)


class DealMachine(RuleBasedStateMachine):
    """Rules call the services as the views do. A refusal must leave every row as it was."""

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.savepoint()
        self.traveller = time_machine.travel(BEGIN, tick=True)
        self.time = self.traveller.start()
        self.cast = make_cast()
        self.dora = make_staff("Dora Double", self.cast.desk, StaffRole.DEAL_DESK)  # sits on both sides
        membership.add_member(self.cast.globex, self.dora, Role.TECHNICAL, by=self.cast.rita)
        self.statuses: set[str] = set()
        self.open = 0
        self.asked: set[type[Model]] = set()
        self.moved = True
        self.products = [product(*names) for names in GOODS]

    def teardown(self) -> None:
        self.traveller.stop()
        transaction.savepoint_rollback(self.point)

    # -- how a step is taken

    def person(self, name: str):
        return self.dora if name == "dora" else getattr(self.cast, name)

    def company(self, name: str):
        return {"boris": self.cast.globex, "dieter": self.cast.initech}.get(name, self.cast.acme)

    def lines(self, chosen: set[int], amount: int = 9000) -> list[LineFacts]:
        return [LineFacts(self.products[number], 2, Decimal(amount)) for number in sorted(chosen)]

    def deal(self, number: int, *steps: str) -> Deal | None:
        """Mostly one from which the step may be taken, now and then any other: that one must be refused."""
        rows = list(Deal.objects.select_related("partner", "owner", "registered_by").order_by("created_at", "pk"))
        legal = [row for row in rows if any(DEAL_STEPS.allows(step, row) for step in steps)]
        pool = legal if legal and number % 10 != ANY_OTHER else rows
        return pool[number % len(pool)] if pool else None

    def row(self, model, number: int, **filters):
        rows = list(model.objects.filter(**filters).order_by("created_at", "pk"))
        return rows[number % len(rows)] if rows else None

    def take(self, call, *, reminders: tuple[str, ...] = ()):
        """Take one step: a refusal changed nothing; a success wrote its events and its mails, and a person decided."""
        digest, before = checks.digest(), checks.Before()
        self.time.shift(timedelta(minutes=1))
        try:
            answer = call()
        except DomainError as error:
            assert checks.digest() == digest, f"refused ({error}), and yet something changed"
            return None
        events = before.new_events()
        self.moved = True
        statuses = list(Deal.objects.values_list("status", flat=True))
        self.statuses, self.open = set(statuses), sum(status in OPEN for status in statuses)
        self.asked = {model for model in (Extension, ChangeRequest, JoinRequest) if model.objects.exists()}
        checks.owed_events(before, events)
        checks.owed_deciders(events)
        checks.owed_mails(events, before.new_mails(), reminders=reminders)
        return answer

    @invariant()
    def everything_is_sound(self) -> None:
        if self.moved:
            checks.sound()
        self.moved = False

    # -- the partner's side

    @initialize(auto=st.booleans(), some=st.lists(st.tuples(registrants, customers, goods), min_size=2, max_size=4))
    def begin(self, auto, some):
        publish_policy("Rules", PolicyRules(auto_approve=auto), None, by=None)
        gold, _new = Tier.objects.get_or_create(key="gold", defaults={"name": "Gold", "rank": 12, "margin_points": 10})
        assign_tier(self.cast.globex, gold, by=self.cast.rita, starts_on=timezone.localdate(), reason="Good work")
        for who, customer, chosen in some:
            self.register(who, customer, chosen, tender=False)

    @precondition(lambda self: self.open < CROWD)
    @rule(who=registrants, customer=customers, chosen=goods, tender=st.sampled_from([False, False, False, True]))
    def register(self, who, customer, chosen, tender):
        nature = "tender" if tender else "new"
        made = self.take(
            lambda: deals.create_draft(
                self.company(who), facts(customer, lines=self.lines(chosen), nature=nature), by=self.person(who)
            )
        )
        self.take(lambda: deals.submit_deal(made, by=self.person(who)))

    @precondition(lambda self: self.open < CROWD)
    @rule(who=registrants, customer=customers, chosen=goods)
    def draft(self, who, customer, chosen):
        self.take(lambda: deals.create_draft(self.company(who), facts(customer, lines=self.lines(chosen)), by=self.person(who)))

    @when("save")
    @rule(number=numbers, customer=customers, chosen=goods)
    def rewrite(self, number, customer, chosen):
        if deal := self.deal(number, "save"):
            self.take(lambda: deals.save_draft(deal, facts(customer, lines=self.lines(chosen)), by=deal.owner))

    @when("submit")
    @rule(number=numbers)
    def submit(self, number):
        if deal := self.deal(number, "submit"):
            self.take(lambda: deals.submit_deal(deal, by=deal.owner))

    @precondition(lambda self: DealStatus.DRAFT in self.statuses)
    @rule(number=numbers)
    def delete(self, number):
        if deal := self.row(Deal, number, status=DealStatus.DRAFT):
            self.take(lambda: deals.delete_draft(deal, by=deal.owner))

    @when("withdraw")
    @rule(number=numbers)
    def withdraw(self, number):
        if deal := self.deal(number, "withdraw"):
            self.take(lambda: deals.withdraw_deal(deal, by=deal.owner))

    @when("answer")
    @rule(number=numbers, text=texts)
    def answer(self, number, text):
        if deal := self.deal(number, "answer"):
            self.take(lambda: decision.answer_question(deal, by=deal.owner, text=text))

    @when("update")
    @rule(number=numbers)
    def log(self, number):
        if deal := self.deal(number, "update"):
            self.take(lambda: activity.log_activity(deal, by=deal.owner, kind="call", line="Spoke with the buyer"))

    @when("update")
    @rule(number=numbers, amount=st.sampled_from([1000, 18000, 40000]))
    def update(self, number, amount):
        if deal := self.deal(number, "update"):
            new = activity.PipelineFacts("proposal", Decimal(amount), deal.expected_close, "Call again", deal.version)
            self.take(lambda: activity.update_pipeline(deal, new, by=deal.owner))

    @when("win", "win_late", "reopen")
    @rule(number=numbers, how=st.sampled_from(["win", "lose", "release", "reopen"]))
    def end(self, number, how):
        if deal := self.deal(number, how, "win_late" if how == "win" else how):
            calls = {
                "win": lambda: protection.win_deal(deal, by=deal.owner),
                "lose": lambda: protection.lose_deal(deal, by=deal.owner, reason=list(LOST_REASONS)[number % 5]),
                "release": lambda: protection.release_deal(deal, by=deal.owner),
                "reopen": lambda: protection.reopen_deal(deal, by=deal.owner),
            }
            self.take(calls[how])

    @when("extend")
    @rule(number=numbers)
    def ask_extension(self, number):
        if deal := self.deal(number, "extend"):
            if number % 2:
                self.take(lambda: activity.log_activity(deal, by=deal.owner, kind="demo", line="Showed it"))
            self.take(lambda: extension.ask_extension(deal, by=deal.owner, reason="They need more time"))

    @when("update")
    @rule(number=numbers, customer=st.one_of(st.none(), customers), chosen=goods, amount=st.sampled_from([5000, 9000, 30000]))
    def ask_change(self, number, customer, chosen, amount):
        if deal := self.deal(number, "update"):
            before = key_facts_of(deal)
            wanted = tuple(LineWanted(line.product.pk, 2, line.amount) for line in self.lines(chosen, amount))
            total = sum((line.amount for line in wanted), Decimal(0))
            after = replace(before, customer_name=customer or before.customer_name, lines=wanted, amount=total)
            self.take(lambda: change_request.change_key_facts(deal, after, by=deal.owner, version=deal.version))

    @precondition(lambda self: self.asked & {ChangeRequest, Extension})
    @rule(number=numbers)
    def take_requests_back(self, number):
        change, asked = self.row(ChangeRequest, number), self.row(Extension, number)
        if change and number % 2:
            self.take(lambda: change_request.withdraw_change(change, by=change.asked_by))
        elif asked:
            self.take(lambda: extension.withdraw_extension(asked, by=asked.asked_by))

    @precondition(lambda self: JoinRequest in self.asked or DealStatus.DECLINED in self.statuses)
    @rule(number=numbers, how=st.sampled_from(["ask", "accept", "refuse", "withdraw"]))
    def join(self, number, how):
        declined = self.row(Deal, number, status=DealStatus.DECLINED, reason="linked_deal")
        if how == "ask" and declined:
            self.take(lambda: join_request.ask_join(declined, by=declined.owner))
        join = self.row(JoinRequest, number)
        if how != "ask" and join:
            call = getattr(join_request, f"{how}_join")
            self.take(lambda: call(join, by=join.asked_by if how == "withdraw" else join.deal.owner))

    @when("update", "withdraw")
    @rule(number=numbers, add=st.booleans())
    def take_part(self, number, add):
        if deal := self.deal(number, "update", "withdraw"):
            other = self.cast.initech if deal.partner_id != self.cast.initech.pk else self.cast.acme
            if add:
                self.take(lambda: participant.add_participant(deal, other, "implementer", by=deal.owner))
            elif row := deal.participants.order_by("created_at").last():
                self.take(lambda: participant.remove_participant(row, by=deal.owner))

    # -- the vendor's side

    @when("approve")
    @rule(number=numbers, who=deciders, shared=st.sampled_from([False, False, False, True]))
    def approve(self, number, who, shared):
        if deal := self.deal(number, "approve"):
            effect = ProtectionEffect.SHARED if shared else ProtectionEffect.EXCLUSIVE
            self.take(lambda: decision.approve_deal(deal, by=self.person(who), effect=effect))

    @when("approve")
    @rule(number=numbers, who=deciders)
    def approve_clear_ones(self, number, who):
        if deal := self.deal(number, "approve"):
            self.take(lambda: decision.approve_clear_deals([deal], by=self.person(who)))

    @when("decline")
    @rule(number=numbers, who=deciders, reason=st.sampled_from(sorted(DECLINE_REASONS)), text=texts)
    def decline(self, number, who, reason, text):
        if deal := self.deal(number, "decline"):
            self.take(lambda: decision.decline_deal(deal, by=self.person(who), reason=reason, text=text))

    @when("return")
    @rule(number=numbers, who=deciders, reason=st.sampled_from(sorted(RETURN_REASONS)), text=texts)
    def send_back(self, number, who, reason, text):
        if deal := self.deal(number, "return"):
            self.take(lambda: decision.return_deal(deal, by=self.person(who), reason=reason, text=text))

    @when("ask")
    @rule(number=numbers, who=deciders, text=texts)
    def ask(self, number, who, text):
        if deal := self.deal(number, "ask"):
            self.take(lambda: decision.ask_question(deal, by=self.person(who), text=text))

    @with_some(Extension)
    @rule(number=numbers, who=deciders, grant=st.booleans(), text=texts)
    def decide_extension(self, number, who, grant, text):
        if asked := self.row(Extension, number):
            call = extension.grant_extension if grant else extension.refuse_extension
            self.take(lambda: call(asked, by=self.person(who), text=text))

    @with_some(ChangeRequest)
    @rule(number=numbers, who=deciders, accept=st.booleans(), text=texts)
    def decide_change(self, number, who, accept, text):
        if change := self.row(ChangeRequest, number):
            call = change_request.accept_change if accept else change_request.decline_change
            self.take(lambda: call(change, by=self.person(who), text=text))

    @when("book")
    @rule(number=numbers, who=deciders, order=st.sampled_from(["", "SO-1", "SO-2"]))
    def book(self, number, who, order):
        if deal := self.deal(number, "book"):
            self.take(lambda: booking.book_deal(deal, by=self.person(who), order_ref=order))

    # -- time

    @rule(hours=st.sampled_from([1, 24, 24 * 3, 24 * 15, 24 * 61, 24 * 95]))
    def time_passes(self, hours):
        self.time.shift(timedelta(hours=hours))
        self.take(self._sweep, reminders=("deals.deal_expiring", "deals.clock_about_to_breach"))

    @staticmethod
    def _sweep() -> None:
        for sweep in (tasks.clocks, tasks.remind, tasks.lapse, tasks.expire, tasks.overtaken_changes, tasks.watches):
            sweep()
        assert not Deal.objects.filter(status="approved", protected_until__lt=timezone.localdate() - timedelta(days=1)).exists()


def run(examples: int, steps: int, *, derandomize: bool) -> None:
    run_state_machine_as_test(
        DealMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            deadline=None,
            print_blob=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_deals_life():
    """The same lives each time, so that a red run is red again."""
    run(10, 20, derandomize=True)


@pytest.mark.soak
def test_many_deals_lives():
    """Other lives each time; the blob it prints brings a failure back."""
    run(150, 40, derandomize=False)
