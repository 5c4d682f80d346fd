"""Mails per second through the outbox and our delivery, against a bare SMTP loop with the same mails into the same sink."""

from __future__ import annotations

import asyncio
import logging
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
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

HOST = "127.0.0.1"
TEXT = "Your deal was approved and is protected for 90 days.\n" * 12
HTML = f"<p>{TEXT}</p>" * 4


def run(count: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Ours includes claiming, committing and settling each mail; the floor only talks SMTP over one connection."""
    logging.disable(logging.WARNING)
    try:
        with scratch() as template, copy_of(template), _sink() as port, override_settings(**_settings(port)):
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


@contextmanager
def _sink() -> Iterator[int]:
    """A mail server in a process of its own, which takes everything and keeps nothing; yields its port."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def serve(told: Connection) -> None:
    """Run the sink; tells its port through the pipe."""

    async def forever() -> None:
        server = await asyncio.start_server(_talk, HOST, 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 taken\r\n")
        elif verb == b"QUIT":
            writer.write(b"221 bye\r\n")
            break
        else:
            writer.write(b"250 sink\r\n")
        await writer.drain()
    await writer.drain()
    writer.close()
