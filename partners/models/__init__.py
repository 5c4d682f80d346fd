"""Tables of the partners app, one module per noun."""

from partners.models.desk import Absence, Desk, DeskClosing
from partners.models.fact import Fact
from partners.models.manager import ManagerAssignment, StaffMember, StaffRoleGrant
from partners.models.membership import AdminRequest, Contact, Invitation, Membership, PartnerGroup
from partners.models.partner import (
    Partner,
    PartnerGroupObjectPermission,
    PartnerLink,
    PartnerType,
    PartnerUserObjectPermission,
)
from partners.models.user import User

__all__ = [
    "Absence",
    "AdminRequest",
    "Contact",
    "Desk",
    "DeskClosing",
    "Fact",
    "Invitation",
    "ManagerAssignment",
    "Membership",
    "Partner",
    "PartnerGroup",
    "PartnerGroupObjectPermission",
    "PartnerLink",
    "PartnerType",
    "PartnerUserObjectPermission",
    "StaffMember",
    "StaffRoleGrant",
    "User",
]
