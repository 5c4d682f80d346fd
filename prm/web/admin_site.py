"""Review and configuration: the staff's side, on Django's admin with our tokens, menu and sign-in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Queue:
    """One queue on the index and in the menu: data only.

    `count` is the dotted name of `fn(user) -> number`, which may say None: not for this user. `detail` is the dotted name
    of `fn(user) -> str`, a line under the count; `seen` of `fn(user) -> bool`, who has it in the menu (default: all staff);
    `first` of `fn(user) -> list of {"label", "url", "note", "due", "late_days"}`, what stands in front, shown on the index.
    """

    key: str
    label: str
    url_name: str
    icon: str = "list"
    order: int = 100
    count: str = ""
    note: str = ""
    detail: str = ""
    seen: str = ""
    first: str = ""


class ReviewSite(admin.AdminSite):
    """The one admin site; `django.contrib.admin.site` is this, so `@admin.register` works as ever."""

    site_header = _("Review and configuration")
    site_title = _("Review and configuration")
    index_title = _("Today")
    site_url = "/"
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.queues: dict[str, Queue] = {}
        self.pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {}
        self.login = secure_admin_login(self.login)  # type: ignore[method-assign]

    def register_queue(self, *queues: Queue) -> None:
        """Put queues on the index; the same key again replaces."""
        self.queues.update({queue.key: queue for queue in queues})

    def register_page(self, route: str, view: Callable[..., HttpResponse], name: str) -> None:
        """Put a page of our own under the site, for signed-in staff: `register_page("deals/review/", review, "deals_review")`."""
        self.pages[name] = (route, view)

    def get_urls(self) -> list[Any]:
        ours = [path(route, self.admin_view(view), name=name) for name, (route, view) in self.pages.items()]
        return [*ours, *super().get_urls()]

    def links(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The queues in order, without counts: what the menu shows."""
        found = []
        for queue in sorted(self.queues.values(), key=lambda queue: (queue.order, queue.key)):
            if queue.seen and not import_string(queue.seen)(request.user):
                continue
            try:
                url = reverse(queue.url_name)
            except NoReverseMatch:
                continue
            found.append({"queue": queue, "url": url, "active": request.path == url})
        return found

    def counted(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The queues with what waits in each; those whose count is None are not for this user."""
        rows = []
        for row in self.links(request):
            name = row["queue"].count
            count = import_string(name)(request.user) if name else ""
            if count is not None:
                detail = import_string(row["queue"].detail)(request.user) if row["queue"].detail else row["queue"].note
                first = import_string(row["queue"].first)(request.user) if row["queue"].first and count else []
                rows.append({**row, "count": count, "detail": detail, "first": first})
        return rows

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        context["queues"] = SimpleLazyObject(lambda: self.links(request))
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().index(request, {**(extra_context or {}), "counted_queues": self.counted(request)})

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Passwords are changed on the product's own page, whose fields have labels."""
        return HttpResponseRedirect(reverse("account_change_password"))


site: ReviewSite = admin.site  # type: ignore[assignment]
