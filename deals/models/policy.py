"""The written policy and the rules that run: versioned, effective-dated, never edited once published."""

from django.conf import settings
from django.db import models

from prm.core.models import Row
from prm.core.triggers import append_only_triggers


class Policy(Row):
    """`rules` holds the values read by `deals.rules`; defaults in DOMAIN.md section 4 (`deals.rules.policy.DEFAULTS`)."""

    version = models.PositiveIntegerField(unique=True)
    text = models.TextField(blank=True)
    rules = models.JSONField(default=dict)
    effective_from = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-version"]
        verbose_name_plural = "policies"
        triggers = append_only_triggers()

    def __str__(self) -> str:
        return f"v{self.version}"
