"""Writing comments. The caller has passed its own door and rule."""

from __future__ import annotations

from typing import Any

from django.db import models

from prm.core.text import clean_text
from prm.record.models import Comment


def add_comment(obj: models.Model, *, by: Any, body: str, partner: Any, internal: bool = False) -> Comment:
    """Write a comment on a row: shared with the partner, or internal to the vendor. Raises DomainError when empty or too long."""
    return Comment.objects.create(
        noun=obj._meta.label_lower,
        object_id=obj.pk,
        partner_id=getattr(partner, "pk", partner),
        author=by,
        body=clean_text(body, 5000, lines=True, required=True, field="body"),
        internal=internal,
    )
