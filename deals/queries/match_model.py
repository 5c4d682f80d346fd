"""The engine's models as pages show them: the door, the table of before and after, what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.enums import MODEL_STEPS, ModelStatus
from deals.models import MatchModel
from deals.queries.learned import current_model
from deals.rules.verdict import can_publish_model, can_see_engine
from partners.queries.access import one_or_not_visible
from prm.core.errors import NotVisible
from prm.web import counts
from prm.web.components import formats
from prm.web.counts import Bounded

FIGURES = {
    "likely": gettext_lazy("Threshold: from this score a person looks"),
    "bias": gettext_lazy("Base"),
    "precision": gettext_lazy("Precision on judged pairs, %"),
    "recall": gettext_lazy("Recall on judged pairs, %"),
    "log_loss": gettext_lazy("Log loss on judged pairs"),
}
REGISTRAR = {
    "caught": gettext_lazy("Known duplicates found, %"),
    "caught_certain": gettext_lazy("of them certain, %"),
    "new_to_review": gettext_lazy("New names sent to a person, %"),
    "new_declined": gettext_lazy("New names declined, %"),
}
TEXTS = {
    "same_name": gettext_lazy("same name"),
    "shared_words": gettext_lazy("weight of shared words"),
    "spelling": gettext_lazy("alike in spelling"),
    "first_word": gettext_lazy("same first word"),
    "rare_word": gettext_lazy("a rare word shared"),
    "acronym": gettext_lazy("one is the initials of the other"),
    "begins": gettext_lazy("one begins with the other"),
    "begins_long": gettext_lazy("one begins with several words of the other"),
    "same_head": gettext_lazy("same up to a legal form inside"),
    "rare_extra": gettext_lazy("a telling word more"),
    "after_extra": gettext_lazy("goes on with a telling word"),
    "both_extra": gettext_lazy("each has a telling word of its own"),
    "other_figures": gettext_lazy("other numbers in the name"),
    "other_note": gettext_lazy("other remark in brackets"),
    "other_form": gettext_lazy("other legal form"),
    "foreign_form": gettext_lazy("legal form of another country"),
    "other_place": gettext_lazy("a place more"),
    "everyday_word": gettext_lazy("only one everyday word shared"),
    "same_domain": gettext_lazy("same web domain"),
    "same_number": gettext_lazy("same registration number"),
    "same_country": gettext_lazy("same country"),
    "same_city": gettext_lazy("same city"),
    "same_street": gettext_lazy("same street"),
    "same_phone": gettext_lazy("same phone"),
    "other_domain": gettext_lazy("other web domain"),
    "other_number": gettext_lazy("other registration number"),
    "other_country": gettext_lazy("other country"),
    "other_city": gettext_lazy("other city"),
    "other_site": gettext_lazy("other site"),
}
SAID = {
    "publish": (gettext_lazy("Use this model"), gettext_lazy("Every check from now on goes by it. It can be taken back.")),
    "retire": (gettext_lazy("Put aside"), gettext_lazy("Where it is in use, the shipped model holds again.")),
}


@dataclass(frozen=True)
class Compared:
    """One line of the table, its figures as they are read; `moved`: the two differ."""

    label: str
    before: str
    after: str

    @property
    def moved(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Versions:
    """Of which models the two columns are, and which one checks go by now."""

    before: str
    after: str
    in_use: str
    overtaken: bool  # it may be chosen, and another model than the one it was compared with is in use


def get_model(user: Any, ref: str) -> MatchModel:
    """The door. Raises NotVisible."""
    if not can_see_engine(user):
        raise NotVisible
    rows = MatchModel.objects.select_related("proposed_by", "published_by", "retired_by")
    return one_or_not_visible(rows, ref)


def proposed_size(user: Any) -> Bounded | None:
    """Proposals that wait for a person; None: not for this user."""
    return counts.bounded(MatchModel.objects.filter(status=ModelStatus.PROPOSED)) if can_publish_model(user) else None


def table_of(row: MatchModel) -> dict[str, list[Compared]]:
    """Figures, the registrar's figures where a folder was given, and weights; before beside after."""
    before, after = row.comparison.get("before", {}), row.comparison.get("after", {})
    fitted = after.get("weights", {})
    weights = {**TEXTS, **{name: name for name in fitted if name not in TEXTS}}
    return {
        "figures": _compared(FIGURES, before, after),
        "registrar": _compared(REGISTRAR, before.get("registrar", {}), after.get("registrar", {})),
        "weights": _compared(weights, before.get("weights", {}), fitted),
    }


def _compared(names: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Compared]:
    return [
        Compared(str(label), _figure(before.get(name)), _figure(after[name])) for name, label in names.items() if name in after
    ]


def _figure(value: float | None) -> str:
    """With three decimals at most, and none that say nothing."""
    return "–" if value is None else formats.number(Decimal(str(round(value, 3))).normalize() + 0)


def versions_of(row: MatchModel) -> Versions:
    """One query."""
    before, in_use = str(row.comparison.get("before", {}).get("version", "")), current_model().version
    overtaken = bool(before) and row.status != ModelStatus.PUBLISHED and in_use != before
    return Versions(before, row.version, in_use, overtaken)


def steps_of(row: MatchModel) -> list[dict[str, str]]:
    """The buttons: those steps that start from its status."""
    return [
        {"verb": step.name, "label": str(SAID[step.name][0]), "text": str(SAID[step.name][1])}
        for step in MODEL_STEPS.open_from(row.status)
    ]


def life_of(row: MatchModel) -> list[dict[str, Any]]:
    """The steps component: proposed, in use, retired."""
    done = list(ModelStatus.values).index(row.status)
    when = [
        (row.created_at, row.proposed_by or _("by a command")),
        (row.published_at, row.published_by),
        (row.retired_at, row.retired_by),
    ]
    return [
        {
            "label": str(label),
            "state": "now" if place == done else "done" if at and place < done else "todo",
            "who": str(who or ""),
            "at": at,
        }
        for place, (label, (at, who)) in enumerate(zip(ModelStatus.labels, when, strict=True))
    ]
