"""Which staff roles look after the outbox."""

from __future__ import annotations

from typing import Any

from partners.enums import StaffRole
from partners.rules.staff import holds
from prm.mail.registry import SETTLE

SETTLES = frozenset({StaffRole.OPS, StaffRole.CHANNEL_OPERATIONS})
SEES = SETTLES | {StaffRole.SUPPORT}


def may_handle_mail(user: Any, act: str) -> bool:
    """See the mails: ops, channel operations, support. Send again, lift a block: the first two."""
    return holds(user, frozenset(SETTLES if act == SETTLE else SEES))
