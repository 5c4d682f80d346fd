"""Tier definitions, and the assignment a person makes: from, until, reason."""

from django.conf import settings
from django.db import models

from partners.models import Partner
from prm.core import history
from prm.core.models import Row


class Tier(Row):
    """A rung of the ladder. `margin_points`: extra margin on a registered deal; `protection_cap`: live protections at once."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    rank = models.PositiveSmallIntegerField(unique=True)
    margin_points = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    protection_cap = models.PositiveSmallIntegerField(default=25)

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.name


@history.track("partner", "tier", "starts_on", "ends_on", "assigned_by")
class TierAssignment(Row):
    """Which tier a partner holds; assigned by a person with a reason."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="tier_assignments")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="assignments")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner"], condition=models.Q(ends_on=None), name="tierassignment_one_current"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")), name="tierassignment_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.tier}"
