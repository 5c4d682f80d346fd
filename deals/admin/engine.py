"""The duplicate engine: how it agrees with people, what it goes by, and publishing other weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_countries import countries

from deals.admin.pages import page, run
from deals.forms.engine import ModelReasonForm
from deals.models import CustomerMerge, IdentityVerdict, MatchModel
from deals.queries import match_model as queries
from deals.queries.learned import current_model
from deals.reports import verdict_report
from deals.rules.verdict import FACTS, can_publish_model, can_see_engine
from deals.rules.wording import FIELD_NAMES
from deals.services.match_model import publish_model, retire_model
from prm.core.errors import NotVisible, StaleState
from prm.web.admin_site import Queue, site
from prm.web.components.formats import number
from prm.web.components.status import badge
from prm.web.guards import require
from prm.web.record_admin import RecordAdmin

STEPS = {
    "publish": (publish_model, gettext_lazy("Version %(version)s is in use now.")),
    "retire": (retire_model, gettext_lazy("Version %(version)s is out of use.")),
}
CERTAINTIES = {
    "certain": gettext_lazy("Certain"),
    "likely": gettext_lazy("Likely"),
    "unlikely": gettext_lazy("Unlikely"),
}
RULES = {
    "same_number": gettext_lazy("same registration number and country"),
    "same_domain": gettext_lazy("same web domain"),
    "same_name": gettext_lazy("same name, and a rare one"),
    "common_name": gettext_lazy("same name, but a common one"),
    "look_alike": gettext_lazy("names that only look the same"),
    "contradicted": gettext_lazy("same name or web domain, but something contradicts"),
    "score": gettext_lazy("the score reaches the threshold"),
    "none": gettext_lazy("the score stays below the threshold"),
}


@require_safe
def report_page(request: HttpRequest) -> HttpResponse:
    """Precision and recall on the judged pairs, where people disagree, and the models."""
    require(can_see_engine(request.user))
    context = {
        "title": _("Duplicate engine"),
        "report": verdict_report(),
        "model": current_model(),
        "models": list(MatchModel.objects.select_related("published_by")[:20]),
    }
    return page(request, "deals/engine/report.html", context)


@require_safe
def model_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One model: before and after, and what may be done with it."""
    return page(request, "deals/engine/model.html", _context(request, queries.get_model(request.user, ref)))


def _context(request: HttpRequest, row: MatchModel, form: ModelReasonForm | None = None) -> dict[str, Any]:
    may = can_publish_model(request.user)
    return {
        "title": _("Model, version %(version)s") % {"version": row.version},
        "model": row,
        "table": queries.table_of(row),
        "versions": queries.versions_of(row),
        "form": form or ModelReasonForm(),
        "steps": queries.steps_of(row) if may else [],
        "may": may,
        "life": queries.life_of(row),
    }


