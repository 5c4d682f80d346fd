"""Weights of the duplicate engine beside the shipped ones: proposed by a refit, published by a person."""

import pgtrigger
from django.conf import settings
from django.db import models

from deals.enums import MODEL_STEPS, ModelStatus
from prm.core import history
from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers


@history.track("status", "published_by", "published_at", "retired_by", "retired_at")
class MatchModel(Row):
    """`data` is a model as `prm.matching.parse_model` reads it, `comparison` the table of before and after it was proposed with.

    Both stay as they were proposed. At most one is published; without one the shipped model holds.
    """

    ref = RefField("MO")
    version = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=9, choices=ModelStatus, default=ModelStatus.PROPOSED)
    data = models.JSONField()
    comparison = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "model of the duplicate engine"
        verbose_name_plural = "models of the duplicate engine"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=models.Q(status=ModelStatus.PUBLISHED), name="matchmodel_one_published"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=ModelStatus.PUBLISHED) | models.Q(published_by__isnull=False),
                name="matchmodel_published_by_a_person",
            ),
        ]
        triggers = [
            *fsm_triggers(MODEL_STEPS),
            pgtrigger.ReadOnly(name="stays_as_proposed", fields=["version", "data", "comparison"]),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"
