"""Is this account free?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from deals.forms.deal import CleanText, own_website
from deals.queries.choices import products_on_offer
from prm.catalog.models import Product
from prm.matching import Identity


class AccountForm(forms.Form):
    """A name is enough; more makes the answer surer."""

    customer = CleanText(most=300, label=_("Customer"))
    website = CleanText(most=253, required=False, label=_("Website"))
    country = forms.ChoiceField(required=False, label=_("Country"), choices=lambda: [("", "—"), *countries])
    city = CleanText(most=100, required=False, label=_("City or site"))
    product = forms.ChoiceField(
        required=False, label=_("Product"), help_text=_("Another product of the same customer may still be free.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = products_on_offer()
        names = [(ref, row.name) for ref, row in self.products.items()]
        self.fields["product"].choices = [("", "—"), *names]  # type: ignore[attr-defined]

    def clean_website(self) -> str:
        return own_website(self.cleaned_data["website"])

    def clean_product(self) -> Product | None:
        return self.products.get(self.cleaned_data["product"])

    def identity(self) -> Identity:
        data = self.cleaned_data
        return Identity(name=data["customer"], domain=data["website"], country=data["country"], city=data["city"])
