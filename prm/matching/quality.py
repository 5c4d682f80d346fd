"""The registrar protocol: register known names, send in known duplicates and truly new names, count what happens.

`python -m prm.matching.quality FOLDER [half]` prints JSON. Entities fall into two halves by a hash of their id: `fit`
for fitting, `test` for nothing but looking.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zlib import crc32

from .identity import Identity
from .register import Register
from .score import Model

DRAWS = 5
SHARES = ("caught", "caught_certain", "new_to_review", "new_declined")
KNOWN_OF_100 = 65  # share of entities whose first record is registered; the rest is truly new


@dataclass
class Protocol:
    """(entity, name): registered, duplicates to send, truly new to send."""

    registered: list[tuple[str, str]] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    new: list[tuple[str, str]] = field(default_factory=list)


def half_of(entity: str) -> str:
    """`fit` or `test`, by a hash of the entity alone."""
    return "fit" if crc32(f"half:{entity}".encode()) % 2 else "test"


def _lot(draw: int, *texts: str) -> int:
    """A number by chance, the same in every run. Not a checksum: its lots would hang together from one draw to the next."""
    return int.from_bytes(blake2b("\0".join((str(draw), *texts)).encode(), digest_size=8).digest(), "big")


def read_protocol(folder: Path, half: str = "", draw: int = 0) -> Protocol:
    """Split `records.csv`: the other half's entities are registered too, so that the pool keeps its size.

    draw: another number registers other names of other entities; one draw alone says little about a share of 2 %. Raises
    KeyError when a column is missing.
    """
    by_entity: dict[str, list[str]] = defaultdict(list)
    with (folder / "records.csv").open(encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        for column in {"entity_id", "name"} - set(reader.fieldnames or ()):
            raise KeyError(column)
        for row in reader:
            by_entity[row["entity_id"]].append(row["name"])
    found = Protocol()
    for entity, names in sorted(by_entity.items()):
        names = sorted(names, key=partial(_lot, draw, entity))
        if half and half_of(entity) != half:
            found.registered.append((entity, names[0]))
        elif _lot(draw, entity) % 100 < KNOWN_OF_100:
            found.registered.append((entity, names[0]))
            found.duplicates += [(entity, name) for name in names[1:]]
        else:
            found.new += [(entity, name) for name in names[:1]]
    return found


def run_protocol(protocol: Protocol, pool: Iterable[str] = (), model: Model | None = None) -> dict[str, Any]:
    """Figures in per cent, with the wrong declines and the misses by name."""
    entities = [entity for entity, _ in protocol.registered]
    register = Register([Identity(name) for _, name in protocol.registered], model)
    if extra := [Identity(name) for name in pool]:
        register.add_all(extra)
        entities += [""] * len(extra)
    caught: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    wrong, missed, reviewed = [], [], []
    for entity, name in protocol.duplicates:
        best = register.check(Identity(name))
        outcome = best[0][1].certainty if best else "unlikely"
        caught[outcome] += 1
        caught["right"] += any(entities[row] == entity for row, _ in best)
        caught["top"] += bool(best) and entities[best[0][0]] == entity
        if not best:
            missed.append((name, next(known for other, known in protocol.registered if other == entity)))
    for _, name in protocol.new:
        best = register.check(Identity(name))
        outcome = best[0][1].certainty if best else "unlikely"
        refused[outcome] += 1
        if outcome == "certain":
            wrong.append((name, register.rows[best[0][0]].name))
        elif best:
            reviewed.append((name, register.rows[best[0][0]].name, best[0][1].rule, best[0][1].score))
    total, fresh = max(len(protocol.duplicates), 1), max(len(protocol.new), 1)

    def share(count: int, of: int) -> float:
        return round(100 * count / of, 2)

    return {
        "registered": len(register.rows),
        "duplicates": len(protocol.duplicates),
        "new": len(protocol.new),
        "caught": share(caught["certain"] + caught["likely"], total),
        "caught_certain": share(caught["certain"], total),
        "caught_the_right_one": share(caught["right"], total),
        "right_one_on_top": share(caught["top"], total),
        "new_to_review": share(refused["likely"], fresh),
        "new_declined": share(refused["certain"], fresh),
        "wrong_declines": wrong,
        "missed": missed,
        "reviewed": reviewed,
    }


def over_draws(folder: Path, half: str, draws: int = DRAWS, model: Model | None = None) -> dict[str, float]:
    """Mean figures of several draws, in per cent, with the highest share of new names declined as `worst_declined`."""
    found = [run_protocol(read_protocol(folder, half, draw), model=model) for draw in range(draws)]
    means = {name: round(sum(figures[name] for figures in found) / draws, 2) for name in SHARES}
    return {"draws": draws, **means, "worst_declined": max(figures["new_declined"] for figures in found)}


def main() -> None:
    """Print figures of both halves, or of the half asked for."""
    folder = Path(sys.argv[1])
    halves = [sys.argv[2]] if len(sys.argv) > 2 else ["fit", "test"]
    for half in halves:
        figures = run_protocol(read_protocol(folder, half))
        report = {"half": half, **figures, "mean_of_draws": over_draws(folder, half)}
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
