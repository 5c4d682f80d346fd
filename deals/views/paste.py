"""Register from a list: paste rows, see each checked, make drafts of the good ones and of those not checked. The rest stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from deals.forms.paste import COLUMNS, LABELS, MOST_ROWS, Pasted, PastedRow, PasteForm, read_rows
from deals.models import Deal
from deals.queries.account import TAKEN, Answer, own_deals
from deals.queries.choices import products_on_offer
from deals.rules.deal import why_not_register
from deals.services.account import check_accounts
from deals.services.paste import create_drafts
from deals.views.register import acting_partner
from partners.acting import keeps_input, made_for_other
from partners.models import Partner
from prm.core.identifiers import uuid7
from prm.web.guards import require
from prm.web.rendering import page


@dataclass(frozen=True)
class Checked:
    """A row with what the account check says of it; None: it has errors, or the hour's questions are used up."""

    row: PastedRow
    answer: Answer | None
    own: Deal | None = None  # one's own company's deal in the way, if one may see it

    @property
    def unchecked(self) -> bool:
        """Past the hour's questions: it becomes a draft too, as every draft is checked when it is submitted."""
        return not self.row.errors and self.answer is None

    @property
    def good(self) -> bool:
        """Checked, and nothing known that would decline it."""
        return self.answer is not None and self.answer.kind != TAKEN

    @property
    def drafted(self) -> bool:
        return self.good or self.unchecked


@keeps_input
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deal_paste(request: HttpRequest) -> HttpResponse:
    """Nothing is stored before "make drafts"; every row is read and checked again then."""
    partner = acting_partner(request)
    require(why_not_register(request.user, partner))
    if request.method != "POST":
        return _show(request, partner, PasteForm(initial={"key": uuid7()}))
    form = PasteForm(request.POST)
    if other := made_for_other(request):
        form.add_error(None, other)
        return _show(request, partner, form, status=422)
    pasted = _read(form)
    if pasted is None:
        return _show(request, partner, form, status=422)
    rows = _checked(request, partner, pasted)
    if request.POST.get("act") == "save":
        return _save(request, partner, form, pasted, rows)
    return _show(request, partner, form, rows)


def _read(form: PasteForm) -> Pasted | None:
    if not form.is_valid():
        return None
    try:
        return read_rows(form.cleaned_data["text"], products_on_offer())
    except forms.ValidationError as error:
        form.add_error("text", error)
        return None


def _checked(request: HttpRequest, partner: Partner, pasted: Pasted) -> list[Checked]:
    fine = [row for row in pasted.rows if not row.errors]
    answers = check_accounts([(row.identity(), row.values["product"]) for row in fine], by=request.user, partner=partner)
    known = {row.number: answer for row, answer in zip(fine, answers, strict=True)}
    own = own_deals(request.user, answers)
    found = [(row, known.get(row.number)) for row in pasted.rows]
    return [Checked(row, answer, own.get(answer.deal_id) if answer and answer.deal_id else None) for row, answer in found]


def _save(request: HttpRequest, partner: Partner, form: PasteForm, pasted: Pasted, rows: list[Checked]) -> HttpResponse:
    facts = {item.row.number: item.row.facts() for item in rows if item.drafted}
    made = create_drafts(partner, facts, by=request.user, key=form.cleaned_data["key"])
    if made:
        messages.success(request, _made(len(made), sum(item.unchecked and item.row.number in made for item in rows)))
    left = [item for item in rows if not item.drafted]
    if not left:
        return redirect("deals:list")
    again = PasteForm(initial={"key": uuid7(), "text": pasted.text_of(item.row for item in left)})
    return _show(request, partner, again, left)


def _made(drafts: int, unchecked: int) -> str:
    text = ngettext("%(n)d draft made.", "%(n)d drafts made.", drafts) % {"n": drafts}
    if not unchecked:
        return text
    return text + " " + _("Not checked yet: %(n)d. That happens when you submit.") % {"n": unchecked}


def _show(
    request: HttpRequest, partner: Partner, form: PasteForm, rows: list[Checked] | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "rows": rows or [],
        "drafts": sum(item.drafted for item in rows or []),
        "unchecked": sum(item.unchecked for item in rows or []),
        "partner": partner,
        "columns": [LABELS[name] for name in COLUMNS],
        "most": MOST_ROWS,
    }
    return page(request, "deals/paste/form.html", context, status=status)
