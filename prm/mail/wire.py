"""The connection to the mail server, kept while there are mails to hand over."""

from __future__ import annotations

import logging
import smtplib
from types import TracebackType
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection

from prm.mail.models import Message
from prm.mail.outcomes import Outcome, Result, no_server, outcome_of

log = logging.getLogger(__name__)


def email_of(message: Message) -> EmailMultiAlternatives:
    """The mail as it goes out: text, HTML, and for nudges the way to unsubscribe with one click (RFC 8058)."""
    body = message.body
    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated", "Content-Language": message.language}
    if body.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{body.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    email = EmailMultiAlternatives(body.subject, body.text, to=[body.address], headers=headers)
    if body.html:
        email.attach_alternative(body.html, "text/html")
    email.metadata = {"ref": message.ref}  # type: ignore[attr-defined]  # providers give it back in their webhooks
    return email


class Wire:
    """`with Wire() as wire: outcome = wire.send(email)`; opens when needed, and again after a break."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def send(self, email: EmailMultiAlternatives) -> Outcome:
        """Hand one mail over; never raises. A kept connection that the server had dropped meanwhile is opened anew once."""
        kept = self._connection is not None
        outcome = self._attempt(email)
        if kept and outcome.result == Result.AGAIN and not outcome.usable:
            outcome = self._attempt(email)
        return outcome

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except (OSError, smtplib.SMTPException) as error:  # it was broken already
                log.debug("mail connection closed badly", extra={"error": repr(error)})

    def _attempt(self, email: EmailMultiAlternatives) -> Outcome:
        try:
            if self._connection is None:
                self._connection = get_connection()
                self._connection.open()
        except Exception as error:  # whatever the library or the network raises
            self.close()
            return no_server(error)
        try:
            taken = self._connection.send_messages([email])
        except Exception as error:  # the same: one mail must never stop the others
            outcome = outcome_of(error, text_under_way=getattr(self._connection, "text_under_way", False))
            if not outcome.usable:
                self.close()
            return outcome
        return Outcome(Result.SENT) if taken else Outcome(Result.AGAIN, reply="not taken by the backend")
