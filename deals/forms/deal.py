"""The registration form: 12 fields at most (the registration number beside the country is not counted)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django_countries import countries

from deals.enums import ActivityKind, DealNature
from deals.models import Deal
from deals.queries.choices import currency_choices, distributors_of, products_on_offer
from deals.services.deal import NEEDED, DealFacts, LineFacts
from partners.models import Partner
from prm.core.errors import DomainError
from prm.core.money import clean_amount
from prm.core.text import clean_text, parse_decimal
from prm.matching import clean_domain, is_public_mail

LINES = 10


class CleanText(forms.CharField):
    """Text in one normal form; NUL, broken Unicode and overlong input get a sentence."""

    def __init__(self, *, most: int, lines: bool = False, **kwargs: Any) -> None:
        self.most, self.keep_lines = most, lines
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        try:
            return clean_text(value, self.most, lines=self.keep_lines)
        except DomainError as error:
            raise forms.ValidationError(str(error))

    def run_validators(self, value: Any) -> None:
        """`clean_text` has said everything."""


class AmountField(forms.CharField):
    """A number as the reader writes it."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "form-control end"})

    def to_python(self, value: Any) -> Decimal | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        try:
            return parse_decimal(text)
        except DomainError as error:
            raise forms.ValidationError(str(error))

    def run_validators(self, value: Any) -> None:
        """The amount is checked against its currency by the form."""


class DayField(forms.DateField):
    """A day, by the browser's own picker where it has one."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"], **kwargs)


def own_website(website: str) -> str:
    """The company's own domain; nothing for nothing. Raises ValidationError on a public mail host and on what is none."""
    if not website:
        return ""
    if is_public_mail(website):
        raise forms.ValidationError(
            _("This is a public mail host, not the company's own website. Leave it empty if there is none.")
        )
    domain = clean_domain(website)
    if not domain:
        raise forms.ValidationError(_("This is not a web address. Write it like example.com."))
    return domain


