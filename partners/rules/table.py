"""The one table of roles and permissions (DOMAIN.md section 1); the groups' grants and the matrix test are made from it."""

from enum import StrEnum

from partners.enums import Role, StaffRole


class Perm(StrEnum):
    """Custom permissions on Partner, the tenant root. What lies below a partner inherits by `partner_id`."""

    VIEW_PARTNER = "view_partner"
    CHANGE_PARTNER = "change_partner"
    VIEW_DEALS = "view_deals"
    REGISTER_DEALS = "register_deals"
    VIEW_MDF = "view_mdf"
    REQUEST_MDF = "request_mdf"
    MANAGE_TEAM = "manage_team"
    ACCEPT_AGREEMENT = "accept_agreement"
    REVIEW_DEALS = "review_deals"


PERMISSIONS: frozenset[str] = frozenset(Perm)
P = Perm

ROLE_PERMISSIONS: dict[str, frozenset[Perm]] = {
    Role.ADMIN: frozenset(
        {
            P.VIEW_PARTNER,
            P.CHANGE_PARTNER,
            P.VIEW_DEALS,
            P.REGISTER_DEALS,
            P.VIEW_MDF,
            P.REQUEST_MDF,
            P.MANAGE_TEAM,
            P.ACCEPT_AGREEMENT,
        }
    ),
    Role.SALES: frozenset({P.VIEW_PARTNER, P.VIEW_DEALS, P.REGISTER_DEALS}),
    Role.MARKETING: frozenset({P.VIEW_PARTNER, P.VIEW_MDF, P.REQUEST_MDF}),
    Role.TECHNICAL: frozenset({P.VIEW_PARTNER, P.VIEW_DEALS}),
    Role.EXECUTIVE: frozenset({P.VIEW_PARTNER, P.VIEW_DEALS, P.VIEW_MDF, P.ACCEPT_AGREEMENT}),
}


def roles_with(perm: str) -> frozenset[str]:
    """The member roles that hold this permission."""
    return frozenset(role for role, perms in ROLE_PERMISSIONS.items() if perm in perms)


class Reach(StrEnum):
    """Over which partners a staff role holds its permissions."""

    ASSIGNED = "assigned"  # those one is the current channel manager of
    TEAM = "team"  # those of the people one leads, and one's own
    ALL = "all"


MANAGES = frozenset({P.VIEW_PARTNER, P.CHANGE_PARTNER, P.VIEW_DEALS, P.REVIEW_DEALS, P.VIEW_MDF})
STAFF_PERMISSIONS: dict[str, tuple[Reach, frozenset[Perm]]] = {
    StaffRole.CHANNEL_MANAGER: (Reach.ASSIGNED, MANAGES),
    StaffRole.CHANNEL_LEAD: (Reach.TEAM, MANAGES),
    StaffRole.PROGRAM_MANAGER: (Reach.ALL, frozenset({P.VIEW_PARTNER, P.CHANGE_PARTNER, P.VIEW_DEALS, P.VIEW_MDF})),
    StaffRole.DEAL_DESK: (Reach.ALL, frozenset({P.VIEW_PARTNER, P.VIEW_DEALS, P.REVIEW_DEALS})),
    StaffRole.MDF_APPROVER: (Reach.ALL, frozenset({P.VIEW_PARTNER, P.VIEW_MDF})),
    StaffRole.FINANCE: (Reach.ALL, frozenset({P.VIEW_PARTNER, P.VIEW_MDF})),
    StaffRole.CHANNEL_OPERATIONS: (Reach.ALL, frozenset({P.VIEW_PARTNER, P.CHANGE_PARTNER, P.VIEW_DEALS, P.VIEW_MDF})),
    StaffRole.SUPPLY_CHAIN: (Reach.ALL, frozenset({P.VIEW_PARTNER, P.VIEW_DEALS})),
    StaffRole.SUPPORT: (Reach.ALL, frozenset({P.VIEW_PARTNER, P.VIEW_DEALS, P.VIEW_MDF})),
    StaffRole.OPS: (Reach.ALL, frozenset()),
}
SUPERUSER_PERMISSIONS = MANAGES  # everything staff may do; never what a partner does for itself
