"""Who may do what in a partner. `may` is the question everybody asks; `table` is the one table behind it."""

from partners.rules.access import ALL, Access, All, access_of, forget_access, may
from partners.rules.table import PERMISSIONS, ROLE_PERMISSIONS, STAFF_PERMISSIONS, Perm, Reach

__all__ = [
    "ALL",
    "PERMISSIONS",
    "ROLE_PERMISSIONS",
    "STAFF_PERMISSIONS",
    "Access",
    "All",
    "Perm",
    "Reach",
    "access_of",
    "forget_access",
    "may",
]
