"""Runs tests in a copy of the tree, in which a fault may be planted."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.faults import Fault

ROOT = Path(__file__).resolve().parents[2]
SHARED = (".venv", "node_modules")
VAR = Path(tempfile.gettempdir()) / f"prm-faults-{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"  # servers of each process' own


class Planted(Exception):
    """The table does not fit the code any more."""


def tracked() -> list[str]:
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in answer.stdout.split("\0") if name]


def copy_tree(target: Path) -> Path:
    """The tracked files and the compiled catalogues; what is installed is only linked."""
    compiled = (str(path.relative_to(ROOT)) for path in ROOT.glob("locale/**/*.mo"))
    for name in {*tracked(), *compiled}:
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    for name in SHARED:
        if (ROOT / name).exists():
            (target / name).symlink_to((ROOT / name).resolve())
    return target


def why_not_planted(fault: Fault, root: Path = ROOT) -> str:
    """Empty when the fault can be planted."""
    if not fault.file:
        return ""
    count = (root / fault.file).read_text().count(fault.old) if (root / fault.file).exists() else -1
    return "" if count == 1 else f"{fault.file}: the text of “{fault.name}” stands there {count} times, not once"


@contextmanager
def planted(fault: Fault, tree: Path) -> Iterator[dict[str, str]]:
    """The tree with the fault in it; yields what the run needs in its environment."""
    if fault.trigger or fault.constraint:
        yield {"PRM_FAULT": json.dumps(["trigger", *fault.trigger] if fault.trigger else ["constraint", *fault.constraint])}
        return
    if problem := why_not_planted(fault, tree):
        raise Planted(problem)
    file = tree / fault.file
    sound = file.read_text()
    file.write_text(sound.replace(fault.old, fault.new))
    try:
        yield {}
    finally:
        file.write_text(sound)


def run_tests(tree: Path, tests: str, *flags: str, **extra: str) -> tuple[int, int, str]:
    """(exit code, how many tests failed, what was printed)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_", "DATABASE_", "REDIS_"))}
    environment = {**kept, "PRM_VAR": str(VAR), "PYTHONDONTWRITEBYTECODE": "1", **extra}
    plugin = ["-p", "tests.faults.database"] if "PRM_FAULT" in extra else []
    command = [sys.executable, "-m", "pytest", "-n0", "-q", "-x", "--reuse-db", *plugin, *flags, *tests.split()]
    ran = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=900)
    found = re.search(r"(\d+) failed", ran.stdout)
    return ran.returncode, int(found[1]) if found else 0, ran.stdout[-6000:] + ran.stderr[-2000:]


def clear_servers(tree: Path) -> None:
    """End the servers and forget their data: a run that was killed may have left a database without one of its guards."""
    subprocess.run([sys.executable, "manage.py", "stop_embedded"], cwd=tree, env={**os.environ, "PRM_VAR": str(VAR)}, timeout=120)
    shutil.rmtree(VAR, ignore_errors=True)
