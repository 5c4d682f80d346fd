"""Team and roles: memberships, the groups behind them, invitations, contacts, requests for a new admin."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.enums import (
    ADMIN_REQUEST_STEPS,
    INVITATION_STEPS,
    MEMBERSHIP_STEPS,
    AdminRequestStatus,
    InvitationStatus,
    MembershipStatus,
    Role,
)
from partners.models.partner import Partner
from prm.core import history
from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers


class PartnerGroup(Row):
    """The auth group that carries one role in one partner; guardian grants hang on it."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="role_groups")
    role = models.CharField(max_length=12, choices=Role)
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="partner_group")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "role"], name="partnergroup_once")]

    def __str__(self) -> str:
        return f"{self.partner} / {self.role}"


@history.track("partner", "user", "role", "status")
class Membership(Row):
    """A user in a partner. Removed rows stay, so that history keeps its names."""

    ref = RefField("M")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    status = models.CharField(max_length=12, choices=MembershipStatus, default=MembershipStatus.ACTIVE)
    last_seen_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]
        triggers = fsm_triggers(MEMBERSHIP_STEPS)

    def __str__(self) -> str:
        return f"{self.user} @ {self.partner}"


class Invitation(Row):
    """An offer of a seat in a team. Only the hash of the mailed token is kept."""

    ref = RefField("I")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(max_length=12, choices=Role)
    status = models.CharField(max_length=12, choices=InvitationStatus, default=InvitationStatus.SENT)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations_sent")
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations_accepted"
    )
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "email"],
                condition=models.Q(status=InvitationStatus.SENT),
                name="invitation_one_open",
            )
        ]
        triggers = fsm_triggers(INVITATION_STEPS)

    def __str__(self) -> str:
        return self.ref


class Contact(Row):
    """A person of the partner who never signs in but may get reports."""

    ref = RefField("K")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"))
    title = models.CharField(_("job title"), max_length=100, blank=True)
    wants_reports = models.BooleanField(_("gets reports"), default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "email"], name="contact_once")]

    def __str__(self) -> str:
        return self.name


class AdminRequest(Row):
    """The lone admin is gone: a member or the manager asks for a new one; staff confirm; two business days pass."""

    ref = RefField("Q")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="admin_requests")
    candidate = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="admin_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="admin_requests_asked")
    reason = models.CharField(max_length=500)
    status = models.CharField(max_length=12, choices=AdminRequestStatus, default=AdminRequestStatus.ASKED)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="admin_requests_confirmed"
    )
    effective_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner"],
                condition=models.Q(status__in=[AdminRequestStatus.ASKED, AdminRequestStatus.CONFIRMED]),
                name="adminrequest_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("asked_by")),
                name="adminrequest_second_person",
            ),
        ]
        triggers = fsm_triggers(ADMIN_REQUEST_STEPS)

    def __str__(self) -> str:
        return self.ref
