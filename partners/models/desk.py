"""The deciding desk's hours, holidays, closing days; the one absence calendar with deputies."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from prm.core.models import Row


class Desk(Row):
    """A deciding desk: its business clock. Weekdays as digits, Monday = 0."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64, default="UTC")
    opens_at = models.TimeField(default="09:00")
    closes_at = models.TimeField(default="17:00")
    weekdays = models.CharField(max_length=7, default="01234")
    holiday_country = models.CharField(_("country of public holidays"), max_length=2, blank=True)
    holiday_subdivision = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(closes_at__gt=models.F("opens_at")), name="desk_hours"),
            models.CheckConstraint(condition=models.Q(weekdays__regex=r"^[0-6]{1,7}$"), name="desk_weekdays"),
        ]

    def __str__(self) -> str:
        return self.name


class DeskClosing(Row):
    """A day the desk is closed besides the public holidays."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="closings")
    day = models.DateField()
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "day"], name="deskclosing_once")]

    def __str__(self) -> str:
        return f"{self.desk} {self.day}"


class Absence(Row):
    """A staff member is away; the deputy sees and decides their queues meanwhile."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deputises")
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="absence_dates"),
            models.CheckConstraint(condition=~models.Q(user=models.F("deputy")), name="absence_other_deputy"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.starts_on}–{self.ends_on}"
