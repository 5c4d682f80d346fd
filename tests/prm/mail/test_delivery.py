"""Every fate of a mail, over a real SMTP server."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from prm.core.errors import DomainError, StaleState
from prm.mail.enums import MessageStatus, Why
from prm.mail.models import Message, Suppression
from prm.mail.outcomes import Outcome, Result
from prm.mail.rules import address_hash
from prm.mail.services import confirm_message, deliver, delivery, queue, recipients, recover_stuck, retry_message
from prm.mail.services.delivery import claim, settle
from prm.mail.wire import Wire
from tests.smtp import DROP, STALL, sink, smtp_settings

pytestmark = pytest.mark.django_db


def again(message: Message) -> Message:
    """The row as stored now."""
    return Message.objects.select_related("body").get(pk=message.pk)


def due_now() -> None:
    Message.objects.update(next_attempt_at=timezone.now())


def test_sent_with_both_bodies_and_a_stable_message_id(alice, acme):
    message = queue("probe.news", to=alice, context={"name": "Jerry"}, partner=acme, about_money=True)
    with sink() as server:
        assert deliver() == 1
        assert deliver() == 0
    (mail,) = server.mails
    assert server.addresses == ["alice@acme.example"]
    assert mail["Subject"] == "News of Acme & friends"
    assert mail["To"] == "alice@acme.example"
    assert mail["Message-ID"] == message.message_id == f"<{message.pk.hex}@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    assert mail.get_body(("plain",)).get_content().splitlines() == message.body.text.splitlines()
    assert "Tom &amp; Jerry" in mail.get_body(("html",)).get_content()
    sent = again(message)
    assert (sent.status, sent.attempts, sent.last_reply) == (MessageStatus.SENT, 1, "")
    assert sent.sent_at is not None


def test_nudges_carry_the_one_click_headers(alice, acme):
    queue("probe.news", to=alice, partner=acme, nudge=True)
    with sink() as server:
        deliver()
    (mail,) = server.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip().startswith("<http://localhost")
    assert mail["List-Unsubscribe"].strip(" <>") in mail.get_body(("plain",)).get_content()


def test_many_mails_go_over_one_connection(acme, db):
    for number in range(5):
        queue("probe.news", to=f"p{number}@acme.example", partner=acme)
    with sink() as server:
        assert deliver() == 5
    assert (len(server.mails), server.connections) == (5, 1)


def test_a_dropped_kept_connection_is_opened_again_at_once(acme, db):
    for number in range(3):
        queue("probe.news", to=f"p{number}@acme.example", partner=acme)
    with sink() as server:
        server.at_sender = ["", DROP]
        assert deliver() == 3
    assert (len(server.mails), server.connections) == (3, 2)


def test_nudges_wait_for_what_people_wait_for(acme, db):
    queue("probe.news", to="p0@acme.example", partner=acme, nudge=True)
    queue("probe.news", to="p1@acme.example", partner=acme)
    with sink() as server:
        deliver()
    assert server.addresses == ["p1@acme.example", "p0@acme.example"]


def test_refused_for_now_is_tried_again_later(alice, acme):
    message = queue("probe.news", to=alice, partner=acme)
    with sink() as server:
        server.at_recipient = {"*": "450 4.2.1 mailbox of alice@acme.example busy"}
        deliver()
        waiting = again(message)
        assert (waiting.status, waiting.last_code) == (MessageStatus.QUEUED, 450)
        assert waiting.last_reply == "4.2.1 mailbox of <address> busy"
        assert timedelta(seconds=50) < waiting.next_attempt_at - timezone.now() <= timedelta(minutes=1)
        assert deliver() == 0
        server.at_recipient = {}
        due_now()
        deliver()
    assert again(message).status == MessageStatus.SENT
    assert again(message).attempts == 2
    assert server.mails[0]["Message-ID"] == message.message_id


def test_gives_up_after_three_days(alice, acme):
    message = queue("probe.news", to=alice, partner=acme)
    Message.objects.update(created_at=timezone.now() - timedelta(hours=73))
    with sink() as server:
        server.at_text = ["451 4.3.0 not now"]
        deliver()
    assert (again(message).status, again(message).last_code) == (MessageStatus.FAILED, 451)
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize(
    ("reply", "dead"),
    [("550 5.1.1 no such user", True), ("550 no such user here", True), ("550 5.7.1 not you", False), ("552 5.2.2 full", False)],
)
def test_refused_recipient_fails_and_a_dead_address_gets_no_more(alice, acme, reply, dead):
    message = queue("probe.news", to=alice, partner=acme)
    with sink() as server:
        server.at_recipient = {"*": reply}
        deliver()
    assert again(message).status == MessageStatus.FAILED
    assert Suppression.objects.filter(address_hash=address_hash("ALICE@acme.example")).exists() is dead
    following = queue("probe.news", to=alice, partner=acme)
    assert following.status == (MessageStatus.SUPPRESSED if dead else MessageStatus.QUEUED)
    assert following.why == (Why.BLOCKED if dead else "")


def test_refused_text_does_not_condemn_the_address(alice, acme):
    message = queue("probe.news", to=alice, partner=acme)
    with sink() as server:
        server.at_text = ["550 looks like spam"]
        deliver()
    assert again(message).status == MessageStatus.FAILED
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize("how", [DROP, STALL])
@pytest.mark.parametrize(("about_money", "status"), [(True, MessageStatus.UNKNOWN), (False, MessageStatus.QUEUED)])
def test_no_answer_after_the_text(alice, acme, how, about_money, status):
    message = queue("probe.news", to=alice, partner=acme, about_money=about_money)
    with sink() as server:
        server.at_text = [how]
        deliver()
    assert again(message).status == status
    assert again(message).last_reply


@pytest.mark.parametrize("how", [DROP, STALL])
def test_no_answer_before_the_text_is_always_tried_again(alice, acme, how):
    message = queue("probe.news", to=alice, partner=acme, about_money=True)
    with sink() as server:
        server.at_recipient = {"*": how}
        deliver()
    assert again(message).status == MessageStatus.QUEUED
    assert server.mails == []


def test_mail_about_money_is_claimed_alone(acme, db):
    flags = [False, False, True, True, False]
    for number, about_money in enumerate(flags):
        queue("probe.news", to=f"p{number}@acme.example", partner=acme, about_money=about_money)
    now, runs = timezone.now(), []
    while run := claim(now):
        runs.append([message.about_money for message in run])
    assert runs == [[False, False], [True], [True], [False]]


def test_a_run_that_takes_too_long_is_given_back(acme, db, monkeypatch):
    for number in range(3):
        queue("probe.news", to=f"p{number}@acme.example", partner=acme)
    monkeypatch.setattr(delivery, "LONGEST_RUN", -1.0)
    with sink() as server:
        run = claim(timezone.now())
        with Wire() as wire:
            assert delivery._send_run(wire, run) == (1, True)
        assert sorted(Message.objects.values_list("status", "attempts")) == [("queued", 0), ("queued", 0), ("sent", 1)]
        assert deliver() == 2
    assert len(server.addresses) == 3


def test_no_server_stops_the_run_and_loses_nothing(acme, db, settings):
    first = queue("probe.news", to="p0@acme.example", partner=acme, about_money=True)
    second = queue("probe.news", to="p1@acme.example", partner=acme, about_money=True)
    with sink() as server:
        closed = settings.EMAIL_PORT
    for name, value in smtp_settings(closed).items():
        setattr(settings, name, value)
    assert deliver() == 1
    assert (again(first).status, again(first).attempts) == (MessageStatus.QUEUED, 1)
    assert (again(second).status, again(second).attempts) == (MessageStatus.QUEUED, 0)
    assert server.mails == []


def test_a_mail_that_cannot_be_built_stops_no_other(acme, db):
    bad = queue("probe.news", to="p0@acme.example", partner=acme)
    bad.body.address = "p0@acme.example\nBcc: x@y.example"
    bad.body.save()
    good = queue("probe.news", to="p1@acme.example", partner=acme)
    with sink() as server:
        assert deliver() == 2
    assert again(good).status == MessageStatus.SENT
    assert again(bad).status == MessageStatus.QUEUED
    assert server.addresses == ["p1@acme.example"]


def test_a_secret_is_emptied_when_sent(alice, acme):
    message = queue("probe.news", to=alice, partner=acme, secret=True)
    with sink() as server:
        deliver()
    assert len(server.mails) == 1
    assert (again(message).body.text, again(message).body.address) == ("", "")
    assert again(message).status == MessageStatus.SENT


def test_suspension_after_queueing_stops_the_mail(alice, acme):
    message = queue("probe.news", to=alice, partner=acme)
    recipients.set_status(acme, "suspended")
    with sink() as server:
        assert deliver() == 0
    assert server.mails == []
    assert (again(message).status, again(message).why) == (MessageStatus.SUPPRESSED, Why.SUSPENDED)


def test_dead_workers_claims_are_given_up(acme, db):
    news = queue("probe.news", to="p0@acme.example", partner=acme)
    money = queue("probe.news", to="p1@acme.example", partner=acme, about_money=True)
    now = timezone.now()
    assert [claim(now, 1)[0].pk, claim(now, 1)[0].pk] == [news.pk, money.pk]
    assert recover_stuck(now + timedelta(minutes=9)) == 0
    assert recover_stuck(now + timedelta(minutes=11)) == 2
    assert again(news).status == MessageStatus.QUEUED
    assert again(money).status == MessageStatus.UNKNOWN


def test_a_late_worker_may_only_bring_good_news(acme, db):
    queue("probe.news", to="p0@acme.example", partner=acme)
    now = timezone.now()
    late = claim(now, 1)[0]
    recover_stuck(now + timedelta(minutes=11))
    settle(late, Outcome(Result.REFUSED, 550, "no"), now)
    assert again(late).status == MessageStatus.QUEUED
    settle(late, Outcome(Result.SENT), now)
    assert again(late).status == MessageStatus.SENT
    settle(late, Outcome(Result.SENT), now)
    assert again(late).status == MessageStatus.SENT


def test_a_person_settles_the_unknown(alice, acme):
    for step in (retry_message, confirm_message):
        message = queue("probe.news", to=alice, partner=acme, about_money=True)
        Message.objects.filter(pk=message.pk).update(status=MessageStatus.SENDING)
        Message.objects.filter(pk=message.pk).update(status=MessageStatus.UNKNOWN)
        step(again(message), by=alice)
        expected = MessageStatus.QUEUED if step is retry_message else MessageStatus.SENT
        assert again(message).status == expected
        with pytest.raises(StaleState):
            step(again(message), by=alice)


def test_an_emptied_mail_cannot_be_sent_again(alice, acme):
    message = queue("probe.news", to=alice, partner=acme, secret=True)
    with sink():
        deliver()
    with pytest.raises(DomainError, match="no longer kept"):
        retry_message(again(message), by=alice)


def test_closing_a_broken_connection_is_quiet(db):
    with sink() as server, Wire() as wire:
        assert wire.send(EmailMultiAlternatives("s", "t", to=["a@b.example"])).result == Result.SENT
        wire._connection.connection.sock.close()
    assert len(server.mails) == 1
