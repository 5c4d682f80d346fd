"""Two ways out: SMTP that knows how far it got, and files for a demo."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

GO_AHEAD = 354


class _Phase:
    """Remembers whether the text was on its way when the talk broke off: then nobody knows if the mail was taken."""

    text_under_way = False
    _in_data = False

    def data(self, msg: Any) -> Any:
        self._in_data, self.text_under_way = True, False
        reply = super().data(msg)  # type: ignore[misc]
        self._in_data = self.text_under_way = False  # the server has spoken
        return reply

    def getreply(self) -> Any:
        code, text = super().getreply()  # type: ignore[misc]
        if self._in_data and code == GO_AHEAD:
            self.text_under_way = True
        return code, text

    def mail(self, *args: Any, **kwargs: Any) -> Any:
        self._in_data = self.text_under_way = False
        return super().mail(*args, **kwargs)  # type: ignore[misc]


class PhasedSMTP(_Phase, smtplib.SMTP):
    pass


class PhasedSMTPSSL(_Phase, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    """Django's SMTP backend over a connection that can say `text_under_way`."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return PhasedSMTPSSL if self.use_ssl else PhasedSMTP

    @property
    def text_under_way(self) -> bool:
        return bool(getattr(self.connection, "text_under_way", False))


class EmlBackend(BaseEmailBackend):
    """One file per mail in a folder only its owner reads, in the format every mail program opens."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            name = parseaddr(message.extra_headers.get("Message-ID", ""))[1].split("@")[0] or os.urandom(8).hex()
            path = folder / f"{timezone.now():%Y%m%d-%H%M%S}-{name[-12:]}.eml"
            with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.message().as_bytes())
        return len(email_messages)
