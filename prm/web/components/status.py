"""Status badges: text, icon and colour; the colour never speaks alone."""

import functools
from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString

from prm.web.components.icons import icon as svg

NEUTRAL = ("neutral", "circle")

# The statuses of DOMAIN.md section 3, with tone (neutral, info, wait, good, bad, late) and icon.
LOOKS: Mapping[str, tuple[str, str]] = {
    "draft": ("neutral", "pencil"),
    "started": ("neutral", "pencil"),
    "submitted": ("info", "send"),
    "queued": ("info", "clock"),
    "sending": ("info", "send"),
    "sent": ("good", "circle-check"),
    "waiting": ("wait", "hourglass"),
    "in_review": ("info", "eye"),
    "returned": ("wait", "undo-2"),
    "approved": ("good", "circle-check"),
    "accepted": ("good", "circle-check"),
    "granted": ("good", "circle-check"),
    "upheld": ("neutral", "scale"),
    "overturned": ("good", "scale"),
    "declined": ("bad", "circle-x"),
    "duplicate": ("bad", "circle-x"),
    "asked": ("wait", "hourglass"),
    "refused": ("bad", "circle-x"),
    "failed": ("bad", "triangle-alert"),
    "unknown": ("late", "triangle-alert"),
    "withdrawn": ("neutral", "undo-2"),
    "cancelled": ("neutral", "ban"),
    "lapsed": ("neutral", "calendar-x"),
    "won": ("good", "trophy"),
    "booked": ("good", "receipt"),
    "reversed": ("bad", "rotate-ccw"),
    "lost": ("neutral", "thumbs-down"),
    "expired": ("neutral", "calendar-x"),
    "expiring": ("wait", "calendar-x"),
    "released": ("neutral", "archive"),
    "revoked": ("bad", "shield-x"),
    "transferred": ("neutral", "arrow-right-left"),
    "disputed": ("wait", "scale"),
    "open": ("info", "circle-dot"),
    "closed": ("neutral", "archive"),
    "active": ("good", "circle-check"),
    "suspended": ("bad", "circle-pause"),
    "paused": ("wait", "circle-pause"),
    "leaving": ("wait", "log-out"),
    "ended": ("neutral", "archive"),
    "invited": ("info", "mail"),
    "applicant": ("info", "user-round"),
    "overdue": ("late", "triangle-alert"),
    "paid": ("good", "circle-check"),
    "offered": ("info", "bell"),
    "new": ("info", "circle-dot"),
    "decline": ("bad", "circle-x"),
    "review": ("info", "eye"),
    "clear": ("good", "circle-check"),
}


@functools.lru_cache(maxsize=1024)
def _badge(label: str, tone: str, icon: str) -> SafeString:
    return format_html('<span class="status status-{}">{}{}</span>', tone, svg(icon, 14), label)


def badge(status: object, label: object = "", *, tone: str = "", icon: str = "") -> SafeString:
    """A badge for `status`; label defaults to the choice's own; tone and icon may be overridden."""
    value = str(getattr(status, "value", status) or "")
    own_tone, own_icon = LOOKS.get(value, NEUTRAL)
    text = str(label or getattr(status, "label", "") or value.replace("_", " ").capitalize())
    return _badge(text, tone or own_tone, icon or own_icon)
