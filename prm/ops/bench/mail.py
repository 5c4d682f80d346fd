"""Mails per second through the outbox and our delivery, against a bare SMTP loop with the same mails into the same sink."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.test import override_settings

from prm.mail.models import Message
from prm.mail.services import queue_rendered
from prm.mail.services.delivery import deliver
from prm.mail.wire import email_of
from prm.ops.bench import measure
from prm.ops.bench.scratch import copy_of, scratch
from prm.ops.bench.sink import HOST, sink

TEXT = "Your deal was approved and is protected for 90 days.\n" * 12
HTML = f"<p>{TEXT}</p>" * 4


def run(count: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Ours includes claiming, committing and settling each mail; the floor only talks SMTP over one connection."""
    logging.disable(logging.WARNING)
    try:
        with scratch() as template, copy_of(template), sink() as port, override_settings(**_settings(port)):
            written = _write(count)
            tell(f"{count} mails written in {written:.1f} s")
            mails = [email_of(message) for message in Message.objects.select_related("body").order_by("pk")]
            bare = [_bare(mails, port) for _ in range(2)]  # before and after: a busy minute meets both
            ours = _ours(count)
            bare.append(_bare(mails, port))
    finally:
        logging.disable(logging.NOTSET)
    floor = min(bare)
    return {
        "bench": "mail",
        "mails": count,
        "machine": measure.machine(),
        "floor_per_s": round(count / floor),
        "delivered_per_s": round(count / ours),
        "x_floor": measure.ratio(ours, floor),
        "written_per_s": round(count / written),
    }


def _settings(port: int) -> dict[str, Any]:
    return {
        "EMAIL_BACKEND": "prm.mail.backends.SmtpBackend",
        "EMAIL_HOST": HOST,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
    }


def _write(count: int) -> float:
    start = perf_counter()
    for number in range(count):
        queue_rendered("account.bench", to=f"reader{number}@bench.example", subject="Approved", text=TEXT, html=HTML)
    return perf_counter() - start


def _ours(count: int) -> float:
    start = perf_counter()
    while deliver():
        pass
    took = perf_counter() - start
    sent = Message.objects.filter(status="sent").count()
    if sent != count:
        raise RuntimeError(f"{sent} of {count} mails were sent")
    return took


def _bare(mails: list[EmailMultiAlternatives], port: int) -> float:
    start = perf_counter()
    with smtplib.SMTP(HOST, port) as server:
        for mail in mails:
            server.sendmail(mail.from_email, mail.to, mail.message().as_bytes())
    return perf_counter() - start
