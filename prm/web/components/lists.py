"""Table heads, pagers, chips, empty states and toasts."""

from collections.abc import Iterable

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from prm.web.components.icons import icon
from prm.web.keyset import Page
from prm.web.lists import Chip
from prm.web.rendering import UNDO

EMPTY = mark_safe("")
TOAST_ICONS = {"success": "circle-check", "warning": "triangle-alert", "error": "circle-alert", "info": "info", "debug": "info"}


def sort_head(page: Page, name: str, label: object, css: str = "") -> SafeString:
    """A <th> whose link sorts by `name`; the current order is spoken by aria-sort and shown by an arrow."""
    if page.sort.name == name:
        order, arrow = ("descending", "arrow-down") if page.descending else ("ascending", "arrow-up")
    else:
        order, arrow = "", "arrow-up-down"
    state = format_html(' aria-sort="{}"', order) if order else EMPTY
    line = '<th scope="col" class="sort {}"{}><a href="{}">{}{}</a></th>'
    return format_html(line, css, state, page.sort_url(name), label, icon(arrow, 14))


def _step(url: str, name: str, label: str, rel: str = "") -> SafeString:
    body = format_html("{}<span>{}</span>", icon(name), label)
    if not url:
        return format_html('<span class="btn btn-ghost disabled" aria-disabled="true">{}</span>', body)
    return format_html('<a class="btn btn-ghost" href="{}"{}>{}</a>', url, format_html(' rel="{}"', rel) if rel else EMPTY, body)


def pager(page: Page) -> SafeString:
    """First, previous, next, and how many rows a page has; only the sizes when one page holds all."""
    warning = EMPTY
    if page.warning:
        warning = format_html('<p class="notice notice-warning" role="status">{}{}</p>', icon("info"), page.warning)
    if not (page.has_next or page.has_previous) and len(page) <= page.sizes[0]:
        return warning
    steps = [
        _step(page.first_url, "chevrons-left", gettext("First")),
        _step(page.previous_url, "chevron-left", gettext("Previous"), "prev"),
        _step(page.next_url, "chevron-right", gettext("Next"), "next"),
    ]
    sizes = format_html_join(
        "",
        '<li><a href="{}"{}>{}</a></li>',
        ((page.size_url(size), mark_safe(' aria-current="true"') if size == page.size else EMPTY, size) for size in page.sizes),
    )
    return format_html(
        '{}<nav class="pager" aria-label="{}"><div class="pager-steps">{}{}{}</div>'
        '<div class="pager-sizes"><span>{}</span><ul>{}</ul></div></nav>',
        warning,
        gettext("Pages"),
        *steps,
        gettext("Rows per page"),
        sizes,
    )


def chips(items: Iterable[Chip], label: object) -> SafeString:
    """Filter chips in one named group; the one that is on carries aria-current and a tick."""
    rows = (
        (
            chip.url,
            mark_safe(' aria-current="true"') if chip.active else EMPTY,
            icon("check", 14) if chip.active else EMPTY,
            chip.label,
            EMPTY if chip.count is None else format_html('<span class="count">{}</span>', chip.count),
        )
        for chip in items
    )
    return format_html(
        '<nav class="chips" aria-label="{}"><ul>{}</ul></nav>',
        label,
        format_html_join("", '<li><a class="chip" href="{}"{}>{}{}{}</a></li>', rows),
    )


def empty(title: object, text: object = "", url: str = "", action: object = "", icon_name: str = "inbox") -> SafeString:
    """What goes here, why it is empty, and one action."""
    button = format_html('<a class="btn btn-primary" href="{}">{}</a>', url, action) if url and action else EMPTY
    words = format_html("<p>{}</p>", text) if text else EMPTY
    line = '<div class="empty-state">{}<p class="empty-title">{}</p>{}{}</div>'
    return format_html(line, icon(icon_name, 28), title, words, button)


def toasts(request: HttpRequest) -> SafeString:
    """The waiting messages as status lines; a message offered by `rendering.offer_undo` gets its button."""
    lines = []
    for message in get_messages(request):
        tags = (message.extra_tags or "").split()
        undo = EMPTY
        if len(tags) == 2 and tags[0] == UNDO and tags[1].startswith("/") and not tags[1].startswith("//"):
            undo = format_html(
                '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
                '<button class="btn btn-sm">{}</button></form>',
                tags[1],
                get_token(request),
                gettext("Undo"),
            )
        level = message.level_tag or "info"
        lines.append((level, icon(TOAST_ICONS.get(level, "info"), 18), message.message, undo))
    return format_html_join("", '<div class="toast-line toast-{}" data-toast>{}<span class="toast-text">{}</span>{}</div>', lines)
