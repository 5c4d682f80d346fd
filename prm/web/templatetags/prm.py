"""`{% load prm %}`: the product's components. How to use each: templates/components/README.md."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from prm.web import lists as addresses
from prm.web import queries, rules, shell
from prm.web.components import clock, fields, formats, icons, lists, status

register = template.Library()

register.simple_tag(icons.icon, name="icon")
register.simple_tag(status.badge, name="badge")
register.simple_tag(clock.clock, name="clock")
register.simple_tag(formats.money, name="money")
register.simple_tag(fields.field, name="field")
register.simple_tag(fields.cell, name="cell")
register.simple_tag(fields.widget, name="widget")
register.simple_tag(fields.error_text, name="field_error")
register.simple_tag(fields.form_fields, name="form_fields")
register.simple_tag(fields.error_summary, name="form_errors")
register.simple_tag(lists.sort_head, name="sort_th")
register.simple_tag(lists.pager, name="pager")
register.simple_tag(lists.chips, name="chips")
register.simple_tag(lists.empty, name="empty")
register.filter("day", formats.day)
register.filter("moment", formats.moment)
register.filter("day_text", formats.day_text)
register.filter("moment_text", formats.moment_text)
register.filter("number", formats.number)


@register.simple_tag(takes_context=True)
def toasts(context: Context) -> SafeString:
    """The waiting messages."""
    return lists.toasts(context["request"])


@register.simple_tag(takes_context=True)
def url_with(context: Context, **changes: object) -> str:
    """This page's address with parameters changed; None or '' removes one."""
    return addresses.with_query(context["request"], **changes)


@register.simple_tag(takes_context=True)
def query_hidden(context: Context, *leave_out: str) -> SafeString:
    """The query string as hidden inputs, without `leave_out` and the page token, for a GET form that keeps the other filters."""
    query = context["request"].GET
    kept = [key for key in query if key not in leave_out and key not in addresses.PAGE_KEYS]
    pairs = ((key, value) for key in kept for value in query.getlist(key))
    return fields.format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


@register.inclusion_tag("components/steps.html")
def steps(items: Iterable[Any], label: str = "") -> dict[str, Any]:
    """The life cycle: items with label, state (done, now, todo, stopped), who, due, at."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, Any]:
    """What happened, newest first: entries with at, title, actor, kind, body, url, internal."""
    return {"entries": entries}


@register.inclusion_tag("components/saved_views.html", takes_context=True)
def saved_views(context: Context, list_key: str) -> dict[str, Any]:
    """The reader's saved views of one list, and the form that saves the present one."""
    request = context["request"]
    acting = shell.acting_for(request)
    partner_id = acting.id if acting else None
    views = queries.visible_saved_views(request.user, list_key, partner_id)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "list_key": list_key,
        "views": [(view, f"{request.path}?{view.query}" if view.query else request.path) for view in views],
        "scopes": rules.saved_view_scopes(request.user, partner_id),
        "current": queries.clean_query(request.GET.urlencode()),
        "user": request.user,
    }
