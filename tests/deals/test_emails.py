"""Every mail of the deals: to whom, under which subject, what both bodies say, and exactly one each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from deals import tasks
from deals.models import ClockRun, Deal
from deals.queries.change import key_facts_of
from deals.services import activity, change_request, decision, extension, join_request, protection
from deals.services.account import watch_account
from prm.mail.models import Message
from tests.deals.material import approved, opportunity, submitted
from tests.mailed import words

pytestmark = pytest.mark.django_db
AMIR, ALICE, BORIS = "amir.sales@acme.test", "alice.admin@acme.test", "boris.boss@globex.test"
DIETER, CARLA, LEO = "dieter.distributor@initech.test", "carla.manager@vendor.test", "leo.lead@vendor.test"
HOLDER = "Globex"


@dataclass(frozen=True)
class Expected:
    """`{ref}` and `{day}` (the protection's last) stand for those of the deal that `make` answers."""

    make: object
    to: tuple[str, ...]
    subject: str
    says: tuple[str, ...]
    silent: tuple[str, ...] = ()


def received(cast):
    return submitted(cast.acme, cast.amir)


def received_by_colleague(cast):
    deal = submitted(cast.acme, cast.amir)
    Message.objects.all().update(template="other.mail")
    Deal.objects.update(owner=cast.alice)
    deal.refresh_from_db()
    decision.return_deal(deal, by=cast.carla, reason="products", text="Which ones?")
    return deal


def behind_another(cast):
    submitted(cast.globex, cast.boris)
    return submitted(cast.acme, cast.amir)


def duplicate(cast):
    approved(cast.globex, cast.boris, cast.carl)
    return submitted(cast.acme, cast.amir)


def declined(cast):
    return decision.decline_deal(received(cast), by=cast.carla, reason="not_authorised", text="Ask us for the training")


def asked(cast):
    return decision.ask_question(received(cast), by=cast.carla, text="Which site is it?")


def accepted(cast):
    return approved(cast.acme, cast.amir, cast.carla)


def late(cast):
    deal = received(cast)
    ClockRun.objects.update(started_at=timezone.now() - timedelta(days=14))
    return decision.approve_deal(deal, by=cast.carla)


def protected_over_an_old_opportunity(cast):
    opportunity(touched=timezone.localdate() - timedelta(days=100), owner_email="otto@vendor.test", owner="Otto")
    return accepted(cast)


def reminded(cast):
    deal = accepted(cast)
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        tasks.remind()
        tasks.remind()
    return deal


def expired(cast):
    deal = accepted(cast)
    with time_machine.travel(timezone.now() + timedelta(days=95), tick=False):
        tasks.expire()
    return deal


def won(cast):
    return protection.win_deal(accepted(cast), by=cast.amir)


def _extension(cast):
    deal = accepted(cast)
    activity.log_activity(deal, by=cast.amir, kind="demo", line="Showed it")
    return extension.ask_extension(deal, by=cast.amir, reason="They decide in May")


def more_time(cast):
    deal = extension.grant_extension(_extension(cast), by=cast.carla, text="Good luck").deal
    deal.refresh_from_db()
    return deal


def no_more_time(cast):
    return extension.refuse_extension(_extension(cast), by=cast.carla, text="Nothing happened").deal


def _change(cast, name="Zumtobel Licht GmbH"):
    deal = accepted(cast)
    facts = replace(key_facts_of(deal), customer_name=name)
    return change_request.change_key_facts(deal, facts, by=cast.amir, version=deal.version)


def change_asked(cast):
    return _change(cast, "Doppelmayr Seilbahnen GmbH").deal


def change_accepted(cast):
    return change_request.accept_change(_change(cast, "Doppelmayr Seilbahnen GmbH"), by=cast.carla, text="Noted").deal


def change_declined(cast):
    return change_request.decline_change(
        _change(cast, "Doppelmayr Seilbahnen GmbH"), by=cast.carla, text="That is another one"
    ).deal


def change_duplicate(cast):
    approved(cast.globex, cast.boris, cast.carl, "Swarovski KG")
    return _change(cast, "Swarovski KG").deal


def near_breach(cast):
    deal = received(cast)
    Deal.objects.update(breach_at=timezone.now() + timedelta(hours=1))
    tasks.clocks()
    tasks.clocks()
    return deal


def breached(cast):
    deal = received(cast)
    Deal.objects.update(breach_at=timezone.now() - timedelta(hours=1))
    tasks.clocks()
    tasks.clocks()
    return deal


def _join(cast):
    submitted(cast.initech, cast.dieter)
    return join_request.ask_join(submitted(cast.acme, cast.amir), by=cast.amir)


def join_asked(cast):
    return _join(cast).deal


def joined(cast):
    return join_request.accept_join(_join(cast), by=cast.dieter).deal


def not_joined(cast):
    return join_request.refuse_join(_join(cast), by=cast.dieter).declined


def free(cast):
    deal = approved(cast.globex, cast.boris, cast.carl)
    watch_account(deal.customer, deal.customer_name, by=cast.amir, partner=cast.acme)
    protection.release_deal(deal, by=cast.boris)
    tasks.watches()
    tasks.watches()
    return deal


NAME = "Zumtobel Lighting GmbH"
MAILS: dict[str, list[Expected]] = {
    "deal_received": [
        Expected(received, (AMIR,), f"We have your registration {{ref}}: {NAME}", ("Carla Manager",)),
        Expected(behind_another, (AMIR, BORIS), f"We have your registration {{ref}}: {NAME}", ("registered earlier",), (HOLDER,)),
    ],
    "deal_in_queue": [Expected(received, (CARLA,), f"New to decide: {NAME} (Acme)", ("/admin/",))],
    "deal_declined": [
        Expected(
            duplicate, (AMIR,), f"Declined: {NAME} ({{ref}})", ("protected for another", "become free about"), (HOLDER, "Boris")
        ),
        Expected(declined, (AMIR,), f"Declined: {NAME} ({{ref}})", ("not open to your company", "Ask us for the training")),
    ],
    "deal_returned": [
        Expected(
            received_by_colleague, (ALICE, AMIR), f"Please complete: {NAME} ({{ref}})", ("Which ones?", "products and amounts")
        )
    ],
    "deal_question": [Expected(asked, (AMIR,), f"A question about {NAME} ({{ref}})", ("Which site is it?",))],
    "deal_approved": [
        Expected(accepted, (AMIR,), f"Approved: {NAME} ({{ref}})", ("protected for you until {day}",), ("was late",)),
        Expected(late, (AMIR,), f"Approved: {NAME} ({{ref}})", ("because our decision was late", "{day}")),
    ],
    "deal_expiring": [Expected(reminded, (AMIR,), f"30 days left: {NAME}", ("{day}", "unsubscribe"))],
    "deal_expired": [Expected(expired, (AMIR,), f"Protection ended: {NAME} ({{ref}})", ())],
    "deal_won": [Expected(won, (AMIR,), f"Won: {NAME} ({{ref}})", ())],
    "extension_decided": [
        Expected(more_time, (AMIR,), f"More time granted: {NAME} ({{ref}})", ("{day}", "Good luck")),
        Expected(no_more_time, (AMIR,), f"No extension: {NAME} ({{ref}})", ("Nothing happened",)),
    ],
    "change_received": [Expected(change_asked, (AMIR,), f"Change received: {NAME} ({{ref}})", ("Customer",))],
    "change_in_queue": [Expected(change_asked, (CARLA,), f"Change to decide: {NAME} (Acme)", ("/admin/",))],
    "change_decided": [
        Expected(change_accepted, (AMIR,), "Change accepted: Doppelmayr Seilbahnen GmbH ({ref})", ("holds now", "Noted")),
        Expected(change_declined, (AMIR,), f"Change declined: {NAME} ({{ref}})", ("The old terms stand", "That is another one")),
        Expected(change_duplicate, (AMIR,), f"Change declined: {NAME} ({{ref}})", ("by a rule, not by a person",), (HOLDER,)),
    ],
    "clock_about_to_breach": [Expected(near_breach, (CARLA,), f"Time runs out: {NAME} ({{ref}})", ("/admin/",))],
    "clock_breached": [Expected(breached, (LEO,), f"Late: {NAME} ({{ref}})", ("was not decided in time",))],
    "opportunity_protected": [
        Expected(
            protected_over_an_old_opportunity,
            ("otto@vendor.test",),
            f"{NAME} is protected for a partner",
            ("{day}", "Carla Manager"),
        )
    ],
    "join_asked": [Expected(join_asked, (DIETER,), f"Acme asks to join: {NAME}", ())],
    "join_decided": [
        Expected(joined, (AMIR,), f"You take part: {NAME}", ()),
        Expected(not_joined, (AMIR,), f"Not joined: {NAME}", ()),
    ],
    "account_is_free": [Expected(free, (AMIR,), f"Free now: {NAME}", ("nothing stands in the way", "unsubscribe"), (HOLDER,))],
}
CASES = [(name, case) for name, cases in MAILS.items() for case in cases]


def test_every_mail_stands_in_the_table():
    found = {
        path.name.removesuffix(".subject.txt") for path in (settings.BASE_DIR / "templates/deals/mail").glob("*.subject.txt")
    }
    assert found == MAILS.keys()


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{case.make.__name__}" for name, case in CASES])
def test_a_mail(cast, name, case):
    deal = case.make(cast)
    deal.refresh_from_db()
    rows = Message.objects.filter(template=f"deals.{name}").select_related("body")
    assert sorted(row.body.address for row in rows) == sorted(case.to)
    mine = [row for row in rows if row.object_id == str(deal.pk)] or list(rows)
    values = {"ref": deal.ref, "day": f"{deal.protected_until:%-d %b %Y}" if deal.protected_until else ""}
    for body in (row.body for row in mine):
        assert body.subject == case.subject.format(**values)
        for text in (words(body.text), words(body.html)):
            for said in case.says:
                assert said.format(**values) in text, said
            for hidden in case.silent:
                assert hidden not in text
        assert settings.SITE_URL in body.text and settings.SITE_URL in body.html
