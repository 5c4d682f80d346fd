"""Forms for people who come and go."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.models import Membership


class RemoveForm(forms.Form):
    """Who takes over, chosen out of the colleagues passed in."""

    successor = forms.ChoiceField(label=_("Who takes over deals and drafts"))

    def __init__(self, *args, colleagues: Iterable[Membership], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = {row.ref: row for row in colleagues}
        named = [(ref, f"{row.user} ({row.get_role_display()})") for ref, row in self.colleagues.items()]
        self.fields["successor"].choices = [("", _("Please choose")), *named]

    def clean_successor(self) -> Membership:
        return self.colleagues[self.cleaned_data["successor"]]
