"""Vendor staff: their roles, their lead, and the partners each one is the named manager of."""

from django.conf import settings
from django.db import models

from partners.enums import StaffRole
from partners.models.desk import Desk
from partners.models.partner import Partner
from prm.core import history
from prm.core.models import Row


class StaffMember(Row):
    """A vendor employee: desk whose calendar binds them, and the channel lead above them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_member")
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="staff")
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="leads_staff"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(lead=None) | ~models.Q(lead=models.F("user")), name="staff_not_own_lead")
        ]

    def __str__(self) -> str:
        return str(self.user)


@history.track("staff", "role")
class StaffRoleGrant(Row):
    """One role held by a staff member."""

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=StaffRole)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "role"], name="staffrole_once")]

    def __str__(self) -> str:
        return self.role


@history.track("partner", "manager", "starts_on", "ends_on")
class ManagerAssignment(Row):
    """Who is, or was, the channel manager of a partner; open-ended while current."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="manager_assignments")
    manager = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="partners_managed")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner"], condition=models.Q(ends_on=None), name="manager_one_current"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")), name="manager_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manager} → {self.partner}"
