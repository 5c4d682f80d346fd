"""Cells that only deals know: what a stage means, products, web addresses, an amount with its currency."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _

from deals.enums import OpportunityState
from prm.catalog.queries import product_key
from prm.core.tabular import CellError, Problems
from prm.core.tabular.cells import fits_currency, text
from prm.matching import clean_domain
from prm.matching.domains import host_of

WON_WORDS = """
won win gewonnen gewinn gagne gagnee gagnes ganado ganada ganho ganha vinto vinta wygrana wygrane wygrany vunnen vunnet vundet
voitettu vyhrano vyhrana megnyert castigat kazanildi menang dimenangkan 受注 成約 赢单 成交 수주 выиграна выиграно выигран
"""
LOST_WORDS = """
lost loss verloren perdu perdue perdus perdido perdida perso persa przegrana przegrane przegrany forlorad forlorat tabt tapt
havitty prohrano prohrana elveszett pierdut kaybedildi kalah 失注 输单 실주 проиграна проиграно проигран потеряна
"""
WON, LOST = frozenset(WON_WORDS.split()), frozenset(LOST_WORDS.split())
WORD = re.compile(r"[^\W\d_]+")
SPLIT = re.compile(r"[|;\n]")
MAX_PRODUCTS = 50
NOT_SAID = frozenset({"-", "--", "n/a", "na", "none", "null", "unknown", "?"})
product_name = text(100)


@lru_cache(maxsize=2048)
def stage_says(stage: str) -> OpportunityState | None:
    """Won or lost where the stage says so in one of many languages (`Closed Won`, `verloren`, `失注`); else None."""
    plain = unicodedata.normalize("NFKD", stage.casefold())
    words = set(WORD.findall("".join(char for char in plain if not unicodedata.combining(char))))
    words |= set(WORD.findall(stage.casefold()))
    won = bool(words & WON) or any(word in stage for word in WON if not word.isascii())
    lost = bool(words & LOST) or any(word in stage for word in LOST if not word.isascii())
    if won == lost:
        return None
    return OpportunityState.WON if won else OpportunityState.LOST


def state_of(stage: str, closed_on: date | None) -> str:
    """What the stage says; where it says nothing, a closed row is lost and any other open."""
    said = stage_says(stage) if stage else None
    return (said or (OpportunityState.LOST if closed_on else OpportunityState.OPEN)).value


@lru_cache(maxsize=8192)
def web_domain(cell: str) -> tuple[str, bool]:
    """(the company's domain in one spelling, whether the cell is a web address at all)."""
    host = host_of(cell)
    return clean_domain(cell) or host, bool(host) or cell.casefold() in NOT_SAID


@dataclass
class ProductList:
    """Reads lists of products and remembers every name, as first written, by key."""

    names: dict[str, str] = field(default_factory=dict)
    _read: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __call__(self, cell: str) -> tuple[str, ...]:
        """The keys, sorted by code point, of names separated by `|` or `;`."""
        if cell not in self._read:
            found = {product_key(name): name for name in map(product_name, filter(None, map(str.strip, SPLIT.split(cell))))}
            if "" in found:
                raise CellError(_("“%(name)s” is not the name of a product.") % {"name": found[""]})
            if len(found) > MAX_PRODUCTS:
                raise CellError(_("Please name at most %(count)d products.") % {"count": MAX_PRODUCTS})
            for key, name in found.items():
                self.names.setdefault(key, name)
            if len(self._read) > 20_000:
                self._read.clear()
            self._read[cell] = tuple(sorted(found))
        return self._read[cell]


def money(amount: Decimal | None, code: str, line: int, problems: Problems, column: str = "amount") -> Decimal | None:
    """The amount in the digits of its currency; what does not fit goes to `problems`."""
    if amount is None:
        return None
    if not code:
        problems.add(line, "currency", _("An amount needs its currency."))
        return amount
    try:
        return fits_currency(amount, code)
    except CellError as error:
        problems.add(line, column, str(error), amount)
        return amount
