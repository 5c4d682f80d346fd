"""A register in memory: the same keys, sieve and comparison as the database, for measuring and fitting."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from .compare import Comparison, compare, shortlist
from .frequency import Frequency
from .identity import Identity
from .keys import identity_keys, ranked
from .score import Model

SHORTLIST = 20
_ORDER = {"certain": 0, "likely": 1, "unlikely": 2}


class Register:
    """Names with their keys. `check` gives the comparisons worth a look, best first."""

    def __init__(self, identities: Iterable[Identity] = (), model: Model | None = None) -> None:
        self.model = model
        self.rows: list[Identity] = []
        self.counts: Counter[str] = Counter()
        self.postings: dict[int, list[int]] = defaultdict(list)
        self.add_all(identities)

    @property
    def frequency(self) -> Frequency:
        """Document frequency over all rows."""
        return Frequency(self.counts, len(self.rows))

    def add_all(self, identities: Iterable[Identity]) -> None:
        """Count the words of all first, then store keys, as an import does."""
        fresh = list(identities)
        start = len(self.rows)
        self.rows += fresh
        for identity in fresh:
            self.counts.update(set(identity.name_key.tokens))
        frequency = self.frequency
        for number, identity in enumerate(fresh, start):
            for _, key in identity_keys(identity, frequency):
                self.postings[key].append(number)

    def candidates(self, identity: Identity) -> list[int]:
        """Row numbers, at most `MAX_CANDIDATES`, the most promising first."""
        probes = identity_keys(identity, self.frequency, probe=True)
        return ranked(self.postings.get(key, []) for _, key in probes)

    def compared(self, identity: Identity, limit: int = SHORTLIST) -> Iterator[tuple[int, Comparison]]:
        """(row, comparison) for the shortlist."""
        frequency, rows = self.frequency, self.candidates(identity)
        named = [(row, self.rows[row].name_key.core) for row in rows]
        for row in shortlist(identity.name_key, named, limit):
            yield row, compare(identity, self.rows[row], frequency, self.model)

    def check(self, identity: Identity) -> list[tuple[int, Comparison]]:
        """Certain and likely matches, best first."""
        found = [(row, result) for row, result in self.compared(identity) if result.certainty != "unlikely"]
        return sorted(found, key=lambda item: (_ORDER[item[1].certainty], -item[1].score, item[0]))
