"""Abstract bases of every domain table; this app has no table of its own."""

from django.db import models

from prm.core.identifiers import make_ref, uuid7


class Row(models.Model):
    """UUIDv7 primary key and the time the row was made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


