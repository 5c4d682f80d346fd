"""Filters of the deal lists; each is a whitelist, and what it does not know it ignores with a word."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from deals.enums import DealNature, DealStatus

REF = re.compile(r"D-[0-9A-Z]{8}", re.IGNORECASE | re.ASCII)
WAITS = "todo"  # the one chip that is about the reader: `waits_on`
GROUPS: dict[str, tuple[str, ...]] = {
    "undecided": (DealStatus.SUBMITTED, DealStatus.WAITING, DealStatus.IN_REVIEW),
    "approved": (DealStatus.APPROVED,),
    "won": (DealStatus.WON, DealStatus.BOOKED),
    "declined": (DealStatus.DECLINED,),
    "ended": (
        DealStatus.LOST,
        DealStatus.EXPIRED,
        DealStatus.RELEASED,
        DealStatus.WITHDRAWN,
        DealStatus.LAPSED,
        DealStatus.REVOKED,
        DealStatus.TRANSFERRED,
        DealStatus.REVERSED,
    ),
}
GROUP_LABELS = [
    ("", _("All")),
    (WAITS, _("Waiting on me")),
    ("undecided", _("In decision")),
    ("approved", _("Protected")),
    ("won", _("Won")),
    ("declined", _("Declined")),
    ("ended", _("Ended")),
]


def in_group(rows: QuerySet[Any], group: str, mine: Q) -> QuerySet[Any]:
    """Rows of one chip; an unknown chip is all. mine: what waits on the reader."""
    if group == WAITS:
        return rows.filter(mine)
    return rows.filter(status__in=GROUPS[group]) if group in GROUPS else rows


class ParticipantFilter(django_filters.FilterSet):
    """Over participant rows: their own columns first, the deal's for the rest."""

    q = django_filters.CharFilter(method="search", label=_("Search"))
    nature = django_filters.ChoiceFilter(field_name="nature", choices=DealNature.choices, label=_("Nature"))
    expiring = django_filters.NumberFilter(method="soon", label=_("Protection ends within days"))
    mine = django_filters.BooleanFilter(method="only_mine", label=_("Only mine"))

    def __init__(self, *args: Any, user: Any, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today

    @property
    def reads_all(self) -> bool:
        """Whether finding these rows means reading the partner's own rows from end to end, from an index of theirs."""
        values = getattr(self.form, "cleaned_data", {})
        return bool(values.get("q"))

    def search(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By a part of the ref, of the customer's or of the project's name."""
        text = value.replace("\x00", "").strip()[:100]
        if not text:
            return rows
        if REF.fullmatch(text):
            return rows.filter(deal__ref=text.upper())
        return rows.filter(search__icontains=text)

    def soon(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        if not 0 <= value <= 3650:
            return rows
        return rows.filter(status=DealStatus.APPROVED, protected_until__lte=self.today + timedelta(days=int(value)))

    def only_mine(self, rows: QuerySet[Any], name: str, value: bool | None) -> QuerySet[Any]:
        return rows.filter(owner=self.user) if value else rows