class DealForm(forms.Form):
    """Blank is allowed while it is a draft; with `submitting`, what a submission needs is required (and shown so at first)."""

    customer_name = CleanText(most=300, label=gettext_lazy("Customer"), help_text=gettext_lazy("Full name of the company."))
    website = CleanText(most=253, label=gettext_lazy("Website"), help_text=gettext_lazy("Best proof of who it is."))
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=lambda: [("", "—"), *countries])
    registration_number = CleanText(
        most=40, label=gettext_lazy("Registration number"), help_text=gettext_lazy("Company register or VAT.")
    )
    city = CleanText(most=100, label=gettext_lazy("City or site"))
    project = CleanText(most=200, label=gettext_lazy("Project"))
    contact_name = CleanText(most=150, label=gettext_lazy("Customer contact"))
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=currency_choices)
    expected_close = DayField(label=gettext_lazy("Expected close"))
    nature = forms.ChoiceField(label=gettext_lazy("Nature"), choices=DealNature.choices, initial=DealNature.NEW)
    distributor = forms.ChoiceField(label=gettext_lazy("Distributor"))
    done_so_far = CleanText(
        most=2000, lines=True, label=gettext_lazy("What you did so far"), widget=forms.Textarea(attrs={"rows": 3})
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, partner: Partner, submitting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.distributors = {row.ref: row for row in distributors_of(partner)}
        choices = [("", "—"), *((ref, row.name) for ref, row in self.distributors.items())]
        self.fields["distributor"].choices = choices  # type: ignore[attr-defined]
        if not self.distributors:
            del self.fields["distributor"]
        for name, field in self.fields.items():
            field.needed = name in NEEDED  # type: ignore[attr-defined]
            field.required = name == "key" or (name in NEEDED and (submitting or not self.is_bound))
        self.fields["nature"].needed = True  # it has an answer from the start

    def clean_website(self) -> str:
        return own_website(self.cleaned_data["website"])

    def facts(self, lines: LineFormSet) -> DealFacts:
        """What the service takes."""
        values = {name: self.cleaned_data[name] for name in self.fields if name not in {"key", "distributor"}}
        distributor = self.distributors.get(self.cleaned_data.get("distributor", ""))
        return DealFacts(**values, distributor=distributor, lines=lines.facts())


class LineForm(forms.Form):
    """One product with quantity and amount."""

    product = forms.ChoiceField(required=False, label=gettext_lazy("Product"))
    quantity = forms.IntegerField(required=False, min_value=1, max_value=1_000_000, initial=1, label=gettext_lazy("Quantity"))
    amount = AmountField(required=False, label=gettext_lazy("Amount"))

    def __init__(self, *args: Any, products: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = products
        for field in ("product", "quantity"):
            self.fields[field].needed = True  # type: ignore[attr-defined]
        for one in self.fields.values():
            one.needed = True  # a row counts once it names a product; "optional" at every box would say nothing
        self.fields["product"].choices = [("", "—"), *((ref, row.name) for ref, row in products.items())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("product") and data.get("amount") is not None:
            self.add_error("product", _("Choose the product this amount is for."))
        return data


FORMSET_TEXTS = {  # Django's own speak of forms and bug reports, and stand in English in every language
    "missing_management_form": gettext_lazy("Part of the form did not arrive, so nothing was saved. Please send it again."),
    "too_many_forms": ngettext_lazy("There is room for %(num)d row.", "There is room for %(num)d rows.", "num"),
}


class BaseLineFormSet(forms.BaseFormSet):
    """Lines of one deal; `currency` is checked against every amount once the main form knows it."""

    default_error_messages = FORMSET_TEXTS

    def check_amounts(self, currency: str) -> bool:
        """Refuse amounts the currency cannot have; answers whether all are fine."""
        fine = True
        for form in self.forms:
            amount = form.cleaned_data.get("amount") if hasattr(form, "cleaned_data") else None
            try:
                if amount is not None and currency:
                    clean_amount(amount, currency)
                if amount is not None and amount < 0:
                    raise DomainError(_("An amount cannot be negative."))
            except DomainError as error:
                form.add_error("amount", str(error))
                fine = False
        return fine

    def clean(self) -> None:
        chosen = [form.cleaned_data.get("product") for form in self.forms if form.cleaned_data.get("product")]
        if len(chosen) != len(set(chosen)):
            raise forms.ValidationError(_("A product is named twice. Put its quantity into one line."))

    def facts(self) -> tuple[LineFacts, ...]:
        rows = [
            form.cleaned_data | {"row": form.products[form.cleaned_data["product"]]}
            for form in self.forms
            if form.cleaned_data.get("product")
        ]
        return tuple(LineFacts(row["row"], row.get("quantity") or 1, row.get("amount")) for row in rows)


LineFormSet = forms.formset_factory(
    LineForm, formset=BaseLineFormSet, extra=0, max_num=LINES, absolute_max=LINES, validate_max=True
)


def line_formset(data: Any = None, deal: Deal | None = None, product: str = "") -> BaseLineFormSet:
    """The lines of a deal with one row at least: an empty one, or for the product with this ref."""
    rows = list(deal.lines.select_related("product")) if deal else []
    products = products_on_offer([row.product for row in rows])
    initial = [{"product": row.product.ref, "quantity": row.quantity, "amount": _plain(row.amount)} for row in rows]
    first = {"quantity": 1, "product": product if product in products else ""}
    return LineFormSet(data, prefix="lines", initial=initial or [first], form_kwargs={"products": products})


def with_line_more(data: QueryDict) -> QueryDict:
    """What was sent with one empty line more, as the button without JavaScript asks; unchanged at the most, or when broken."""
    sent = data.get("lines-TOTAL_FORMS", "")
    count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 3 else LINES
    if count >= LINES:
        return data
    more = data.copy()
    more["lines-TOTAL_FORMS"] = str(count + 1)
    more[f"lines-{count}-quantity"] = "1"
    return more


def deal_initial(deal: Deal) -> dict[str, Any]:
    """What the form shows of a stored deal."""
    contact = getattr(deal, "customer_contact", None)
    distributor = next((row.partner.ref for row in deal.participants.all() if row.role == "distributor"), "")
    names = (
        "customer_name",
        "website",
        "registration_number",
        "city",
        "project",
        "currency",
        "expected_close",
        "nature",
        "done_so_far",
    )
    return {
        **{name: getattr(deal, name) for name in names},
        "country": str(deal.country),
        "contact_name": contact.name if contact else "",
        "distributor": distributor,
        "key": deal.pk,
    }


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else format(amount.normalize(), "f")


class ActivityForm(forms.Form):
    """Two clicks: kind, one line."""

    kind = forms.ChoiceField(choices=ActivityKind.choices, label=gettext_lazy("Kind"))
    line = CleanText(most=200, label=gettext_lazy("What was done"))
    done_on = DayField(required=False, label=gettext_lazy("Day"))


class CommentForm(forms.Form):
    """A comment both sides read."""

    body = CleanText(most=5000, lines=True, label=gettext_lazy("Comment"), widget=forms.Textarea(attrs={"rows": 3}))


class LostForm(forms.Form):
    """Why it was lost."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    text = CleanText(most=500, required=False, label=gettext_lazy("In your own words"))

    def __init__(self, *args: Any, reasons: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", "—"), *reasons.items()]  # type: ignore[attr-defined]
