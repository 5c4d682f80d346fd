"""Statuses, roles and step tables of the partners app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from prm.core.states import Step, StepTable


class UserKind(TextChoices):
    PERSON = "person", _("Person")
    SERVICE = "service", _("Service")


class Role(TextChoices):
    """What a member is in a partner; DOMAIN.md section 1."""

    ADMIN = "admin", _("Admin")
    SALES = "sales", _("Sales")
    MARKETING = "marketing", _("Marketing")
    TECHNICAL = "technical", _("Technical")
    EXECUTIVE = "executive", _("Executive")


class StaffRole(TextChoices):
    CHANNEL_MANAGER = "channel_manager", _("Channel manager")
    CHANNEL_LEAD = "channel_lead", _("Channel lead")
    PROGRAM_MANAGER = "program_manager", _("Program manager")
    DEAL_DESK = "deal_desk", _("Deal desk")
    MDF_APPROVER = "mdf_approver", _("MDF approver")
    FINANCE = "finance", _("Finance")
    CHANNEL_OPERATIONS = "channel_operations", _("Channel operations")
    SUPPLY_CHAIN = "supply_chain", _("Supply chain")
    SUPPORT = "support", _("Support (read)")
    OPS = "ops", _("Ops")


MANAGING_ROLES = (StaffRole.CHANNEL_MANAGER, StaffRole.CHANNEL_LEAD)  # who may be a partner's channel manager


class PartnerStatus(TextChoices):
    APPLICANT = "applicant", _("Applicant")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    LEAVING = "leaving", _("Leaving")
    ENDED = "ended", _("Ended")
    MERGED = "merged", _("Merged")


P = PartnerStatus
PARTNER_STEPS = StepTable(
    "partner",
    starts={P.APPLICANT, P.ACTIVE},
    steps=[
        Step("activate", {P.APPLICANT}, P.ACTIVE, "partners.partner.activated"),
        Step("suspend", {P.ACTIVE}, P.SUSPENDED, "partners.partner.suspended"),
        Step("resume", {P.SUSPENDED}, P.ACTIVE, "partners.partner.resumed"),
        Step("leave", {P.ACTIVE, P.SUSPENDED}, P.LEAVING, "partners.partner.leaving"),
        Step("end", {P.LEAVING}, P.ENDED, "partners.partner.ended"),
        Step("rejoin", {P.ENDED}, P.ACTIVE, "partners.partner.rejoined"),
        Step("merge", {P.ACTIVE}, P.MERGED, "partners.partner.merged"),
    ],
)


class MembershipStatus(TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    REMOVED = "removed", _("Removed")


M = MembershipStatus
MEMBERSHIP_STEPS = StepTable(
    "membership",
    starts={M.ACTIVE},
    steps=[
        Step("change_role", {M.ACTIVE, M.SUSPENDED}, None, "partners.membership.role_changed"),
        Step("suspend", {M.ACTIVE}, M.SUSPENDED, "partners.membership.suspended"),
        Step("resume", {M.SUSPENDED}, M.ACTIVE, "partners.membership.resumed"),
        Step("remove", {M.ACTIVE, M.SUSPENDED}, M.REMOVED, "partners.membership.removed"),
        Step("return", {M.REMOVED}, M.ACTIVE, "partners.membership.returned"),
    ],
)


class InvitationStatus(TextChoices):
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


INV = InvitationStatus
INVITATION_STEPS = StepTable(
    "invitation",
    starts={INV.SENT},
    steps=[
        Step("resend", {INV.SENT}, None, "partners.invitation.resent"),
        Step("accept", {INV.SENT}, INV.ACCEPTED, "partners.invitation.accepted"),
        Step("revoke", {INV.SENT}, INV.REVOKED, "partners.invitation.revoked"),
        Step("expire", {INV.SENT}, INV.EXPIRED, "partners.invitation.expired"),
    ],
)


class AdminRequestStatus(TextChoices):
    ASKED = "asked", _("Asked")
    CONFIRMED = "confirmed", _("Confirmed, waiting")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


AR = AdminRequestStatus
ADMIN_REQUEST_STEPS = StepTable(
    "admin request",
    starts={AR.ASKED},
    steps=[
        Step("confirm", {AR.ASKED}, AR.CONFIRMED, "partners.admin_request.confirmed"),
        Step("grant", {AR.CONFIRMED}, AR.GRANTED, "partners.admin_request.granted"),
        Step("refuse", {AR.ASKED, AR.CONFIRMED}, AR.REFUSED, "partners.admin_request.refused"),
    ],
)


class PartnerSize(TextChoices):
    MICRO = "micro", _("1–9 people")
    SMALL = "small", _("10–49 people")
    MEDIUM = "medium", _("50–249 people")
    LARGE = "large", _("250 people and more")


class DealSight(TextChoices):
    """What a sales member sees of their company's deals; set per partner."""

    COMPANY = "company", _("All deals of the company")
    OWN = "own", _("Only their own deals")


class FactType(TextChoices):
    NUMBER = "number", _("Number")
    TEXT = "text", _("Text")
    DATE = "date", _("Date")
    FLAG = "flag", _("Yes or no")
