"""Customers with recombined real names, and match keys made as an import makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from django.utils import timezone

from deals.services.resolution import core_of
from prm.core import bulk
from prm.core.identifiers import uuid7
from prm.matching import Frequency, Identity, identity_keys
from prm.matching.variants import recombine
from prm.ops.scale.loading import cell, copy_text, ref_of
from prm.ops.seed.source import dice, rows

COLUMNS = (
    "id", "created_at", "ref", "name", "core", "country", "city", "domain", "registration_number", "street", "postcode", "phone",
    "match_keys",
)  # fmt: skip
SAMPLE = 20_000  # names read ahead, so that the first customers' keys know which words are common
COUNTRIES = ["US", "US", "DE", "GB", "FR", "ID", "ES", "JP", "BR", "PL"]
CITIES = ["", "", "Berlin", "Chicago", "Jakarta", "Lyon", "Madrid", "Osaka", "Recife", "Warszawa"]


def real_names() -> list[str]:
    """The names that new ones are put together from."""
    return [row["name"] for source in ("organisations", "universities", "resellers") for row in rows(source)]


def make_customers(count: int) -> None:
    """So many customers, no two with the same words; their word counts are stored."""
    words: Counter[str] = Counter()
    copy_text("deals_customer", COLUMNS, _lines(count, words))
    bulk.run("INSERT INTO deals_matchkey (key, customer_id) SELECT DISTINCT unnest(match_keys), id FROM deals_customer")
    words[""] = count
    bulk.copy_rows("deals_tokencount", ("token", "names"), ((token[:64], names) for token, names in _cut(words).items()))


def _cut(words: Counter[str]) -> Counter[str]:
    """Words as long as their column."""
    short: Counter[str] = Counter()
    for word, names in words.items():
        short[word[:64]] += names
    return short


def _lines(count: int, words: Counter[str]) -> Iterator[str]:
    now, lots = timezone.now().isoformat(), dice("scale-customers")
    names = recombine(real_names(), count)
    head = list(islice(names, SAMPLE))
    ahead: Counter[str] = Counter(token for name in head for token in set(Identity(name=name).name_key.tokens))
    ahead[""] = len(head)
    for number, name in enumerate(chain(head, names)):
        country = lots.choice(COUNTRIES)
        domain = f"scale{number}.example" if number % 3 == 0 else ""
        identity = Identity(name=name, country=country, domain=domain)
        tokens = identity.name_key.tokens
        words.update(set(tokens))
        known = words if number > SAMPLE else ahead
        frequency = Frequency({token: known[token] for token in tokens}, max(number, 1000))
        keys = sorted({key for _kind, key in identity_keys(identity, frequency)})
        yield (
            f"{uuid7()}\t{now}\t{ref_of('C', number)}\t{cell(name)}\t{cell(core_of(identity.name_key))}\t{country}\t"
            f"{lots.choice(CITIES)}\t{domain}\t\t\t\t\t{bulk.array(keys)}\n"
        )
