"""One row per approved deal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.enums import DealStage
from deals.forms.deal import FORMSET_TEXTS, AmountField, CleanText, DayField
from deals.models import Deal
from deals.services.activity import PipelineFacts
from prm.core.errors import DomainError
from prm.core.money import clean_amount

MOST = 200


class PipelineRowForm(forms.Form):
    """Stage, amount, close date and next step of one deal."""

    ref = forms.CharField(widget=forms.HiddenInput, max_length=16)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)
    stage = forms.ChoiceField(choices=DealStage.choices, label=_("Stage"))
    amount = AmountField(required=False, label=_("Amount"))
    expected_close = DayField(required=False, label=_("Expected close"))
    next_step = CleanText(most=200, required=False, label=_("Next step"))

    def __init__(self, *args: Any, deals: dict[str, Deal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ref = self.data.get(self.add_prefix("ref"), "") if self.is_bound else (self.initial or {}).get("ref", "")
        self.deal = deals.get(str(ref))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        amount = data.get("amount")
        if self.deal is not None and amount is not None:
            try:
                clean_amount(amount, self.deal.currency)
                if amount < 0:
                    raise DomainError(_("An amount cannot be negative."))
            except DomainError as error:
                self.add_error("amount", str(error))
        return data

    def facts(self) -> PipelineFacts:
        data = self.cleaned_data
        return PipelineFacts(data["stage"], data["amount"], data["expected_close"], data["next_step"], data["version"])


class BasePipelineFormSet(forms.BaseFormSet):
    """The rows, with the same words as elsewhere for what is wrong with the whole."""

    default_error_messages = FORMSET_TEXTS


PipelineFormSet = forms.formset_factory(
    PipelineRowForm, formset=BasePipelineFormSet, extra=0, max_num=MOST, absolute_max=MOST, validate_max=True
)


def pipeline_formset(data: Any, deals: list[Deal]) -> Any:
    """The table; a ref that is not among `deals` has no deal and is refused on its row."""
    initial = [
        {
            "ref": deal.ref,
            "version": deal.version,
            "stage": deal.stage,
            "amount": "" if deal.amount is None else format(deal.amount.normalize(), "f"),
            "expected_close": deal.expected_close,
            "next_step": deal.next_step,
        }
        for deal in deals
    ]
    by_ref = {deal.ref: deal for deal in deals}
    return PipelineFormSet(data, prefix="rows", initial=initial, form_kwargs={"deals": by_ref})
