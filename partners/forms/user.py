"""The user's own profile."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from partners.models import User
from prm.core.errors import DomainError
from prm.core.text import clean_text
from prm.web.shell import THEMES

THEME_NAMES = {"system": _("Like the system"), "light": _("Light"), "dark": _("Dark")}


@cache
def time_zones() -> list[tuple[str, str]]:
    """Places of the world, by region; without the old and technical names."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in sorted(places))]


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    title = forms.CharField(
        label=_("Job title"), max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "organization-title"})
    )
    phone = PhoneNumberField(
        label=_("Phone"),
        required=False,
        help_text=_("With the country code, such as +49 30 901820."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    meeting_link = forms.URLField(
        label=_("Meeting link"), required=False, assume_scheme="https", help_text=_("Where partners book time with you.")
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    theme = forms.ChoiceField(label=_("Appearance"), required=False)
    review_keys = forms.BooleanField(
        label=_("Single-key shortcuts in the review screens"),
        required=False,
        help_text=_("Such as a to approve and j for the next row."),
    )

    def __init__(self, *args: Any, user: User, theme: str = "system", **kwargs: Any) -> None:
        initial = {field: getattr(user, field) for field in self.base_fields if hasattr(user, field)}
        super().__init__(*args, initial={**initial, "theme": theme}, **kwargs)
        self.fields["language"].choices = [("", _("Like the browser")), *settings.LANGUAGES]
        self.fields["time_zone"].choices = [("", _("Like the site")), *time_zones()]
        self.fields["theme"].choices = [(theme, THEME_NAMES[theme]) for theme in THEMES]
        if not user.is_staff:
            del self.fields["review_keys"], self.fields["meeting_link"]

    def clean_name(self) -> str:
        return self._text("name", 150, required=True)

    def clean_title(self) -> str:
        return self._text("title", 100)

    def _text(self, field: str, length: int, *, required: bool = False) -> str:
        try:
            return clean_text(self.cleaned_data[field], length, required=required)
        except DomainError as error:
            raise ValidationError(str(error)) from error

    def profile(self) -> dict[str, Any]:
        """The cleaned values that belong on the user; the theme is this browser's only."""
        return {key: value for key, value in self.cleaned_data.items() if key != "theme"}


class PhotoForm(forms.Form):
    """A new picture, or none any more."""

    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("JPEG, PNG or WebP, 5 MB at most. It is cut to a square and shown to the partners you look after."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    remove = forms.BooleanField(label=_("No photo: show initials"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("photo") and not data.get("remove"):
            self.add_error("photo", _("Choose a picture."))
        return data
