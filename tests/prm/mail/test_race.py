"""Two workers at once on a real database."""

import threading

import pytest
from django.db import connection, transaction

from prm.mail.enums import MessageStatus
from prm.mail.models import Message
from prm.mail.services import deliver, queue
from prm.mail.services.delivery import claim
from tests.smtp import sink

pytestmark = pytest.mark.django_db(transaction=True)
MAILS = 40


def in_threads(count, work):
    """Run `work` in threads that start together; their exceptions are raised here."""
    errors, gate = [], threading.Barrier(count)

    def run():
        try:
            gate.wait(10)
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def test_two_workers_send_each_mail_once(acme):
    for number in range(MAILS):
        queue("probe.news", to=f"p{number}@acme.example", partner=acme)
    handled = []
    with sink() as server:
        in_threads(2, lambda: handled.append(deliver()))
    assert sorted(server.addresses) == sorted(f"p{number}@acme.example" for number in range(MAILS))
    assert sum(handled) == MAILS
    assert set(Message.objects.values_list("status", "attempts")) == {(MessageStatus.SENT, 1)}


def test_a_locked_mail_is_passed_over(acme):
    from django.utils import timezone

    first = queue("probe.news", to="p0@acme.example", partner=acme)
    second = queue("probe.news", to="p1@acme.example", partner=acme)
    found = []
    with transaction.atomic():
        Message.objects.select_for_update().get(pk=first.pk)
        in_threads(1, lambda: found.extend(claim(timezone.now(), 1)))
    assert [message.pk for message in found] == [second.pk]


def test_the_same_mail_written_twice_at_once_is_one(acme):
    written = []
    in_threads(4, lambda: written.append(queue("probe.news", to="p0@acme.example", partner=acme, dedupe="same")))
    assert len([message for message in written if message is not None]) == 1
    assert Message.objects.count() == 1
