"""Writing mails and everything that stops or moves them."""

from prm.mail.services import recipients
from prm.mail.services.blocks import block_address, lift_block, note_bounce, note_complaint, note_delivery
from prm.mail.services.delivery import deliver, recover_stuck
from prm.mail.services.erase import blank_in_mails, empty_old_bodies, erase_address
from prm.mail.services.outbox import queue, queue_rendered
from prm.mail.services.review import confirm_message, retry_message

__all__ = [
    "blank_in_mails",
    "block_address",
    "confirm_message",
    "deliver",
    "empty_old_bodies",
    "erase_address",
    "lift_block",
    "note_bounce",
    "note_complaint",
    "note_delivery",
    "queue",
    "queue_rendered",
    "recipients",
    "recover_stuck",
    "retry_message",
]
