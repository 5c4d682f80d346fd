"""What a partner asks for on an approved deal: more time, or a change of its key facts."""

from django.conf import settings
from django.db import models

from deals.enums import CHANGE_REQUEST_STEPS, EXTENSION_STEPS, ChangeRequestStatus, ExtensionStatus
from deals.models.conflict import Conflict
from deals.models.deal import Deal
from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers


class Extension(Row):
    """A request for more protection. One pending at a time; days as asked and as granted."""

    ref = RefField("E")
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="extensions")
    status = models.CharField(max_length=10, choices=ExtensionStatus, default=ExtensionStatus.ASKED)
    days = models.PositiveSmallIntegerField(default=30)
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_text = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=models.Q(status=ExtensionStatus.ASKED), name="extension_one_pending"
            ),
            models.CheckConstraint(condition=models.Q(days__gte=1, days__lte=120), name="extension_days"),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="extension_not_decided_by_asker",
            ),
        ]
        triggers = fsm_triggers(EXTENSION_STEPS)

    def __str__(self) -> str:
        return self.ref


class ChangeRequest(Row):
    """New key facts for an approved deal, checked and decided like a registration while the old terms stand."""

    ref = RefField("H")
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="change_requests")
    status = models.CharField(max_length=10, choices=ChangeRequestStatus, default=ChangeRequestStatus.IN_REVIEW)
    changes = models.JSONField(default=dict)
    conflict = models.ForeignKey(Conflict, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_text = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal"],
                condition=models.Q(status=ChangeRequestStatus.IN_REVIEW),
                name="changerequest_one_pending",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="changerequest_not_decided_by_asker",
            ),
        ]
        triggers = fsm_triggers(CHANGE_REQUEST_STEPS)

    def __str__(self) -> str:
        return self.ref
