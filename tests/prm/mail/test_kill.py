"""kill -9 of the sender at random moments: nothing is lost, and mail about money never goes out twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from prm.mail.enums import MessageStatus
from prm.mail.models import Message
from prm.mail.services import deliver, queue, recover_stuck
from tests.smtp import sink

MAILS, KILLS = 120, 6


def sender():
    """`send_mail_queue --loop` on the test database, into the sink."""
    base = connection.settings_dict
    url = f"postgresql://{base['USER']}@/{base['NAME']}?host={quote(str(base['HOST']))}"
    email_url = f"smtp://127.0.0.1:{settings.EMAIL_PORT}"
    environment = {**os.environ, "DATABASE_URL": url, "EMAIL_URL": email_url}
    command = [sys.executable, "manage.py", "send_mail_queue", "--loop", "--every", "0.1"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_killed_at_random(acme):
    chance = random.Random(20260501)
    for number in range(MAILS):
        queue("probe.news", to=f"p{number}@acme.example", partner=acme, about_money=number % 2 == 0)
    with sink() as server:
        for _ in range(KILLS):
            before, process = len(server.mails), sender()
            while len(server.mails) == before and process.poll() is None and Message.objects.filter(status="queued").exists():
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
            process.wait()
            Message.objects.filter(status=MessageStatus.SENDING).update(claimed_at=timezone.now() - timedelta(minutes=11))
            recover_stuck(timezone.now())
        while deliver():
            pass
    arrived = Counter(server.addresses)
    for message in Message.objects.select_related("body"):
        times = arrived[message.body.address]
        if message.about_money:
            assert times <= 1
            assert (message.status == MessageStatus.SENT and times == 1) or message.status == MessageStatus.UNKNOWN
        else:
            assert times >= 1
            assert message.status == MessageStatus.SENT
    assert Message.objects.filter(status=MessageStatus.UNKNOWN).count() <= KILLS
