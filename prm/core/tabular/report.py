"""What an import did or would do; the same for every kind of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from prm.core.tabular.problems import Problems

KEPT_WARNINGS = 1000
Progress = Callable[[str, int, int], None]  # step in words, done, total (0: not known)


def silent(step: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass
class Report:
    """Counts of rows, problems that keep a row out, warnings that do not, and notes about the file as a whole.

    outcome: loaded, partly (rows in error left out) or refused (nothing loaded); with `dry_run` what it would have been.
    """

    kind: str
    file: str
    source: str = ""
    dry_run: bool = False
    outcome: str = "loaded"
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: Problems = field(default_factory=Problems)
    warnings: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    run: str = ""

    def as_dict(self, *, with_values: bool = True, most: int | None = None) -> dict[str, Any]:
        """For JSON. most: so many problems and warnings at most; `problems_left_out` counts the others."""
        problems, warnings = self.problems.in_order()[:most], self.warnings.in_order()[: most or KEPT_WARNINGS]
        return {
            "kind": self.kind,
            "file": self.file,
            "source": self.source,
            "dry_run": self.dry_run,
            "outcome": self.outcome,
            "run": self.run,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "error_rows": self.problems.rows,
            "errors": self.problems.count,
            "problems": [problem.as_dict(with_value=with_values) for problem in problems],
            "problems_left_out": self.problems.count - len(problems),
            "warnings": [problem.as_dict(with_value=with_values) for problem in warnings],
            "warnings_left_out": self.warnings.count - len(warnings),
            "notes": self.notes,
            **self.facts,
            "seconds": round(self.seconds, 2),
        }
