"""Who of the staff looks after what the platform keeps."""

from __future__ import annotations

from typing import Any

from partners.enums import StaffRole
from partners.rules.staff import has_staff_role


def can_review_products(user: Any) -> bool:
    """Products that an import created are named and sorted by those who decide deals or run the programme."""
    return has_staff_role(user, StaffRole.DEAL_DESK, StaffRole.CHANNEL_OPERATIONS, StaffRole.PROGRAM_MANAGER)
