"""Reading comments of a row whose door the caller has passed."""

from __future__ import annotations

from django.db import models

from prm.record.models import Comment


def comments_of(obj: models.Model, include_internal: bool) -> models.QuerySet[Comment]:
    """Newest first, with authors; internal ones only for staff."""
    rows = Comment.objects.filter(noun=obj._meta.label_lower, object_id=obj.pk).select_related("author").order_by("-created_at")
    return rows if include_internal else rows.shared()
