"""Forms of the team pages. Choices that depend on the team are passed in."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.enums import DealSight, Role
from partners.models import Membership


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.SALES)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class SightForm(forms.Form):
    deal_sight = forms.ChoiceField(label=_("Sales members see"), choices=DealSight.choices, widget=forms.RadioSelect)


class ContactForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    title = forms.CharField(label=_("Job title"), max_length=100, required=False)
    wants_reports = forms.BooleanField(label=_("Gets reports by mail"), required=False, initial=True)


class MemberChoiceForm(forms.Form):
    """One member out of those passed in, by ref."""

    def __init__(self, *args, members: Iterable[Membership], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.members = {row.ref: row for row in members}
        choices = [
            ("", _("Please choose")),
            *((ref, f"{row.user} ({row.get_role_display()})") for ref, row in self.members.items()),
        ]
        self.fields["member"].choices = choices

    def clean_member(self) -> Membership:
        return self.members[self.cleaned_data["member"]]


class AdminRequestForm(MemberChoiceForm):
    member = forms.ChoiceField(label=_("Who should become admin"))
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
