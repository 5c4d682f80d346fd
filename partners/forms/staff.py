"""Forms of the staff's configuration pages."""

from __future__ import annotations

import zoneinfo

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.enums import StaffRole
from partners.models import Desk, Membership, Partner, User
from partners.queries.manager import possible_managers, staff_people
from prm.core.business_time import known_country

DAYS = [("0", _("Monday")), ("1", _("Tuesday")), ("2", _("Wednesday")), ("3", _("Thursday")), ("4", _("Friday"))]
WEEK = [*DAYS, ("5", _("Saturday")), ("6", _("Sunday"))]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def check_zone(value: str) -> None:
    """Refuse a time zone nobody knows."""
    if value not in zoneinfo.available_timezones():
        raise forms.ValidationError(_("There is no such time zone. Write it like Europe/Berlin."))


class PartnerForm(forms.ModelForm):
    class Meta:
        model = Partner
        fields = (
            "name",
            "partner_type",
            "external_ref",
            "size",
            "employees",
            "industry",
            "country",
            "region",
            "city",
            "website",
            "opened_year",
            "time_zone",
        )

    def clean_time_zone(self) -> str:
        check_zone(self.cleaned_data["time_zone"])
        return self.cleaned_data["time_zone"]

    def clean_external_ref(self) -> str:
        return self.cleaned_data["external_ref"].strip()


class LeaveForm(forms.Form):
    ends_on = forms.DateField(label=_("Last day"), widget=DateInput())


class ManagerForm(forms.Form):
    manager = forms.ModelChoiceField(User.objects.none(), label=_("Channel manager"), required=False, empty_label=_("Nobody"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["manager"].queryset = possible_managers()


class LinkForm(forms.Form):
    """A distributor by its ref: there may be thousands, so it is typed."""

    distributor = forms.CharField(label=_("Distributor (reference, such as P-7K3QX2MV)"), max_length=16)
    starts_on = forms.DateField(label=_("From"), widget=DateInput())
    ends_on = forms.DateField(label=_("Until"), required=False, widget=DateInput())


class EndLinkForm(forms.Form):
    ends_on = forms.DateField(label=_("Last day"), widget=DateInput())


class CandidateForm(forms.Form):
    member = forms.ModelChoiceField(Membership.objects.none(), label=_("Who should become admin"), to_field_name="ref")
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, members, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = members


class FirstAdminForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=150, required=False)


class StaffForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=150)
    desk = forms.ModelChoiceField(Desk.objects.order_by("name"), label=_("Desk"))
    lead = forms.ModelChoiceField(User.objects.none(), label=_("Channel lead above"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=StaffRole.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args, known: User | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = staff_people()
        if known is not None:
            self.fields["email"].disabled = self.fields["name"].disabled = True


class DeskForm(forms.ModelForm):
    weekdays = forms.MultipleChoiceField(label=_("Open on"), choices=WEEK, widget=forms.CheckboxSelectMultiple)
    opens_at = forms.TimeField(label=_("Opens at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    closes_at = forms.TimeField(label=_("Closes at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    class Meta:
        model = Desk
        fields = ("name", "time_zone", "weekdays", "opens_at", "closes_at", "holiday_country", "holiday_subdivision")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["weekdays"] = list(self.instance.weekdays)

    def clean_time_zone(self) -> str:
        check_zone(self.cleaned_data["time_zone"])
        return self.cleaned_data["time_zone"]

    def clean_weekdays(self) -> str:
        return "".join(sorted(self.cleaned_data["weekdays"]))

    def clean_holiday_country(self) -> str:
        return self.cleaned_data["holiday_country"].upper()

    def clean(self) -> dict:
        found = super().clean()
        opens, closes = found.get("opens_at"), found.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("A desk closes after it opens."))
        country = found.get("holiday_country")
        if country and not known_country(country, found.get("holiday_subdivision", "")):
            self.add_error("holiday_country", _("The public holidays of this place are not known."))
        return found


class ClosingForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=DateInput())
    why = forms.CharField(label=_("Why"), max_length=200, required=False)


class AbsenceForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none(), label=_("Who is away"), empty_label=None)
    deputy = forms.ModelChoiceField(User.objects.none(), label=_("Who stands in"))
    starts_on = forms.DateField(label=_("First day"), widget=DateInput())
    ends_on = forms.DateField(label=_("Last day"), widget=DateInput())

    def __init__(self, *args, people, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people
        self.fields["deputy"].queryset = staff_people()
