"""Forms of the review pages: the decision, a question, a comment, an order number, a version of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.enums import DECLINE_REASONS, RETURN_REASONS, ProtectionEffect, ProtectionScope
from deals.forms.deal import AmountField, CleanText, DayField
from deals.models import Deal
from deals.rules.policy import PolicyRules
from prm.core.errors import DomainError
from prm.core.text import clean_text

LONGEST = 730  # days of protection a person may give at once
REFS_AT_MOST = 100


def _text(rows: int = 3, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class ApproveForm(forms.Form):
    """Until when, how and for what the deal is protected; what the policy says stands there already."""

    protected_until = DayField(label=gettext_lazy("Protected until"))
    effect = forms.ChoiceField(label=gettext_lazy("Effect"), choices=ProtectionEffect.choices)
    scope = forms.ChoiceField(label=gettext_lazy("Protects"), choices=ProtectionScope.choices)

    def __init__(self, *args: Any, deal: Deal, days: int, credited: int = 0, today: date, **kwargs: Any) -> None:
        tender = deal.nature == "tender"
        initial = {
            "protected_until": today + timedelta(days=days),
            "effect": ProtectionEffect.TENDER if tender else ProtectionEffect.EXCLUSIVE,
            "scope": ProtectionScope.SITE,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.deal, self.today = deal, today
        if credited:
            self.fields["protected_until"].help_text = _("%(days)d days are added because the decision is late.") % {
                "days": credited
            }
        if tender:
            self.fields["effect"].disabled = True
            self.fields["effect"].help_text = _("Every partner may take part in a tender.")
        if not deal.project:
            self.fields["scope"].choices = [c for c in ProtectionScope.choices if c[0] != ProtectionScope.PROJECT]  # type: ignore[attr-defined]

    def clean_protected_until(self) -> date:
        until: date = self.cleaned_data["protected_until"]
        if not self.today < until <= self.today + timedelta(days=LONGEST):
            raise forms.ValidationError(_("Choose a day within the next two years."))
        return until


class ReasonForm(forms.Form):
    """A canned reason, and words of one's own; "other" needs them (the service says so)."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    text = CleanText(
        most=2000, lines=True, required=False, label=gettext_lazy("In your own words (the partner reads this)"), widget=_text()
    )
    known: Mapping[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", "—"), *self.known.items()]  # type: ignore[attr-defined]


class ReturnForm(ReasonForm):
    known = RETURN_REASONS


class DeclineForm(ReasonForm):
    known = DECLINE_REASONS


class AskForm(forms.Form):
    text = CleanText(
        most=2000,
        lines=True,
        label=gettext_lazy("Question to the partner"),
        help_text=gettext_lazy("The clock stands still until the partner answers."),
        widget=_text(),
    )


class StaffCommentForm(forms.Form):
    """Internal unless the writer says otherwise."""

    body = CleanText(most=5000, lines=True, label=gettext_lazy("Comment"), widget=_text())
    shared = forms.BooleanField(required=False, label=gettext_lazy("The partner reads it too"))


class ExtensionDecisionForm(forms.Form):
    text = CleanText(
        most=500,
        lines=True,
        required=False,
        label=gettext_lazy("Words to the partner"),
        help_text=gettext_lazy("Needed when you refuse."),
        widget=_text(2),
    )


class ChangeDecisionForm(forms.Form):
    text = CleanText(
        most=500, lines=True, required=False, label=gettext_lazy("Words to the partner (needed when declined)"), widget=_text(2)
    )


class BookForm(forms.Form):
    order_ref = CleanText(most=64, label=gettext_lazy("Order number"))


class SelectedForm(forms.Form):
    """The ticked rows of a list, by ref; shape only, the door decides which of them there are."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.refs = [ref for ref in dict.fromkeys(data.getlist("selected")) if ref and "\x00" not in ref and len(ref) <= 16]

    def clean(self) -> dict[str, Any]:
        if not self.refs:
            raise forms.ValidationError(_("Tick at least one registration."))
        if len(self.refs) > REFS_AT_MOST:
            raise forms.ValidationError(_("Tick a hundred registrations at most."))
        return {"refs": self.refs}


class ReminderDaysField(forms.CharField):
    """`30, 14, 7` as numbers of days, descending."""

    def to_python(self, value: Any) -> tuple[int, ...]:
        try:
            text = clean_text(value, 60)
            days = {int(part) for part in text.replace(",", " ").split()}
        except (DomainError, ValueError):
            raise forms.ValidationError(_("Write days with commas between, such as 30, 14, 7."))
        if len(days) > 6 or any(not 1 <= day <= 365 for day in days):
            raise forms.ValidationError(_("Six reminders at most, each 1 to 365 days before the end."))
        return tuple(sorted(days, reverse=True))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def run_validators(self, value: Any) -> None:
        """`to_python` has said everything."""


def _days(label: Any, least: int = 0, most: int = 365, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, **kwargs)


class PolicyForm(forms.Form):
    """Every value of `PolicyRules`, filled with those in force, the text, and when the version begins."""

    protection_days = _days(gettext_lazy("Days of protection"), 1, 730)
    extension_days = _days(gettext_lazy("Days of an extension"), 1, 120)
    extensions_allowed = _days(gettext_lazy("Extensions of one deal"), 0, 10)
    reminder_days = ReminderDaysField(label=gettext_lazy("Reminders, days before the end"))
    target_business_days = _days(gettext_lazy("Decision target in business days"), 1, 30)
    breach_business_days = _days(gettext_lazy("Decision late after business days"), 1, 60)
    credit_days_at_most = _days(gettext_lazy("Late days credited, at most"), 0, 30)
    fresh_days = _days(gettext_lazy("An opportunity blocks when touched within days"), 1, 365)
    new_customer_years = _days(gettext_lazy("A new customer has bought nothing for years"), 1, 20)
    returned_business_days = _days(gettext_lazy("Business days to complete a returned registration"), 1, 60)
    reopen_days = _days(gettext_lazy("A won deal can be reopened for days"), 0, 90)
    register_again_days = _days(gettext_lazy("Days before the same may be registered again"), 0, 365)
    change_percent = _days(gettext_lazy("Percent of growth that needs a change request"), 1, 500)
    minimum_amount = AmountField(required=False, label=gettext_lazy("Smallest deal, in the reporting currency"))
    auto_approve = forms.BooleanField(required=False, label=gettext_lazy("Approve clear registrations by rule"))
    auto_approve_tier_rank = _days(gettext_lazy("By rule only from tier rank"), 0, 100)
    auto_approve_below = AmountField(label=gettext_lazy("By rule only below, in the reporting currency"))
    account_checks_per_hour = _days(gettext_lazy("Account checks per user and hour"), 1, 1000)
    effective_from = forms.DateTimeField(
        required=False,
        label=gettext_lazy("In force from (empty: at once)"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    text = CleanText(most=20000, lines=True, required=False, label=gettext_lazy("The policy in words"), widget=_text(12))

    def __init__(self, *args: Any, rules: PolicyRules, text: str = "", **kwargs: Any) -> None:
        initial = {field.name: getattr(rules, field.name) for field in fields(PolicyRules)}
        super().__init__(*args, initial={**initial, "text": text}, **kwargs)

    def _amount(self, name: str) -> Decimal | None:
        value: Decimal | None = self.cleaned_data[name]
        if value is not None and not 0 <= value < Decimal(10) ** 12:
            raise forms.ValidationError(_("Enter an amount between 0 and a trillion."))
        return value

    def clean_minimum_amount(self) -> Decimal | None:
        return self._amount("minimum_amount")

    def clean_auto_approve_below(self) -> Decimal | None:
        return self._amount("auto_approve_below")

    def rules(self) -> PolicyRules:
        """The values as the service takes them."""
        return PolicyRules(**{field.name: self.cleaned_data[field.name] for field in fields(PolicyRules)})

    def starts(self) -> datetime | None:
        value: datetime | None = self.cleaned_data["effective_from"]
        return None if value is None or abs(value - timezone.now()) < timedelta(minutes=1) else value
