"""A register ten times as large as the protocol's: real names that are not its own, then recombined ones."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from .normalise import normalise_name
from .quality import Protocol, run_protocol
from .score import Model
from .variants import recombine


def real_names(shared: Path) -> Iterator[str]:
    """All real names of the shared data but those with known truth."""
    with (shared / "universities_domains" / "world_universities_and_domains.json").open(encoding="utf-8") as file:
        yield from (row["name"] for row in json.load(file))
    with (shared / "cleanco_companies" / "companies.csv").open(encoding="utf-8") as file:
        yield from (line.rsplit(";", 1)[0].strip() for line in file if line.strip())
    for path, column in (
        ("adventureworks_resellers/DimReseller.csv", "ResellerName"),
        ("crm_sales_opportunities/accounts.csv", "account"),
    ):
        with (shared / path).open(encoding="utf-8-sig") as file:
            yield from (row[column] for row in csv.DictReader(file))


def in_a_larger_pool(protocol: Protocol, shared: Path, times: int = 10, model: Model | None = None) -> dict[str, Any]:
    """The protocol's figures with `times` as many names in the register; of the wrong declines, which are namesakes.

    A namesake has the very same name but for its legal form, the order of words and the spelling: nobody could tell it apart.
    """
    real = list(dict.fromkeys(filter(None, real_names(shared))))
    own = [name for _entity, name in protocol.registered]
    wanted = len(own) * (times - 1)
    pool = list(islice(chain(real, recombine([*real, *own], max(wanted - len(real), 0))), wanted))
    figures = run_protocol(protocol, pool, model)
    wrong = [{"new": new, "declined_for": known, "namesake": _alike(new, known)} for new, known in figures.pop("wrong_declines")]
    return {**figures, "wrong_declines": wrong, "other_than_namesakes": [row for row in wrong if not row["namesake"]]}


def _alike(one: str, other: str) -> bool:
    a, b = normalise_name(one), normalise_name(other)
    return a.sorted_core == b.sorted_core or a.joined == b.joined
