"""Writing into the outbox: language, both bodies, ids only, dedupe, and whom nothing is sent to."""

import json

import pytest

from prm.mail.enums import MessageStatus
from prm.mail.models import MailBody, Message
from prm.mail.services import queue

pytestmark = pytest.mark.django_db


def test_renders_both_bodies_in_the_readers_language(alice, acme):
    message = queue("probe.news", to=alice, context={"partner": acme, "name": "<b>"}, partner=acme, obj=acme)
    body = message.body
    assert body.address == "alice@acme.example"
    assert body.subject == "News of Acme & friends"
    assert "Tom & Jerry's 1,5" in body.text
    assert "Alice O'Neil" in body.text
    assert "&lt;b&gt; 1,5" in body.html
    assert '<a class="button" href="https://example.test/" style="' in body.html
    assert "@media" in body.html
    assert message.language == "de"


def test_the_row_holds_ids_only(alice, acme):
    message = queue("probe.news", to=alice, context={"partner": acme, "name": "Alice O'Neil"}, partner=acme, obj=acme)
    assert message.context == {"partner": {"noun": "partners.partner", "id": str(acme.pk), "ref": acme.ref}}
    assert (message.noun, message.object_id, message.partner_id) == ("partners.partner", str(acme.pk), acme.pk)
    row = json.dumps(Message.objects.filter(pk=message.pk).values().get(), default=str).lower()
    assert "alice" not in row
    assert "neil" not in row
    assert "acme" not in row


def test_the_same_mail_is_written_once(alice, acme):
    assert queue("probe.news", to=alice, partner=acme, dedupe="30") is not None
    assert queue("probe.news", to=alice, partner=acme, dedupe="30") is None
    assert queue("probe.news", to="bob@acme.example", partner=acme, dedupe="30") is not None
    assert Message.objects.count() == MailBody.objects.count() == 2
    assert set(Message.objects.values_list("status", flat=True)) == {MessageStatus.QUEUED}
