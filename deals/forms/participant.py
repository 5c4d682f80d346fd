"""Which company takes part, and as what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.enums import ParticipantRole
from partners.models import Partner


class ParticipantForm(forms.Form):
    partner = forms.ChoiceField(label=_("Company"))
    role = forms.ChoiceField(
        label=_("Role"), choices=[choice for choice in ParticipantRole.choices if choice[0] != ParticipantRole.OWNER]
    )

    def __init__(self, *args: Any, partners: dict[str, Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partners = partners
        self.fields["partner"].choices = [("", "—"), *((ref, row.name) for ref, row in partners.items())]  # type: ignore[attr-defined]

    def clean_partner(self) -> Partner:
        return self.partners[self.cleaned_data["partner"]]
