"""Is this account free?"""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from deals.forms.deal import CleanText
from prm.matching import Identity


class AccountForm(forms.Form):
    """A name is enough; more makes the answer surer."""

    customer = CleanText(most=300, label=_("Customer"))
    website = CleanText(most=253, required=False, label=_("Website"))
    country = forms.ChoiceField(required=False, label=_("Country"), choices=lambda: [("", "—"), *countries])
    city = CleanText(most=100, required=False, label=_("City or site"))

    def identity(self) -> Identity:
        data = self.cleaned_data
        return Identity(name=data["customer"], domain=data["website"], country=data["country"], city=data["city"])
