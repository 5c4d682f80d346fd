"""A pasted list of registrations: rows of text in, facts or errors per cell out."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.forms.deal import DayField, own_website
from deals.rules.deal import why_not_close_on
from deals.services.deal import DealFacts, LineFacts
from prm.catalog.models import Product
from prm.catalog.queries import product_key
from prm.core.errors import DomainError
from prm.core.money import clean_amount
from prm.core.tabular import cells
from prm.core.tabular.problems import CellError
from prm.core.text import clean_text, parse_decimal
from prm.matching import Identity

MOST_ROWS = 50
MOST_TEXT = 60_000
LABELS = {
    "customer": gettext_lazy("Customer"),
    "website": gettext_lazy("Website"),
    "country": gettext_lazy("Country"),
    "city": gettext_lazy("City or site"),
    "product": gettext_lazy("Product"),
    "quantity": gettext_lazy("Quantity"),
    "amount": gettext_lazy("Amount"),
    "currency": gettext_lazy("Currency"),
    "expected_close": gettext_lazy("Expected close"),
}
COLUMNS = tuple(LABELS)
REFUSALS = (DomainError, CellError, forms.ValidationError)


class PasteForm(forms.Form):
    """The text as it was pasted, and the key that makes a second click the same drafts."""

    text = forms.CharField(
        strip=False,
        max_length=MOST_TEXT,
        label=gettext_lazy("Your rows"),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "wrap": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


@dataclass
class PastedRow:
    """One row: its cells as pasted, what they mean, and what is wrong with which column."""

    number: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.values.get("customer") or (self.cells[0] if self.cells else ""))

    def identity(self) -> Identity:
        """For the check; only of a row without errors."""
        known = self.values
        return Identity(name=known["customer"], domain=known["website"], country=known["country"], city=known["city"])

    def facts(self) -> DealFacts:
        """What the draft holds; only of a row without errors."""
        known = self.values
        lines = [LineFacts(known["product"], known["quantity"] or 1, known["amount"])] if known["product"] else []
        return DealFacts(
            customer_name=known["customer"],
            website=known["website"],
            country=known["country"],
            city=known["city"],
            currency=known["currency"],
            expected_close=known["expected_close"],
            lines=lines,
        )


@dataclass(frozen=True)
class Pasted:
    """The rows, and how to write some of them back in the same manner."""

    rows: list[PastedRow]
    header: list[str]
    delimiter: str

    def text_of(self, rows: Iterable[PastedRow]) -> str:
        """These rows as text again, under the header if there was one."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\n")
        kept = [row.cells for row in rows]
        writer.writerows([self.header, *kept] if self.header and kept else kept)
        return out.getvalue()


def read_rows(text: str, products: dict[str, Product]) -> Pasted:
    """The rows with their values and errors. Raises ValidationError when it is no list, or too long a one."""
    delimiter = _delimiter(text)
    try:
        lines = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error:
        raise forms.ValidationError(_("This cannot be read as a list. Paste rows of a spreadsheet."))
    lines = [row for row in lines if any(row)]
    header = lines.pop(0) if lines and _is_header(lines[0]) else []
    if not lines:
        raise forms.ValidationError(_("There is no row in it yet."))
    if len(lines) > MOST_ROWS:
        raise forms.ValidationError(_("These are %(n)d rows. Paste %(most)d at most.") % {"n": len(lines), "most": MOST_ROWS})
    order = [_column(cell) for cell in header] if header else list(COLUMNS)
    by_key = {product_key(name): product for product in products.values() for name in (product.name, product.ref)}
    return Pasted([_read(number, row, order, by_key) for number, row in enumerate(lines, start=1)], header, delimiter)


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return "\t" if "\t" in text else ";" if ";" in first else ","


def _column(cell: str) -> str:
    """The column a head names, in our words or the reader's; "" for one we do not know."""
    key = product_key(cell)
    return next((name for name in COLUMNS if key in (product_key(name), product_key(str(LABELS[name])))), "")


def _is_header(row: Sequence[str]) -> bool:
    return "customer" in {_column(cell) for cell in row} and sum(1 for cell in row if _column(cell)) > 1


def _read(number: int, row: list[str], order: Sequence[str], products: dict[str, Product]) -> PastedRow:
    given = {name: cell for name, cell in zip(order, row, strict=False) if name}
    found = PastedRow(number, row)
    readers = _readers(products)
    for name in COLUMNS:
        try:
            found.values[name] = readers[name](given.get(name, ""))
        except REFUSALS as error:
            found.values[name] = None
            found.errors.append((str(LABELS[name]), _sentence(error)))
    if len(row) > len(order):
        found.errors.append((_("Row"), _("It has more cells than there are columns.")))
    _cross(found)
    return found


def _readers(products: dict[str, Product]) -> dict[str, Callable[[str], Any]]:
    return {
        "customer": lambda cell: clean_text(cell, 300, required=True),
        "website": lambda cell: own_website(clean_text(cell, 253)),
        "country": lambda cell: cells.country(cell) if cell else "",
        "city": lambda cell: clean_text(cell, 100),
        "product": lambda cell: _product(cell, products),
        "quantity": lambda cell: cells.number(1, 1_000_000)(cell) if cell else None,
        "amount": _amount,
        "currency": lambda cell: cells.currency(cell) if cell else "",
        "expected_close": _day,
    }


def _product(cell: str, products: dict[str, Product]) -> Product | None:
    if not cell:
        return None
    found = products.get(product_key(cell))
    if found is None:
        raise DomainError(_("This product is not in the catalogue."))
    return found


def _amount(cell: str) -> Decimal | None:
    """As the reader writes numbers, or plain as a spreadsheet does."""
    if not cell:
        return None
    try:
        return parse_decimal(cell)
    except DomainError:
        return cells.decimal(cell)


def _day(cell: str) -> date | None:
    day = DayField(required=False).clean(cell)
    if day and (reason := why_not_close_on(day, timezone.localdate())):
        raise DomainError(reason)
    return day


def _cross(row: PastedRow) -> None:
    """What the cells say together."""
    known = row.values
    if known["amount"] is not None and not known["currency"] and not any(label == LABELS["currency"] for label, _w in row.errors):
        row.errors.append((str(LABELS["currency"]), _("Say the currency of the amount.")))
    elif known["amount"] is not None and known["currency"]:
        try:
            clean_amount(known["amount"], known["currency"])
        except DomainError as error:
            row.errors.append((str(LABELS["amount"]), str(error)))
    if known["product"] is None and (known["amount"] is not None or known["quantity"]) and not row.errors:
        row.errors.append((str(LABELS["product"]), _("Name the product this amount is for.")))
    if known["customer"] and all(name.only_form for name in Identity(name=known["customer"]).names):
        row.errors.append((str(LABELS["customer"]), _("This is not a name of a company. Write the customer's full name.")))


def _sentence(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, forms.ValidationError) else str(error)