@require_POST
def model_step(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Publish or retire, with a reason."""
    row = queries.get_model(request.user, ref)
    if verb not in STEPS:
        raise NotVisible
    require(can_publish_model(request.user))
    call, said = STEPS[verb]
    form = ModelReasonForm(request.POST)
    try:
        done = run(form, lambda data: call(row, by=request.user, reason=data["reason"]))
    except StaleState as error:
        messages.error(request, str(error))
        return redirect("admin:deals_model", ref)
    if not done:
        fresh = queries.get_model(request.user, ref)
        return page(request, "deals/engine/model.html", _context(request, fresh, form), status=422)
    messages.success(request, said % {"version": row.version})
    return redirect("admin:deals_model", ref)


class EngineRecords(RecordAdmin):
    """For staff who answer for the engine."""

    def sees(self, user: Any) -> bool:
        return can_see_engine(user)


@admin.register(IdentityVerdict)
class IdentityVerdictAdmin(EngineRecords):
    """Every judged pair, also those taken back."""

    list_display = ("asked_name", "known_name", "shown_verdict", "shown_certainty", "shown_status", "judged_by", "at", "ref")
    list_select_related = ("by",)
    list_filter = ("verdict", "status", "source")
    exact = ("ref", "deal__ref", "customer__ref")
    text = ("core",)
    search_help_text = gettext_lazy("Number of the pair, deal or customer, or a part of the name")
    facts = (
        "shown_asked", "shown_known", "shown_verdict", "shown_status", "source", "shown_certainty", "shown_score", "shown_rule",
        "shown_features", "engine_version", "customer", "other", "deal", "judged_by", "at", "ended_by", "ended_at",
    )  # fmt: skip

    @admin.display(description=gettext_lazy("asked"))
    def asked_name(self, obj: IdentityVerdict) -> str:
        return str(obj.asked.get("name", ""))

    @admin.display(description=gettext_lazy("known"))
    def known_name(self, obj: IdentityVerdict) -> str:
        return str(obj.known.get("name", ""))

    @admin.display(description=gettext_lazy("verdict"))
    def shown_verdict(self, obj: IdentityVerdict) -> str:
        return obj.get_verdict_display()

    @admin.display(description=gettext_lazy("status"))
    def shown_status(self, obj: IdentityVerdict) -> Any:
        return badge(obj.status, obj.get_status_display())

    @admin.display(description=gettext_lazy("Judged by"))
    def judged_by(self, obj: IdentityVerdict) -> str:
        return str(obj.by)

    @admin.display(description=gettext_lazy("certainty"))
    def shown_certainty(self, obj: IdentityVerdict) -> str:
        return str(CERTAINTIES.get(obj.certainty, obj.certainty))

    @admin.display(description=gettext_lazy("rule"))
    def shown_rule(self, obj: IdentityVerdict) -> str:
        return str(RULES.get(obj.rule, obj.rule))

    @admin.display(description=gettext_lazy("score"))
    def shown_score(self, obj: IdentityVerdict) -> str:
        return number(obj.score, 2)

    @admin.display(description=gettext_lazy("asked"))
    def shown_asked(self, obj: IdentityVerdict) -> SafeString | str:
        return _facts_list(obj.asked)

    @admin.display(description=gettext_lazy("known"))
    def shown_known(self, obj: IdentityVerdict) -> SafeString | str:
        return _facts_list(obj.known)

    @admin.display(description=gettext_lazy("features"))
    def shown_features(self, obj: IdentityVerdict) -> SafeString | str:
        """What they had in common and what not, the most first."""
        found = sorted(((name, round(100 * value)) for name, value in obj.features.items()), key=lambda row: -row[1])
        return _list((queries.TEXTS.get(name, name), f"{number(percent)} %") for name, percent in found if percent)


def _facts_list(facts: Mapping[str, str]) -> SafeString | str:
    words = {**facts, "country": countries.name(facts.get("country", ""))}
    return _list((FIELD_NAMES[name], words[name]) for name in FACTS if words.get(name))


def _list(rows: Iterable[tuple[Any, Any]]) -> SafeString | str:
    lines = format_html_join("", "<li>{}: {}</li>", rows)
    return format_html('<ul class="plain">{}</ul>', lines) if lines else site.empty_value_display


@admin.register(CustomerMerge)
class CustomerMergeAdmin(EngineRecords):
    """Every merge; its page says what went over and takes it apart."""

    list_display = ("kept", "merged", "shown_status", "merged_by", "at", "ref")
    list_select_related = ("kept", "merged", "by")
    list_filter = ("status",)
    exact = ("ref", "kept__ref", "merged__ref")
    text = ("kept__name", "merged__name")
    search_help_text = gettext_lazy("Number of the merge or customer, or a part of the name")

    def rows_for(self, user: Any) -> QuerySet[CustomerMerge]:
        return CustomerMerge.objects.all()

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if row is None:
            raise NotVisible
        return HttpResponseRedirect(reverse("admin:deals_merge", args=[row.ref]))

    @admin.display(description=gettext_lazy("status"))
    def shown_status(self, obj: CustomerMerge) -> Any:
        return badge(obj.status, obj.get_status_display(), icon="check" if obj.status == "done" else "undo-2")

    @admin.display(description=gettext_lazy("Merged by"))
    def merged_by(self, obj: CustomerMerge) -> str:
        return str(obj.by)


site.register_page("deals/engine/", report_page, "deals_engine")
site.register_page("deals/engine/<str:ref>/", model_page, "deals_model")
site.register_page("deals/engine/<str:ref>/<slug:verb>/", model_step, "deals_model_step")
site.register_queue(
    Queue(
        key="deals_engine",
        label=gettext_lazy("Duplicate engine"),
        url_name="admin:deals_engine",
        icon="scan-search",
        order=60,
        count="deals.queries.match_model.proposed_size",
        note=gettext_lazy("proposed models to decide"),
        seen="deals.rules.verdict.can_see_engine",
    )
)
