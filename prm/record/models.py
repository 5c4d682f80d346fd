"""Comments keyed by object and partner, which each app shows through its own door; and what each import did."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from prm.core.models import RefField, Row


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


class ImportOutcome(models.TextChoices):
    LOADED = "loaded", _("Loaded")
    PARTLY = "partly", _("Loaded without the rows in error")
    REFUSED = "refused", _("Refused: nothing was loaded")


class ImportRun(Row):
    """What one import did: the file, its counts and its report (lines, columns and messages, never the values)."""

    ref = RefField("R")
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=40, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=8, choices=ImportOutcome)
    rows = models.PositiveIntegerField(default=0)
    created_rows = models.PositiveIntegerField(default=0)
    updated_rows = models.PositiveIntegerField(default=0)
    unchanged_rows = models.PositiveIntegerField(default=0)
    error_rows = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-created_at"], name="importrun_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class File(Row):
    """A small file in the database, so that a backup holds it and an erased person's goes with its row. Who may see it, and
    under which address, is for the app whose row it belongs to (`noun`, `object_id`)."""

    noun = models.CharField(max_length=40)
    object_id = models.UUIDField()
    partner_id = models.UUIDField(null=True, blank=True)
    content_type = models.CharField(max_length=60)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["noun", "object_id"], name="file_object")]

    def __str__(self) -> str:
        return f"{self.noun} {self.object_id}"
