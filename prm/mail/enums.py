"""States of a mail, and what may stand in its way."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from prm.core.states import Step, StepTable


class MessageStatus(TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Unknown")
    SUPPRESSED = "suppressed", _("Not sent")


S = MessageStatus
MESSAGE_STEPS = StepTable(
    "message",
    starts={S.QUEUED, S.SUPPRESSED},
    steps=[
        Step("claim", {S.QUEUED}, S.SENDING),
        Step("suppress", {S.QUEUED}, S.SUPPRESSED),
        # A slow worker may hear "accepted" after the sweeper gave its claim up: the late truth wins.
        Step("send", {S.SENDING, S.QUEUED, S.UNKNOWN}, S.SENT),
        Step("requeue", {S.SENDING}, S.QUEUED),
        Step("fail", {S.SENDING}, S.FAILED),
        Step("lose", {S.SENDING}, S.UNKNOWN),
        Step("bounce", {S.SENT, S.UNKNOWN}, S.FAILED, "mail.message.bounced"),
        Step("retry", {S.FAILED, S.UNKNOWN}, S.QUEUED, "mail.message.retried"),
        Step("confirm", {S.UNKNOWN}, S.SENT, "mail.message.confirmed"),
    ],
    deletable=(),
)


class RecipientKind(TextChoices):
    USER = "user", _("User")
    CONTACT = "contact", _("Contact")
    PARTNER = "partner", _("Partner")
    ADDRESS = "address", _("Address")


class RecipientStatus(TextChoices):
    """Suspended and left: nothing is mailed. Paused (quiet mode): no nudges."""

    OK = "ok", _("Reachable")
    SUSPENDED = "suspended", _("Suspended")
    PAUSED = "paused", _("Paused")
    LEFT = "left", _("Left")


class Why(TextChoices):
    """Why a mail was not sent."""

    SUSPENDED = "suspended", _("recipient suspended")
    PAUSED = "paused", _("quiet mode")
    LEFT = "left", _("recipient left")
    UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
    BLOCKED = "blocked", _("address bounced or complained")
    ERASED = "erased", _("recipient erased")


class Block(TextChoices):
    """Why an address gets no mail any more."""

    BOUNCED = "bounced", _("bounced")
    COMPLAINED = "complained", _("marked as spam")
    BY_HAND = "by_hand", _("by hand")
