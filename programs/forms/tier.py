"""Assigning a tier."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import Partner
from partners.queries import get_partner
from partners.queries.access import visible_partners
from prm.core.errors import DomainError, NotVisible
from prm.core.text import clean_text
from programs.models import Tier


def find_partner(user: Any, text: str) -> Partner | None:
    """The one partner of this number or exact name that the user may see."""
    try:
        return get_partner(user, text.upper())
    except NotVisible:
        found = list(visible_partners(user).filter(name__iexact=text)[:2])
        return found[0] if len(found) == 1 else None


class AssignTierForm(forms.Form):
    partner = forms.CharField(
        max_length=200, label=gettext_lazy("Partner"), help_text=gettext_lazy("Its number (P-…) or its exact name.")
    )
    tier = forms.ModelChoiceField(queryset=Tier.objects.none(), label=gettext_lazy("Tier"))
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    ends_on = forms.DateField(
        required=False, label=gettext_lazy("Until"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}), strip=True)

    def __init__(self, *args: Any, user: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["tier"].queryset = Tier.objects.all()  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = today

    def clean_partner(self) -> Partner:
        partner = find_partner(self.user, self.cleaned_data["partner"].strip())
        if partner is None:
            raise forms.ValidationError(_("There is no single partner of this number or name that you may see."))
        return partner

    def clean_reason(self) -> str:
        try:
            return clean_text(self.cleaned_data["reason"], 300, required=True)
        except DomainError as error:
            raise forms.ValidationError(str(error))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("starts_on"), data.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", _("The end cannot come before the beginning."))
        return data
