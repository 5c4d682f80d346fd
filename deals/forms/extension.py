"""Why more time is needed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.forms.deal import CleanText


class ExtensionForm(forms.Form):
    reason = CleanText(most=500, label=_("Why you need more time"), widget=forms.Textarea(attrs={"rows": 2}))
