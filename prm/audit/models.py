"""Append-only events: who did what to which row, when. Ids and field names only, so that a person can be erased around them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from prm.core.identifiers import uuid7
from prm.core.triggers import append_only_triggers


class Event(models.Model):
    """One fact. Plain ids instead of foreign keys: an event outlives every row it speaks of."""

    class ActorKind(models.TextChoices):
        PERSON = "person", "person"
        SERVICE = "service", "service"
        SYSTEM = "system", "system"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    name = models.CharField(max_length=80)
    noun = models.CharField(max_length=60)
    object_id = models.CharField(max_length=36)
    partner_id = models.UUIDField(null=True)
    actor_id = models.CharField(max_length=36, blank=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    data = models.JSONField(default=dict)
    internal = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index("noun", "object_id", "at", "id", name="audit_event_timeline"),
            models.Index("partner_id", "at", "id", name="audit_event_partner", condition=models.Q(partner_id__isnull=False)),
            models.Index("actor_id", "at", name="audit_event_actor", condition=~models.Q(actor_id="")),
            models.Index("name", "at", name="audit_event_name"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="audit_event_actor_or_system",
                condition=models.Q(actor_kind="system", actor_id="") | (~models.Q(actor_kind="system") & ~models.Q(actor_id="")),
            ),
        ]
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"{self.name} {self.object_id}"
