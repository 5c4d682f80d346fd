"""Who assigns tiers."""

from __future__ import annotations

from typing import Any

from partners.enums import StaffRole
from partners.rules.staff import has_staff_role


def can_assign_tier(user: Any) -> bool:
    """The program manager: a tier is a published entitlement, its assignment a person's decision with a reason."""
    return has_staff_role(user, StaffRole.PROGRAM_MANAGER)
