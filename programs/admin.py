"""Tiers on the staff's side: the four definitions, who holds which, and assigning one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.queries import scope_for
from prm.core.errors import DomainError
from prm.web.admin_site import site
from prm.web.guards import require
from prm.web.record_admin import RecordAdmin
from prm.web.rendering import page
from programs.forms.tier import AssignTierForm
from programs.models import Tier, TierAssignment
from programs.rules.tier import can_assign_tier
from programs.services.tier import assign_tier


@admin.register(Tier)
class TierAdmin(RecordAdmin):
    list_display = ("name", "rank", "margin_points", "protection_cap")
    ordering = ("rank",)


@admin.register(TierAssignment)
class TierAssignmentAdmin(RecordAdmin):
    list_display = ("partner", "tier", "starts_on", "ends_on", "assigned_by", "reason")
    list_select_related = ("partner", "tier", "assigned_by")
    list_filter = ("tier",)
    exact = ("partner__ref",)
    text = ("partner__sort_name",)
    change_list_template = "admin/add_list.html"

    def rows_for(self, user: Any) -> QuerySet[TierAssignment]:
        return scope_for(user).narrow(TierAssignment.objects.select_related("partner", "tier", "assigned_by"))

    def pages(self) -> list[URLPattern]:
        return [self.page("assign/", assign, "assign")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        url = self.url("assign") if can_assign_tier(request.user) else ""
        return super().changelist_view(request, {**(extra_context or {}), "own_add_url": url, "own_add": _("Assign a tier")})


def assign(request: HttpRequest) -> HttpResponse:
    """Which partner, which tier, from when, until when, why."""
    require(can_assign_tier(request.user))
    back = reverse("admin:programs_tierassignment_changelist")
    sent = request.POST if request.method == "POST" else None
    given = {"partner": request.GET.get("partner", "")[:200]}
    form = AssignTierForm(sent, user=request.user, today=timezone.localdate(), initial=given)
    if form.is_valid():
        data = form.cleaned_data
        try:
            row = assign_tier(**data, by=request.user)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("%(partner)s is %(tier)s now.") % {"partner": row.partner, "tier": row.tier})
            return redirect(back)
    context = {**site.each_context(request), "title": _("Assign a tier"), "form": form, "button": _("Assign"), "back_url": back}
    return page(request, "admin/form.html", context, status=422 if form.errors else 200)
