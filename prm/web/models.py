"""A list's filters and order under a name."""

from django.conf import settings
from django.db import models

from prm.core.models import Row
from prm.web.enums import Scope

MAX_QUERY = 2000
MAX_NAME = 80


class SavedView(Row):
    """`list_key` names the list; `query` is its query string without a page token; `partner_id` is set for a team's view."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    partner_id = models.UUIDField(null=True, blank=True)
    list_key = models.CharField(max_length=60)
    name = models.CharField(max_length=MAX_NAME)
    query = models.CharField(max_length=MAX_QUERY, blank=True)
    scope = models.CharField(max_length=4, choices=Scope, default=Scope.MINE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "list_key", "name"], name="saved_view_name"),
            models.CheckConstraint(condition=models.Q(scope__in=Scope.values), name="saved_view_scope_known"),
            models.CheckConstraint(
                condition=models.Q(scope=Scope.TEAM, partner_id__isnull=False) | ~models.Q(scope=Scope.TEAM),
                name="saved_view_team",
            ),
        ]
        indexes = [models.Index(fields=["list_key", "scope", "partner_id"], name="saved_view_list")]

    def __str__(self) -> str:
        return self.name
