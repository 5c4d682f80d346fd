import logging
import time
import uuid
from contextlib import suppress

import pytest
from celery import Celery
from django.db import transaction

from prm.core import doorbell


@pytest.fixture
def heard(monkeypatch):
    """Messages as they arrive at the broker's queue."""
    monkeypatch.setattr(doorbell, "_quiet_until", 0.0)

    def read():
        messages = []
        with (
            doorbell.task_app().connection_for_write() as connection,
            connection.SimpleQueue(doorbell.task_app().conf.task_default_queue) as queue,
            suppress(queue.Empty),
        ):
            while message := queue.get(block=False):
                messages.append((message.headers["task"], message.payload[0]))
                message.ack()
        return messages

    read()
    return read


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_commit_with_ids_as_text(heard):
    deal = uuid.uuid4()
    with transaction.atomic():
        doorbell.ring("deals.check", deal, 7)
        assert heard() == []
    assert heard() == [("deals.check", [str(deal), "7"])]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_rings_nothing(heard):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        doorbell.ring("deals.check", 1)
        raise ZeroDivisionError
    assert heard() == []


down = Celery("down", set_as_current=False)


@pytest.fixture
def broker_down(settings):
    """An application whose broker is not there, with the settings of the real one."""
    down.config_from_object("django.conf:settings", namespace="CELERY")
    down.conf.broker_url = "redis+socket:///nowhere/valkey.sock?virtual_host=0"
    settings.TASK_APP = f"{__name__}.down"


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_is_logged_and_costs_little_and_only_once(caplog, heard, broker_down):
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        for number in range(20):
            with transaction.atomic():
                doorbell.ring("deals.check", number)
    assert caplog.text.count("doorbell not heard") == 1
    assert time.monotonic() - began < 3
