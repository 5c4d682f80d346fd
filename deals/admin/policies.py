"""The policy: its versions, and publishing the next one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.admin.pages import page, run
from deals.forms.review import PolicyForm
from deals.models import Policy
from deals.queries.policy import policy_at, rules_of
from deals.rules.review import can_publish_policy, can_see_records
from deals.services.policy import publish_policy
from prm.web.guards import require
from prm.web.record_admin import RecordAdmin


@admin.register(Policy)
class PolicyAdmin(RecordAdmin):
    """Every version as it was published; a change is a new version."""

    list_display = ("version", "effective_from", "published_by", "created_at")
    list_select_related = ("published_by",)
    ordering = ("-version",)
    change_list_template = "admin/add_list.html"
    change_form_template = "deals/review/policy.html"
    facts = ("version", "effective_from", "published_by", "created_at")

    def sees(self, user: Any) -> bool:
        return can_see_records(user) or can_publish_policy(user)

    def pages(self) -> list[URLPattern]:
        return [self.page("publish/", publish, "publish")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        url = self.url("publish") if can_publish_policy(request.user) else ""
        extra = {"title": _("Policy"), "own_add_url": url, "own_add": _("Publish a new version")}
        return super().changelist_view(request, {**(extra_context or {}), **extra})

    def more(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        labels = PolicyForm.base_fields
        values = rules_of(obj)
        rows = [(labels[name].label, getattr(values, name)) for name in values.__dataclass_fields__ if name in labels]
        return {"title": _("Policy, version %(version)d") % {"version": obj.version}, "values": rows}


def publish(request: HttpRequest) -> HttpResponse:
    """The form stands on what is in force; publishing makes the next version."""
    require(can_publish_policy(request.user))
    present = policy_at(timezone.now())
    given: dict[str, Any] = {"rules": rules_of(present), "text": present.text if present else ""}
    form = PolicyForm(request.POST if request.method == "POST" else None, **given)
    context = {"title": _("Publish a new version"), "form": form, "present": present}
    if request.method != "POST":
        return page(request, "deals/review/policy_form.html", context)
    if not run(form, lambda data: publish_policy(data["text"], form.rules(), form.starts(), by=request.user)):
        return page(request, "deals/review/policy_form.html", context, status=422)
    messages.success(request, _("The new version is published."))
    return redirect("admin:deals_policy_changelist")
