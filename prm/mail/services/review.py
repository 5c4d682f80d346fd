"""What a person does with a mail that did not simply go out."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from prm.audit.services import record
from prm.core.doorbell import ring
from prm.core.errors import DomainError
from prm.core.states import take
from prm.mail.enums import MESSAGE_STEPS
from prm.mail.models import Message
from prm.mail.services.outbox import DELIVER


@transaction.atomic
def retry_message(message: Message, *, by: Any) -> Message:
    """Queue a failed or unknown mail again. Raises DomainError when its text was emptied, StaleState when it is neither."""
    if not message.body.address:
        raise DomainError(_("The text of this mail is no longer kept, so it cannot be sent again."))
    take(MESSAGE_STEPS["retry"], message, next_attempt_at=timezone.now(), attempts=0)
    record("mail.message.retried", message, by=by, partner=message.partner_id, internal=True)
    ring(DELIVER)
    return message


@transaction.atomic
def confirm_message(message: Message, *, by: Any) -> Message:
    """A person found out that a mail of unknown fate arrived. Raises StaleState when it is not unknown."""
    take(MESSAGE_STEPS["confirm"], message, sent_at=timezone.now())
    record("mail.message.confirmed", message, by=by, partner=message.partner_id, internal=True)
    return message
