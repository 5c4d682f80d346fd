"""A merge as pages show it: two customers side by side, what it moved, the doors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from deals.models import Customer, CustomerMerge, Deal, Opportunity, ProtectedLine, Sale
from deals.queries.conflict import identity_of_customer
from deals.queries.verdict import compare_pair
from deals.rules.verdict import can_see_engine
from deals.rules.wording import FIELD_NAMES, terms_in_words
from partners.queries.access import one_or_not_visible
from prm.core.errors import NotVisible
from prm.matching import Comparison

FACTS = ("name", "domain", "registration_number", "country", "city", "street", "postcode", "phone")
HANGING: dict[str, tuple[type[Model], Any]] = {
    "deals": (Deal, gettext_lazy("Deals")),
    "opportunities": (Opportunity, gettext_lazy("Opportunities")),
    "sales": (Sale, pgettext_lazy("orders", "Sales")),
    "protections": (ProtectedLine, gettext_lazy("Protected lines")),
}


@dataclass(frozen=True)
class Line:
    """One fact or number of both customers; `state` is same, differs or "" (one side does not know)."""

    label: str
    keep: Any
    other: Any
    state: str = ""


@dataclass(frozen=True)
class PairShown:
    """Two customers side by side, how alike they are, and what hangs on each."""

    keep: Customer
    other: Customer
    found: Comparison
    lines: list[Line]
    counts: list[Line]

    @cached_property
    def _words(self) -> tuple[list[str], list[str]]:
        return terms_in_words(reason.as_json() for reason in self.found.reasons())

    @property
    def because(self) -> list[str]:
        """What speaks for one customer."""
        return self._words[0]

    @property
    def against(self) -> list[str]:
        return self._words[1]


def pair_of(keep: Customer, other: Customer) -> PairShown:
    """All that the page of a merge shows. Seven queries."""
    labels = {**FIELD_NAMES, "name": _("name"), "postcode": _("postcode"), "phone": _("phone")}
    lines = []
    for name in FACTS:
        one, two = getattr(keep, name), getattr(other, name)
        if one or two:
            state = "" if not (one and two) else "same" if str(one).casefold() == str(two).casefold() else "differs"
            lines.append(Line(str(labels[name]), getattr(one, "name", one), getattr(two, "name", two), state))
    lines.append(Line(_("also known as"), _known_as(keep), _known_as(other)))
    found = compare_pair(identity_of_customer(keep), identity_of_customer(other))
    return PairShown(keep, other, found, lines, _hanging(keep, other))


def _known_as(customer: Customer) -> str:
    """Names, then domains."""
    aliases = sorted(customer.aliases.all()[:20], key=lambda alias: (not alias.name, alias.name or alias.domain))
    return ", ".join(alias.name or alias.domain for alias in aliases)


def _hanging(keep: Customer, other: Customer) -> list[Line]:
    found = []
    for model, label in HANGING.values():
        rows = model._default_manager.filter(customer__in=[keep.pk, other.pk]).order_by()
        by = dict(rows.values_list("customer").annotate(Count("pk")))
        found.append(Line(str(label), by.get(keep.pk, 0), by.get(other.pk, 0)))
    return found


def moved_by(row: CustomerMerge) -> list[tuple[str, int]]:
    """(what, how many) of a merge."""
    return [(str(label), len(row.moved[name])) for name, (_model, label) in HANGING.items() if row.moved.get(name)]


def get_merge(user: Any, ref: str) -> CustomerMerge:
    """The door to a merge. Raises NotVisible."""
    if not can_see_engine(user):
        raise NotVisible
    return one_or_not_visible(CustomerMerge.objects.select_related("kept", "merged", "by", "undone_by"), ref)


def merges_of(customer: Customer) -> list[CustomerMerge]:
    """What was merged into this customer, newest first."""
    return list(customer.merges.select_related("merged", "by", "undone_by")[:20])
