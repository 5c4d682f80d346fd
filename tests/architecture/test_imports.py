"""The import contracts of pyproject.toml, over the tree and on planted faults.

What to do instead of an upward import (ARCHITECTURE.md, section 1): put a fact (`partners.services.fact.put`), complete a journey
step, ring the doorbell by name, let the higher app sweep, or move the page to the composition floor.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

from tests.architecture.source import PACKAGES, ROOT

HINT = "Lower never calls higher. " + (__doc__ or "").split("\n\n")[1]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--config", "pyproject.toml", "--no-cache"]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder), "COLUMNS": "200"}, capture_output=True, text=True)


def test_the_tree_keeps_the_contracts():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr + HINT


@pytest.fixture
def planted(tmp_path):
    """A copy of the packages' skeleton under the real contracts, with one import planted."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts and "management" not in path.parts:
                copy = tmp_path / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.touch()

    def plant(module: str, imports: str) -> subprocess.CompletedProcess[str]:
        for name in (module, imports):
            path = tmp_path / (name.replace(".", "/") + ".py")
            if not path.with_suffix("").is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        path = tmp_path / (module.replace(".", "/") + ".py")
        if path.with_suffix("").is_dir():
            path = path.with_suffix("") / "__init__.py"
        path.write_text(f"import {imports}\n")
        return lint(tmp_path)

    return plant


@pytest.mark.parametrize(
    ("module", "imports"),
    [
        ("deals.services", "partners.services"),
        ("mdf.enums", "prm.core.states"),
        ("partners.views", "prm.web"),
        ("prm.home.views", "mdf"),
        ("prm.core.money", "prm.boot.config"),
        ("deals.tasks", "deals.services"),
    ],
)
def test_downward_is_fine(planted, module, imports):
    result = planted(module, imports)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "imports"),
    [
        ("partners.services", "deals.models"),
        ("programs.queries", "deals.reports"),
        ("deals.rules", "mdf.models"),
        ("deals.services", "prm.home.queries"),
        ("prm.audit.services", "partners.models"),
        ("prm.core.states", "prm.audit.services"),
        ("prm.boot.config", "prm.core.errors"),
        ("prm.home.views", "prm.urls"),
        ("deals.models", "deals.rules"),
        ("deals.queries", "deals.services"),
        ("deals.services", "deals.tasks"),
        ("deals.services", "deals.views"),
        ("mdf.rules", "mdf.queries"),
        ("partners.enums", "partners.models"),
        ("prm.mail.services", "prm.mail.tasks"),
    ],
)
def test_upward_is_refused(planted, module, imports):
    result = planted(module, imports)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout


def test_every_installed_app_of_ours_stands_under_a_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    direction = " ".join(contracts[0]["layers"])
    ours = [config.name for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES]
    assert [app for app in ours if app not in direction.replace("(", " ").replace(")", " ").split()] == []
    layered = [app for app in ours if app not in {"prm.core", "prm.web"}]
    assert [app for app in layered if app not in contracts[1]["containers"]] == []
