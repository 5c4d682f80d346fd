"""What came of handing one mail over, read from what the mail library raised."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from enum import StrEnum

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused

from prm.mail.rules import is_dead_address, scrub

CLOSING = 421  # the server says goodbye: nothing more over this connection
TOO_MANY = 429
NO_ENTRY = {401, 403}


class Result(StrEnum):
    SENT = "sent"
    AGAIN = "again"  # refused for now, or broken off before the text: it was not taken
    REFUSED = "refused"  # refused for good
    UNCERTAIN = "uncertain"  # broken off after the text: it may have been taken
    DOWN = "down"  # no server to talk to: trying the next mail makes no sense


@dataclass(frozen=True)
class Outcome:
    result: Result
    code: int | None = None
    reply: str = ""
    dead_address: bool = False
    usable: bool = True  # whether the connection may carry the next mail


def outcome_of(error: Exception, *, text_under_way: bool) -> Outcome:
    """The outcome of a mail whose sending raised."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return _answered(code, scrub(reply), at_recipient=True)
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPHeloError | smtplib.SMTPConnectError):
        return Outcome(Result.DOWN, error.smtp_code, scrub(error.smtp_error), usable=False)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code, scrub(error.smtp_error))
    if isinstance(error, AnymailRecipientsRefused):
        return Outcome(Result.REFUSED, 550, scrub(error), dead_address=True)
    if isinstance(error, AnymailAPIError):
        return _provider(error)
    result = Result.UNCERTAIN if text_under_way else Result.AGAIN
    return Outcome(result, None, scrub(error) or type(error).__name__, usable=False)


def no_server(error: Exception) -> Outcome:
    """The outcome when not even a connection could be opened."""
    return Outcome(Result.DOWN, getattr(error, "smtp_code", None), scrub(error) or type(error).__name__, usable=False)


def _answered(code: int, reply: str, *, at_recipient: bool = False) -> Outcome:
    """4xx: later. 5xx: never; a refusal after the text speaks of the text, so only its enhanced code condemns the address."""
    if 500 <= code < 600:
        return Outcome(Result.REFUSED, code, reply, dead_address=is_dead_address(code if at_recipient else 0, reply))
    return Outcome(Result.AGAIN, code, reply, usable=code != CLOSING)


def _provider(error: AnymailAPIError) -> Outcome:
    """A provider's HTTP answer; none at all means that nobody knows."""
    code, reply = error.status_code, scrub(error)
    if code is None:
        return Outcome(Result.UNCERTAIN, None, reply, usable=False)
    if code in NO_ENTRY:
        return Outcome(Result.DOWN, code, reply, usable=False)
    if code == TOO_MANY or code >= 500:
        return Outcome(Result.AGAIN, code, reply)
    return Outcome(Result.REFUSED, code, reply)
