"""What is wrong with a file, cell by cell, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from prm.core.errors import DomainError

KEPT = 100_000
SHOWN_VALUE = 60


class BadFile(DomainError):
    """The file as a whole cannot be read: missing, of an unknown kind, wrong columns."""


class CellError(Exception):
    """What is wrong with one cell, as a sentence for the person who wrote the file."""


@dataclass(frozen=True)
class Problem:
    """One cell that cannot be taken. `line` counts from 1 and includes the header; `value` is cut."""

    line: int
    column: str
    message: str
    value: str = ""

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.message}"

    def as_dict(self, *, with_value: bool = True) -> dict[str, object]:
        known: dict[str, object] = {"line": self.line, "column": self.column, "message": self.message}
        return known | {"value": self.value} if with_value else known


@dataclass
class Problems:
    """All problems are counted; the first `KEPT` are kept."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0
    lines: set[int] = field(default_factory=set)

    @property
    def rows(self) -> int:
        """Lines with at least one problem."""
        return len(self.lines)

    def add(self, line: int, column: str, message: str, value: object = "") -> None:
        self.count += 1
        self.lines.add(line)
        if len(self.kept) < KEPT:
            self.kept.append(Problem(line, column, message, _cut(str(value))))

    def in_order(self) -> list[Problem]:
        """By line; checks across rows come later than those of cells."""
        return sorted(self.kept, key=lambda problem: problem.line)


def _cut(value: str) -> str:
    plain = "".join(char if char.isprintable() else "�" for char in value[: SHOWN_VALUE + 1])
    return plain if len(plain) <= SHOWN_VALUE else plain[:SHOWN_VALUE] + "…"
