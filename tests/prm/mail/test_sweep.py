"""Mail without a broker: the command and the sweep find what no bell announced."""

import os
import signal
import threading
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from prm.celery import app
from prm.mail import services, tasks
from prm.mail.enums import MessageStatus
from prm.mail.models import Message
from prm.mail.services import queue
from prm.mail.services.delivery import claim
from prm.schedule import SCHEDULE
from tests.smtp import sink


@pytest.mark.django_db(transaction=True)
def test_the_command_sends_with_the_broker_down(acme):
    kept = app.conf.broker_url
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    try:
        queue("probe.news", to="p0@acme.example", partner=acme)
    finally:
        app.conf.broker_url = kept
    out = StringIO()
    with sink() as server:
        call_command("send_mail_queue", stdout=out)
    assert server.addresses == ["p0@acme.example"]
    assert out.getvalue() == "1 handled\n"


@pytest.mark.django_db(transaction=True)
def test_the_command_picks_up_dead_workers_claims(acme):
    queue("probe.news", to="p0@acme.example", partner=acme)
    claim(timezone.now(), 1)[0]
    Message.objects.update(claimed_at=timezone.now() - timedelta(minutes=11))
    with sink() as server:
        call_command("send_mail_queue", stdout=StringIO())
    assert server.addresses == ["p0@acme.example"]


@pytest.mark.django_db(transaction=True)
def test_the_loop_ends_on_sigterm(acme):
    queue("probe.news", to="p0@acme.example", partner=acme)
    kept = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    timer = threading.Timer(0.6, os.kill, (os.getpid(), signal.SIGTERM))
    out, began = StringIO(), time.monotonic()
    try:
        with sink():
            timer.start()
            call_command("send_mail_queue", "--loop", "--every", "0.1", stdout=out)
    finally:
        timer.join()
        for name, handler in kept.items():
            signal.signal(name, handler)
    assert out.getvalue() == "1 handled\n"
    assert time.monotonic() - began < 5


@pytest.mark.django_db
def test_a_database_that_is_away_costs_only_time(monkeypatch):
    def away(now):
        raise OperationalError("gone")

    monkeypatch.setattr(services, "recover_stuck", away)
    out, err = StringIO(), StringIO()
    call_command("send_mail_queue", stdout=out, stderr=err)
    assert out.getvalue() == "0 handled\n"
    assert "not reachable" in err.getvalue()


@pytest.mark.django_db
def test_the_sweep_sends(acme):
    queue("probe.news", to="p0@acme.example", partner=acme)
    with sink() as server:
        tasks.sweep()
        tasks.sweep()
    assert len(server.mails) == 1
    assert Message.objects.get().status == MessageStatus.SENT


def test_every_schedule_of_mail_is_a_known_task():
    named = {entry["task"] for entry in SCHEDULE.values() if entry["task"].startswith("mail.")}
    assert named == {"mail.sweep", "mail.retention"}
    assert named | {"mail.deliver"} <= set(app.tasks)
