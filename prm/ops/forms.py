"""Forms of the staff pages of the platform's records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prm.catalog.models import Product, ProductFamily


class ProductForm(forms.Form):
    """What a person says of a product that an import created."""

    name = forms.CharField(max_length=100, label=_("Name"))
    family = forms.ModelChoiceField(
        queryset=ProductFamily.objects.none(),
        required=False,
        label=_("Family"),
        help_text=_("Products of one family overlap in the duplicate check."),
    )
    active = forms.BooleanField(required=False, label=_("Partners may register it"))

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        initial = {"name": product.name, "family": product.family_id, "active": product.active}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["family"].queryset = ProductFamily.objects.order_by("name")  # type: ignore[attr-defined]
