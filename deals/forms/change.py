"""New key facts of an approved deal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from deals.forms.deal import BaseLineFormSet, CleanText, line_formset, own_website
from deals.models import Deal
from deals.rules.change import TEXTS, KeyFacts, LineWanted


class ChangeForm(forms.Form):
    """What the protection rests on, as it stands; what differs afterwards is the change."""

    customer_name = CleanText(most=300, label=_("Customer"))
    website = CleanText(most=253, required=False, label=_("Website"))
    country = forms.ChoiceField(label=_("Country"), choices=lambda: [("", "—"), *countries])
    registration_number = CleanText(most=40, required=False, label=_("Registration number"))
    city = CleanText(most=100, required=False, label=_("City or site"))
    project = CleanText(most=200, required=False, label=_("Project"))
    reason = CleanText(most=500, lines=True, required=False, label=_("Why it changes"), widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)

    def clean_website(self) -> str:
        return own_website(self.cleaned_data["website"])

    def facts(self, lines: BaseLineFormSet, deal: Deal) -> KeyFacts:
        """What the service takes; untouched lines leave the deal's amount as the pipeline keeps it."""
        wanted = tuple(LineWanted(row.product.pk, row.quantity, row.amount) for row in lines.facts())
        stored = {LineWanted(row.product_id, row.quantity, row.amount) for row in deal.lines.all()}
        given = [row.amount for row in wanted if row.amount is not None]
        amount = deal.amount if set(wanted) == stored else (sum(given, Decimal(0)) if given else None)
        return KeyFacts(**{name: self.cleaned_data[name] for name in TEXTS}, amount=amount, lines=wanted)


def change_forms(deal: Deal, data: Any = None, amount: Decimal | None = None) -> tuple[ChangeForm, BaseLineFormSet]:
    """The form and its lines as the deal stands; `amount` (asked in the pipeline) goes into a deal's only line."""
    initial = {**{name: str(getattr(deal, name)) for name in TEXTS}, "version": deal.version}
    lines = line_formset(data, deal)
    shown = amount if amount is not None else deal.amount
    if data is None and len(lines.initial or []) == 1 and shown is not None:
        lines.initial[0]["amount"] = format(shown.normalize(), "f")
    return ChangeForm(data, initial=initial), lines
