"""Mail on the staff's side: the admin lists it in its menu, our own pages show it."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from prm.mail import rules
from prm.mail.models import Message, Suppression
from prm.mail.views import outbox
from prm.web.admin_site import Queue, site


class Pages(admin.ModelAdmin):
    """Only our own pages; nothing is added, edited or deleted as a bare row."""

    def has_module_permission(self, request: Any) -> bool:
        return rules.can_see_outbox(request.user)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return rules.can_see_outbox(request.user)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def page(self, route: str, view: Any, name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(view), name=f"mail_{self.opts.model_name}_{name}")


@admin.register(Message)
class MessageAdmin(Pages):
    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("", outbox.outbox, "changelist"),
            self.page("attention/", outbox.attention, "attention"),
            self.page("retry/", outbox.retry_selected, "retry_selected"),
            self.page("<str:ref>/", outbox.message, "change"),
            self.page("<str:ref>/html/", outbox.message_html, "html"),
            self.page("<str:ref>/retry/", outbox.message_retry, "retry"),
            self.page("<str:ref>/confirm/", outbox.message_confirm, "confirm"),
        ]


@admin.register(Suppression)
class SuppressionAdmin(Pages):
    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("", outbox.suppressions, "changelist"),
            self.page("<uuid:pk>/lift/", outbox.suppression_lift, "lift"),
        ]


site.register_queue(
    Queue(
        key="mail",
        label=_("Mails that failed"),
        url_name="admin:mail_message_attention",
        icon="mail-x",
        order=900,
        count="prm.mail.queries.needs_attention",
        seen="prm.mail.rules.can_see_outbox",
        note=_("Failed, or nobody knows whether they arrived"),
    )
)
