"""The duplicate check for a whole file: the same engine as a registration, read only, one answer per row, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from uuid import NAMESPACE_OID, uuid5

from django.utils.translation import gettext as _

from deals.enums import Outcome
from deals.queries.conflict import Question, check_all, products_of
from deals.queries.policy import rules_at
from deals.rules.conflict import Asking, Products, Verdict
from deals.rules.policy import PolicyRules
from prm.catalog.models import Product
from prm.catalog.queries import product_key
from prm.core.errors import DomainError
from prm.core.tabular import BadFile, CellError, Column, Problems, Table, country, match_header, open_table, wrong_width
from prm.core.tabular.columns import REST
from prm.core.text import clean_text
from prm.matching import Identity, is_public_mail

NEEDED = ("ref", "company", "domain", "country", "city", "registration_number", "products")
EXTRA = ("street", "postcode", "phone")
COLUMNS = [*(Column(name, str) for name in NEEDED), *(Column(name, str, optional=True) for name in EXTRA)]
OUT = ("ref", "outcome", "matched_kind", "matched_ref", "score", "rule", "fields")
REFS = 200_000  # so many refs are remembered to find one that comes twice
DOUBTS = 1000  # so many are listed; all are counted
KNOWN_AT_MOST = 2000  # products named in the file that are remembered from one batch to the next
NOT_READ = "error"  # the outcome of a row that was not checked
BATCH = 100  # rows that share the look-ups: the memory of a check is that of one batch, whatever the file
MOST = {"company": 300, "domain": 500, "city": 100, "registration_number": 60, "street": 200, "postcode": 20, "phone": 40}


@dataclass(frozen=True)
class CheckedRow:
    """One row of the answer; `fields` are joined by `|`."""

    ref: str
    outcome: str
    matched_kind: str = ""
    matched_ref: str = ""
    score: str = ""
    rule: str = ""
    fields: str = ""

    def cells(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in OUT)


@dataclass
class Doubts:
    """What in the rows could not be understood, by line and column; they are answered all the same. Bounded.

    `refused`: the rows that could not be read and were not checked. `notes`: about the file as a whole.
    """

    found: Problems = field(default_factory=Problems)
    refused: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    countries: dict[str, bool] = field(default_factory=dict)
    refs: dict[str, int] = field(default_factory=dict)

    def look(self, line: int, row: Mapping[str, str], known: Mapping[str, Product | None]) -> None:
        """Once the products of the row are among `known`."""
        place, ref = row["country"], row["ref"]
        if place and not self._is_country(place):
            _add(self.found, line, "country", _("We do not know this country; it counts as not said."), place)
        if is_public_mail(row["domain"]):
            said = _("Anybody may have an address at this host, so it says nothing about a company.")
            _add(self.found, line, "domain", said, row["domain"])
        for key in _keys(row["products"]):
            if known[key] is None:
                _add(self.found, line, "products", _("The catalogue has no such product; it overlaps with no other."), key)
        if ref in self.refs:
            _add(self.found, line, "ref", _("This stands on line %(line)d already.") % {"line": self.refs[ref]}, ref)
        elif ref and len(self.refs) < REFS:
            self.refs[ref] = line

    def _is_country(self, cell: str) -> bool:
        if cell not in self.countries and len(self.countries) < REFS:
            try:
                self.countries[cell] = bool(country(cell))
            except CellError:
                self.countries[cell] = False
        return self.countries.get(cell, True)

    def refuse(self, line: int, cells: Sequence[str], width: int) -> None:
        """A row with more cells than the header: somewhere in it they are shifted."""
        _add(self.refused, line, REST, wrong_width(cells, width), ",".join(cells))


def _add(found: Problems, line: int, column: str, message: str, value: str) -> None:
    if found.count < DOUBTS:
        found.add(line, column, message, value)
    else:
        found.count += 1


def check_file(source: str | Path | BinaryIO, now: datetime, doubts: Doubts | None = None) -> Iterator[CheckedRow]:
    """An answer for each row, in order; `doubts` gathers what could not be understood.

    A row may end early, as spreadsheets save trailing blanks. One with more cells than the header is not checked (NOT_READ), be
    the last ones blank or not: most likely a comma stands in a cell without quotation marks.
    Raises BadFile when the file or its header cannot be read, also on the way.
    """
    doubts = doubts or Doubts()
    table = open_table(source)
    doubts.notes += table.notes
    try:
        places = match_header(table.header, COLUMNS)
    except BadFile:
        table.close()
        raise
    return _answers(table, places, now, doubts)


def _answers(table: Table, places: dict[str, int], now: datetime, doubts: Doubts) -> Iterator[CheckedRow]:
    rules = rules_at(now)
    known: dict[str, Product | None] = {}
    width = len(table.header)
    with closing(table):
        while batch := list(islice(table.rows, BATCH)):
            good = {line: _row(cells, places) for line, cells in batch if len(cells) <= width}
            if len(known) > KNOWN_AT_MOST:
                known.clear()
            _learn_products([row["products"] for row in good.values()], known)
            answers = _checked(list(good.values()), known, rules, now)
            for line, cells in batch:
                if line in good:
                    doubts.look(line, good[line], known)
                    yield next(answers)
                else:
                    doubts.refuse(line, cells, width)
                    yield CheckedRow(_ref(cells, places), NOT_READ, rule="too_many_cells")


def _row(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}


def _ref(cells: Sequence[str], places: Mapping[str, int]) -> str:
    """Of a row whose cells are shifted: only the first is where it belongs for sure."""
    return cells[0].strip() if places["ref"] == 0 else ""


def _checked(
    rows: Sequence[dict[str, str]], known: dict[str, Product | None], rules: PolicyRules, now: datetime
) -> Iterator[CheckedRow]:
    """The answers for one batch, in order; its rows share the look-ups."""
    identities = [_identity(row) for row in rows]
    questions = {
        at: Question(identity, Asking(products=_products(row["products"], known), submitted_at=now))
        for at, (row, identity) in enumerate(zip(rows, identities, strict=True))
        if identity is not None and _says_something(identity)
    }
    verdicts = dict(zip(questions, check_all(list(questions.values()), rules, now.date()), strict=True))
    for at, row in enumerate(rows):
        yield _answer(row["ref"], verdicts[at]) if at in verdicts else CheckedRow(row["ref"], Outcome.REVIEW, rule="no_name")


def _says_something(identity: Identity) -> bool:
    """A name of more than a legal form, a domain or a number of its own."""
    named = any(not name.only_form for name in identity.names)
    return named or bool(identity.clean_domains) or identity.number.counts


def _identity(row: dict[str, str]) -> Identity | None:
    """The row as an identity; None when its text cannot be stored (NUL, broken Unicode, far too long)."""
    try:
        clean = {name: clean_text(row.get(name, ""), most) for name, most in MOST.items()}
    except DomainError:
        return None
    return Identity(
        name=clean["company"],
        domain=clean["domain"],
        country=row["country"][:100],
        registration_number=clean["registration_number"],
        city=clean["city"],
        street=clean["street"],
        postcode=clean["postcode"],
        phone=clean["phone"],
    )


def _keys(cell: str) -> list[str]:
    """Products named with `|` or `;` between."""
    return [key for key in map(product_key, cell.replace(";", "|").split("|")) if key]


def _learn_products(cells: Iterable[str], known: dict[str, Product | None]) -> None:
    missing = {key for cell in cells for key in _keys(cell)} - known.keys()
    if missing:
        found = {product.key: product for product in Product.objects.filter(key__in=missing)}
        known.update({key: found.get(key) for key in missing})


def _products(cell: str, known: Mapping[str, Product | None]) -> Products:
    """One the catalogue does not know overlaps only with itself."""
    keys = _keys(cell)
    rows: Iterable[Product] = [product for key in keys if (product := known[key])]
    strangers = frozenset(uuid5(NAMESPACE_OID, key) for key in keys if known[key] is None)
    there = products_of(rows)
    return Products(there.ids | strangers, there.families)


def _answer(ref: str, verdict: Verdict) -> CheckedRow:
    leading = verdict.leading
    if leading is None:
        return CheckedRow(ref, verdict.outcome, rule=verdict.rule)
    return CheckedRow(
        ref,
        str(verdict.outcome),
        str(leading.thing.kind),
        leading.thing.ref,
        f"{leading.match.score:.4f}",
        verdict.rule,
        "|".join(leading.match.matched_fields),
    )
