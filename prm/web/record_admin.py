"""Read-only record pages of the admin site: a bounded list, exact search first, one page of facts. Services change things."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext

from prm.core.errors import NotVisible
from prm.web.components.formats import moment
from prm.web.counts import LIMIT
from prm.web.history import Changed, changes_below, changes_of

MOST = 200
TRIGRAM = 3  # letters
SUFFIXES = ("", "__exact", "__isnull", "__gte", "__lt", "__id__exact", "__pk__exact")


class BoundedPaginator(Paginator):
    """Counts to a thousand at most: a list shows the newest thousand, and search finds the rest."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.order_by().values("pk")[: LIMIT + 1]) if isinstance(rows, QuerySet) else len(rows)


class RecordAdmin(admin.ModelAdmin):
    """Staff look, nobody edits. A subclass names the columns, what search looks at, and who sees which rows."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_facets = admin.ShowFacets.NEVER
    actions = None
    sortable_by: Sequence[str] = ()
    ordering = ("-pk",)  # keys are UUIDv7, so this is by time
    exact: Sequence[str] = ()
    text: Sequence[str] = ()
    facts: Sequence[str] = ()
    kept_below: Sequence[str] = ()  # reverse names of rows whose earlier states stand on this page

    def sees(self, user: Any) -> bool:
        """Whether the list is for this member of staff at all."""
        return bool(user.is_staff)

    def rows_for(self, user: Any) -> QuerySet:
        """The rows behind this user's door."""
        return self.model._default_manager.all()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.rows_for(request.user).order_by(*self.get_ordering(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff and self.sees(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        return [*self.exact, *self.text]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """What is exactly this (a ref, an order number) as typed, in capitals or in small letters; when nothing is, what
        contains it, or begins with it where it is too short for an index to find it inside."""
        term = search_term.strip()[:MOST]
        if not term:
            return queryset, False
        found = queryset.filter(_any(self.exact, "in", {term, term.upper(), term.lower()})) if self.exact else queryset.none()
        if not self.text or found.exists():
            return found, False
        return queryset.filter(reduce(or_, (self._containing(path, term) for path in self.text))), False

    def _containing(self, path: str, term: str) -> Q:
        """Of a table pointed at, the rows are found first: a condition over two tables is one that no index answers."""
        lookup = "icontains" if len(term) >= TRIGRAM else "istartswith"
        link, _, column = path.partition("__")
        if not column:
            return Q(**{f"{path}__{lookup}": term})
        there = self.model._meta.get_field(link).related_model._default_manager.filter(**{f"{column}__{lookup}": term})
        return Q(**{f"{link}__in": list(there.order_by().values_list("pk", flat=True))})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters the list offers."""
        names = [item if isinstance(item, str) else item[0] for item in self.list_filter]
        return any(lookup == name + suffix for name in names for suffix in SUFFIXES)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if any("\x00" in value for key in request.GET for value in request.GET.getlist(key)):
            return HttpResponseRedirect(request.path)
        return super().changelist_view(request, {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """The list and the page of one row; no history, no deletion, nothing to add."""
        return [
            self.page("", self.changelist_view, "changelist"),
            *self.pages(),
            self.page("<path:object_id>/change/", self.change_view, "change"),
        ]

    def pages(self) -> list[URLPattern]:
        """Further pages of this noun."""
        return []

    def page(self, route: str, view: Any, name: str) -> URLPattern:
        full = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(route, self.admin_site.admin_view(view), name=full)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if obj is None:
            raise NotVisible
        context = {**self.admin_site.each_context(request), "title": str(obj), "opts": self.opts, "object": obj}
        context.update(facts=self.facts_of(request, obj), back_url=self.url("changelist"), history=self.history_of(obj))
        context.update(self.more(request, obj))
        return render(request, self.change_form_template or "admin/record.html", context)

    def history_of(self, obj: Any) -> list[Changed]:
        """Earlier states of the row and of those in `kept_below`, newest first."""
        return sorted([*changes_of(obj), *changes_below(obj, self.kept_below)], key=lambda row: row.at, reverse=True)

    def more(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Further context of the page of one row."""
        return {}

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def facts_of(self, request: HttpRequest, obj: Any) -> list[tuple[str, Any]]:
        """(label, value) of each of `facts`, default: every column."""
        names = self.facts or [field.name for field in self.opts.concrete_fields if field.name != "id"]
        return [(capfirst(label_for_field(name, self.model, self)), self._shown(request, obj, name)) for name in names]

    def _shown(self, request: HttpRequest, obj: Any, name: str) -> Any:
        field, _attribute, value = lookup_field(name, obj, self)
        if value in (None, ""):
            return self.admin_site.empty_value_display
        if field is None or not isinstance(field, models.Field):
            return value
        if isinstance(field, models.ForeignKey):
            return self.link_to(request, value)
        if isinstance(field, models.DateTimeField):
            return moment(value)
        if isinstance(field, models.BooleanField):
            return gettext("yes") if value else gettext("no")
        if isinstance(field, models.JSONField):
            return format_html("<pre>{}</pre>", json.dumps(value, ensure_ascii=False, indent=1))
        return display_for_field(value, field, self.admin_site.empty_value_display)

    def link_to(self, request: HttpRequest, obj: models.Model) -> Any:
        """The row by name, linked where this user may look at it."""
        other = self.admin_site._registry.get(type(obj))
        if not isinstance(other, RecordAdmin) or not other.has_view_permission(request):
            return str(obj)
        try:
            return format_html('<a href="{}">{}</a>', other.url("change", obj.pk), obj)
        except NoReverseMatch:
            return str(obj)


def _any(paths: Iterable[str], lookup: str, value: Any) -> Q:
    return reduce(or_, (Q(**{f"{name}__{lookup}": value}) for name in paths))
