"""How well the duplicate engine agrees with people: its findings against their words, month by month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from deals.enums import Judged
from deals.models import IdentityVerdict

LISTED = 100
FOUND = ("certain", "likely")


@dataclass(frozen=True)
class Agreement:
    """Judged pairs of one month (None: of all time) by what the engine had said of them and what a person says."""

    month: date | None
    certain_same: int = 0
    certain_different: int = 0
    likely_same: int = 0
    likely_different: int = 0
    unlikely_same: int = 0
    unlikely_different: int = 0

    @property
    def judged(self) -> int:
        return self.found + self.unlikely_same + self.unlikely_different

    @property
    def found(self) -> int:
        """What the engine had brought before a person or declined."""
        return self.certain_same + self.certain_different + self.likely_same + self.likely_different

    @property
    def precision(self) -> float | None:
        """Per cent of what was found that is the same; None when nothing was found."""
        return _percent(self.certain_same + self.likely_same, self.found)

    @property
    def recall(self) -> float | None:
        """Per cent of the same that was found; None when nothing was the same."""
        right = self.certain_same + self.likely_same
        return _percent(right, right + self.unlikely_same)

    def as_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in COUNTED}
        month = self.month.strftime("%Y-%m") if self.month else None
        return {"month": month, "judged": self.judged, **counts, "precision": self.precision, "recall": self.recall}


COUNTED = tuple(f"{certainty}_{word}" for certainty in (*FOUND, "unlikely") for word in Judged.values)


@dataclass(frozen=True)
class VerdictReport:
    """Newest month first; `disagreements` are the newest hundred where a person says otherwise than the engine."""

    total: Agreement
    months: list[Agreement]
    disagreements: list[IdentityVerdict]


def verdict_report() -> VerdictReport:
    """Over the words in force. Two queries."""
    counts = {
        f"{certainty}_{word}": Count("pk", filter=Q(certainty=certainty, verdict=word))
        for certainty in (*FOUND, "unlikely")
        for word in Judged.values
    }
    rows = IdentityVerdict.objects.standing().order_by().annotate(month=TruncMonth("at")).values("month").annotate(**counts)
    months = [Agreement(**{**row, "month": row["month"].date()}) for row in rows.order_by("-month")]
    return VerdictReport(_sum(months), months, _disagreements())


def _sum(months: Iterable[Agreement]) -> Agreement:
    rows = list(months)
    return Agreement(None, **{name: sum(getattr(row, name) for row in rows) for name in COUNTED})


def _disagreements() -> list[IdentityVerdict]:
    wrong = Q(certainty__in=FOUND, verdict=Judged.DIFFERENT) | Q(certainty="unlikely", verdict=Judged.SAME)
    rows = IdentityVerdict.objects.standing().filter(wrong).select_related("customer", "other", "deal", "by")
    return list(rows.order_by("-at", "-pk")[:LISTED])


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
