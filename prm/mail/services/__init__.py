"""Writing mails and everything that stops or moves them."""

from prm.mail.services import recipients
from prm.mail.services.erase import empty_old_bodies, erase_address
from prm.mail.services.outbox import queue, queue_rendered

__all__ = ["empty_old_bodies", "erase_address", "queue", "queue_rendered", "recipients"]
