"""Retention of texts, addresses and tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from prm.mail.models import Message
from prm.mail.services import empty_old_bodies, queue
from prm.mail.tasks import retention

pytestmark = pytest.mark.django_db


def test_bodies_are_emptied_after_thirteen_months(alice, acme):
    message = queue("probe.news", to=alice, partner=acme)
    now = message.created_at
    assert empty_old_bodies(now + timedelta(days=395)) == 0
    assert empty_old_bodies(now + timedelta(days=397)) == 1
    assert empty_old_bodies(now + timedelta(days=397)) == 0
    body = type(message.body).objects.get()
    assert (body.address, body.subject, body.text, body.html, body.unsubscribe_url) == ("", "", "", "", "")
    assert body.emptied_at == now + timedelta(days=397)


def test_tokens_are_emptied_after_a_week(alice, acme):
    queue("probe.news", to=alice, partner=acme, secret=True)
    queue("probe.news", to=alice, partner=acme)
    Message.objects.update(created_at=timezone.now() - timedelta(days=8))
    retention()
    kept = dict(Message.objects.values_list("secret", "body__address"))
    assert kept == {True: "", False: "alice@acme.example"}
