"""The outbox and what it knows of recipients. Rendered text and address have one home: `MailBody`."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers
from prm.mail.enums import MESSAGE_STEPS, Block, MessageStatus, RecipientKind, RecipientStatus, Why


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now) -> "MessageQuerySet":
        return self.filter(status=MessageStatus.QUEUED, next_attempt_at__lte=now)


class Message(Row):
    """One mail to one recipient. Ids and hashes only, so that erasing a person needs no change here."""

    ref = RefField(prefix="ML")
    template = models.CharField(_("mail"), max_length=100)
    language = models.CharField(_("language"), max_length=8)
    context = models.JSONField(default=dict)
    recipient_kind = models.CharField(max_length=10, choices=RecipientKind)
    recipient_id = models.UUIDField(null=True, blank=True)
    address_hash = models.CharField(max_length=64)
    noun = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=36, blank=True)
    partner_id = models.UUIDField(null=True, blank=True)
    dedupe_key = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    nudge = models.BooleanField(default=False)
    about_money = models.BooleanField(default=False)
    secret = models.BooleanField(default=False)
    always = models.BooleanField(default=False)
    status = models.CharField(_("status"), max_length=12, choices=MessageStatus, default=MessageStatus.QUEUED)
    why = models.CharField(_("reason"), max_length=12, choices=Why, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    last_code = models.PositiveSmallIntegerField(null=True, blank=True)
    last_reply = models.CharField(_("last reply"), max_length=300, blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("outbox")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["nudge", "next_attempt_at", "id"], name="mail_message_due", condition=models.Q(status="queued")),
            models.Index(fields=["claimed_at"], name="mail_message_claimed", condition=models.Q(status="sending")),
            models.Index(fields=["status", "-created_at", "-id"], name="mail_message_list"),
            models.Index(fields=["-created_at", "-id"], name="mail_message_all"),
            models.Index(
                fields=["-created_at", "-id"],
                name="mail_message_unsettled",
                condition=models.Q(status__in=[MessageStatus.FAILED, MessageStatus.UNKNOWN]),
            ),
            models.Index(fields=["noun", "object_id", "created_at"], name="mail_message_object", condition=~models.Q(noun="")),
            models.Index(fields=["recipient_id"], name="mail_message_recipient", condition=models.Q(recipient_id__isnull=False)),
            models.Index(fields=["address_hash"], name="mail_message_address"),
        ]
        triggers = fsm_triggers(MESSAGE_STEPS)

    def __str__(self) -> str:
        return f"{self.ref} {self.template}"

    @property
    def who(self) -> str:
        """The recipient as one key: `user:<id>`, `contact:<id>` or `address:<hash>`."""
        return f"{self.recipient_kind}:{self.recipient_id or self.address_hash}"


class MailBody(models.Model):
    """Address, subject and text of one mail; emptied by retention and by erasing a person."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="body")
    address = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    unsubscribe_url = models.CharField(max_length=500, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail body")

    def __str__(self) -> str:
        return str(self.message_id)


class Recipient(Row):
    """What the rest of the product says about a user, a contact or a partner. With partner_id: only for mails of that partner."""

    kind = models.CharField(max_length=10, choices=RecipientKind)
    object_id = models.UUIDField()
    partner_id = models.UUIDField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=RecipientStatus, default=RecipientStatus.OK)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object_id", "kind", "partner_id"], name="mail_recipient_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.status}"


class Preference(Row):
    """Whether a recipient wants the nudges of one kind; `template` "*" means all of them."""

    who = models.CharField(max_length=80)
    template = models.CharField(max_length=100)
    wanted = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["who", "template"], name="mail_preference_once")]

    def __str__(self) -> str:
        return f"{self.who} {self.template}"


class Suppression(Row):
    """An address that gets no mail: it bounced or complained. Only its keyed hash is kept."""

    address_hash = models.CharField(_("address (hash)"), max_length=64, unique=True)
    reason = models.CharField(_("reason"), max_length=12, choices=Block)
    since = models.DateTimeField(_("since"), default=timezone.now)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-since", "-id"], name="mail_suppression_list")]
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")

    def __str__(self) -> str:
        return self.address_hash[:12]
