"""The decision clock: until when, what is left, or why it stands still."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from prm.web.components.formats import moment
from prm.web.components.icons import icon

EMPTY = mark_safe("")
SOON = timedelta(hours=8)
LINE = '<p class="clock {}">{}<span>{}</span></p>'


def clock(due: datetime | None, late_days: int = 0, stopped: object = "", left: timedelta | None = None) -> SafeString:
    """Due, time left (wall time unless `left` says), days credited when late, or why it stands still; nothing when never due."""
    if stopped:
        return format_html(LINE, "clock-stopped", icon("circle-pause"), stopped)
    if due is None:
        return EMPTY
    left = due - timezone.now() if left is None else left
    if left < timedelta(0):
        words = format_html("{} · {} {}", _late(late_days), gettext("was due"), moment(due))
        return format_html(LINE, "clock-late", icon("triangle-alert"), words)
    words = format_html("{} {}, {}", gettext("Decision by"), moment(due), _left(left))
    return format_html(LINE, "clock-soon" if left < SOON else "", icon("clock"), words)


def _late(days: int) -> str:
    if not days:
        return gettext("Late")
    return ngettext("Late, %(n)s day credited", "Late, %(n)s days credited", days) % {"n": days}


def _left(left: timedelta) -> str:
    hours = int(left.total_seconds() // 3600)
    if hours >= 48:
        return ngettext("%(n)s day left", "%(n)s days left", hours // 24) % {"n": hours // 24}
    if hours == 0:
        return gettext("less than an hour left")
    return ngettext("%(n)s h left", "%(n)s h left", hours) % {"n": hours}
