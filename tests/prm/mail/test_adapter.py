"""What a provider's webhook makes of a mail."""

import pytest
import requests
from anymail.exceptions import AnymailRecipientsRefused, AnymailRequestsAPIError
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.utils import timezone

from prm.mail.enums import MessageStatus
from prm.mail.models import Message, Suppression
from prm.mail.outcomes import Outcome, Result, outcome_of
from prm.mail.rules import address_hash
from prm.mail.services import queue
from prm.mail.services.delivery import claim, settle

pytestmark = pytest.mark.django_db


def sent(acme, result=Result.SENT):
    message = queue("probe.news", to="p0@acme.example", partner=acme, about_money=True)
    settle(claim(timezone.now(), 1)[0], Outcome(result), timezone.now())
    return message


def report(kind, message, **fields):
    event = AnymailTrackingEvent(event_type=kind, recipient="p0@acme.example", metadata={"ref": message.ref}, **fields)
    tracking.send(sender=None, event=event, esp_name="probe")
    message.refresh_from_db()


def test_a_bounce_fails_the_mail_and_blocks_the_address(acme):
    message = sent(acme)
    report(EventType.BOUNCED, message, reject_reason=RejectReason.BOUNCED, mta_response="550 p0@acme.example unknown")
    assert (message.status, message.last_reply) == (MessageStatus.FAILED, "550 <address> unknown")
    block = Suppression.objects.get()
    assert (block.address_hash, block.reason, block.message_id) == (address_hash("p0@acme.example"), "bounced", message.pk)
    report(EventType.BOUNCED, message, reject_reason=RejectReason.BOUNCED)
    assert Suppression.objects.count() == 1


def test_a_complaint_blocks_the_address_and_leaves_the_mail(acme):
    message = sent(acme)
    report(EventType.COMPLAINED, message)
    assert message.status == MessageStatus.SENT
    assert Suppression.objects.get().reason == "complained"


def test_a_delivery_settles_the_unknown(acme):
    message = sent(acme, Result.UNCERTAIN)
    assert Message.objects.get().status == MessageStatus.UNKNOWN
    report(EventType.DELIVERED, message)
    assert message.status == MessageStatus.SENT
    report(EventType.DELIVERED, message)
    assert message.status == MessageStatus.SENT


@pytest.mark.parametrize(("kind", "reason"), [(EventType.DEFERRED, None), (EventType.REJECTED, RejectReason.SPAM)])
def test_passing_trouble_changes_nothing(acme, kind, reason):
    message = sent(acme)
    report(kind, message, reject_reason=reason)
    assert message.status == MessageStatus.SENT
    assert Suppression.objects.count() == 0


def test_a_report_about_a_mail_we_do_not_know(acme):
    event = AnymailTrackingEvent(event_type=EventType.BOUNCED, recipient="x@acme.example", metadata={})
    tracking.send(sender=None, event=event, esp_name="probe")
    assert Suppression.objects.get().address_hash == address_hash("x@acme.example")


def answer(code):
    response = requests.Response()
    response.status_code, response._content = code, b"{}"
    return response


@pytest.mark.parametrize(
    ("code", "result"),
    [(None, Result.UNCERTAIN), (401, Result.DOWN), (429, Result.AGAIN), (503, Result.AGAIN), (422, Result.REFUSED)],
)
def test_a_providers_http_answers(code, result):
    error = AnymailRequestsAPIError("no", response=answer(code) if code else None)
    assert outcome_of(error, text_under_way=False).result == result


def test_a_provider_that_refuses_the_recipient():
    found = outcome_of(AnymailRecipientsRefused("no"), text_under_way=False)
    assert (found.result, found.dead_address) == (Result.REFUSED, True)
