"""Two customers that were one, made one: what was moved, so that it can be taken apart again."""

from django.conf import settings
from django.db import models

from deals.enums import MERGE_STEPS, MergeStatus
from deals.models.customer import Customer
from prm.core import history
from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers


@history.track("status", "undone_by", "undone_at")
class CustomerMerge(Row):
    """`moved` holds the ids of the rows that went over, what `kept` learned and which of its blank fields were filled."""

    ref = RefField("ME")
    status = models.CharField(max_length=6, choices=MergeStatus, default=MergeStatus.DONE)
    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merged_by")
    reason = models.CharField(max_length=500)
    moved = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=models.Q(status=MergeStatus.DONE), name="customermerge_once"),
            models.CheckConstraint(condition=~models.Q(kept=models.F("merged")), name="customermerge_two"),
        ]
        triggers = fsm_triggers(MERGE_STEPS)

    def __str__(self) -> str:
        return self.ref
