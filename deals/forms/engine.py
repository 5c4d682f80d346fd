"""Forms of the duplicate engine's pages: a reason, a merge with its typed word."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.forms.deal import CleanText


def _unfilled(**attrs: str) -> forms.TextInput:
    """No browser fills in the reader's own details: it is about somebody else."""
    return forms.TextInput(attrs={"autocomplete": "off", **attrs})


class ModelReasonForm(forms.Form):
    reason = CleanText(most=500, label=gettext_lazy("Reason"), help_text=gettext_lazy("It stays with the model."))


class OtherForm(forms.Form):
    """Which customer to look at beside this one."""

    other = CleanText(
        most=16,
        label=gettext_lazy("Number of the other customer"),
        widget=forms.TextInput(attrs={"placeholder": "C-", "autocomplete": "off"}),
    )


class AliasForm(forms.Form):
    """Another name, or a domain that leads there; the service says what is wrong with them."""

    name = CleanText(most=300, label=gettext_lazy("Another name"), required=False, widget=_unfilled())
    domain = CleanText(
        most=300,
        label=gettext_lazy("A domain that leads there"),
        help_text=gettext_lazy(
            "For example one that redirects to the customer's own. Only the domain is kept, without www or page."
        ),
        required=False,
        widget=_unfilled(placeholder="example.com", inputmode="url"),
    )


class MergeForm(forms.Form):
    """The reason, and the number of the customer that goes over, typed."""

    reason = CleanText(most=500, label=gettext_lazy("Reason"))

    def __init__(self, *args: Any, word: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word = word

    def clean(self) -> dict[str, Any]:
        if str(self.data.get("confirm", "")).strip().casefold() != self.word.casefold():
            raise forms.ValidationError(_("Type %(word)s to go on.") % {"word": self.word})
        return self.cleaned_data
