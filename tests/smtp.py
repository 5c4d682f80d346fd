"""A real SMTP server on 127.0.0.1 for tests. It takes mail, or refuses, stalls or hangs up where it is told to."""

from __future__ import annotations

import asyncio
import email
import email.policy
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from django.test import override_settings

DROP, STALL = "drop", "stall"


class Sink:
    """What came in, and how to answer: a reply such as `"550 5.1.1 no such user"`, DROP, or STALL (seconds in `patience`)."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.addresses: list[str] = []
        self.connections = 0
        self.patience = 3.0
        self.at_recipient: dict[str, str] = {}  # by address; "*" for all
        self.at_text: list[str] = []  # used up one after another
        self.at_sender: list[str] = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = await self._answer(server, self.at_sender.pop(0) if self.at_sender else "")
        if answer:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self._answer(server, self.at_recipient.get(address, self.at_recipient.get("*", "")))
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = await self._answer(server, self.at_text.pop(0) if self.at_text else "")
        if answer:
            return answer
        self.addresses += envelope.rcpt_tos
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 2.0.0 taken"

    async def _answer(self, server, how):
        if how == STALL:
            await asyncio.sleep(self.patience)
            return ""
        if how == DROP:
            server.transport.abort()
            await asyncio.sleep(0.05)
            return "421 gone"
        return how


class _Controller(Controller):
    """On a port that is free."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def sink(**kwargs):
    """A running server, with Django's mail settings pointing to it: `with sink() as server: …; server.mails`."""
    handler = Sink()
    controller = _Controller(handler, hostname="127.0.0.1", port=0, ready_timeout=10, **kwargs)
    controller.start()
    try:
        with override_settings(**smtp_settings(controller.port)):
            yield handler
    finally:
        controller.stop()


def smtp_settings(port: int) -> dict[str, object]:
    return {
        "EMAIL_BACKEND": "prm.mail.backends.SmtpBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
        "EMAIL_TIMEOUT": 1,
    }
