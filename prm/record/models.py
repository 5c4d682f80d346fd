"""Comments keyed by object and partner; each app shows and serves them through its own door."""

from django.conf import settings
from django.db import models

from prm.core.models import Row


class CommentQuerySet(models.QuerySet["Comment"]):
    def shared(self) -> "CommentQuerySet":
        return self.filter(internal=False)


class Comment(Row):
    """Shared with the partner, or internal to the vendor. `partner_id` is the tenant it was written for."""

    noun = models.CharField(max_length=40)
    object_id = models.UUIDField()
    partner_id = models.UUIDField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    body = models.TextField()
    internal = models.BooleanField(default=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["noun", "object_id", "created_at"], name="comment_object")]

    def __str__(self) -> str:
        return f"{self.noun} {self.object_id}"
