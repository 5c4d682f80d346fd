"""The product's own files, as the laws read them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("prm", "partners", "programs", "deals", "mdf")
APPS = ("partners", "programs", "deals", "mdf")  # in prm/ every folder is one
LAYERS = (
    "urls", "views", "admin", "management", "forms", "filters", "tables", "tasks",
    "services", "emails", "queries", "reports", "rules", "models", "enums",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def parts(self) -> list[str]:
        return self.path.removesuffix(".py").split("/")

    @property
    def app(self) -> str:
        """`deals` or `prm.mail`."""
        return ".".join(self.parts[:2]) if self.parts[0] == "prm" else self.parts[0]

    @property
    def layer(self) -> str:
        """The layer inside the app, or "" for what is none."""
        rest = self.parts[2:] if self.parts[0] == "prm" else self.parts[1:]
        return rest[0] if rest and rest[0] in LAYERS else ""

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything imported; `from a import b` gives a.b."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                yield from ((node.lineno, f"{base}.{name.name}") for name in node.names)

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes if isinstance(node, ast.Call))


@dataclass(frozen=True)
class Template:
    path: str
    text: str


@lru_cache(maxsize=1)
def python_files() -> list[Source]:
    """Our own modules, without migrations."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [_read(path) for path in files if "migrations" not in path.parts]


@lru_cache(maxsize=1)
def test_files() -> list[Source]:
    return [_read(path) for path in sorted((ROOT / "tests").rglob("*.py"))]


test_files.__test__ = False


def templates() -> list[Template]:
    paths = [path for path in sorted((ROOT / "templates").rglob("*")) if path.suffix in {".html", ".txt"}]
    return [Template(str(path.relative_to(ROOT)), path.read_text()) for path in paths]


def _read(path: Path) -> Source:
    return Source(str(path.relative_to(ROOT)), path.read_text())
