"""A test stands where its module stands: `deals/services/deal.py` → `tests/deals/services/test_deal.py`."""

from pathlib import Path

import pytest

from tests.architecture.source import LAYERS, PACKAGES, ROOT, test_files

# Tests of the whole rather than of one module.
WHOLE = {"architecture", "languages", "browser", "matrix", "races", "journeys", "soak", "faults", "bench", "lists"}


def misplaced(path: str, root: Path = ROOT) -> str | None:
    """Why a test file is in the wrong place, or None."""
    *folders, name = Path(path).parts[1:]
    if not name.startswith("test_") or (folders and folders[0] in WHOLE):
        return None
    if not folders or folders[0] not in PACKAGES:
        return f"{path}: put it under tests/<app>/<layer>/, or into one of {', '.join(sorted(WHOLE))}"
    home = root.joinpath(*folders)
    if home.with_suffix(".py").is_file():
        return None
    if not home.is_dir():
        return f"{path}: there is no {home.relative_to(root)} that it could test: mirror the path of the module"
    if folders[-1] not in LAYERS:
        return None
    noun = name.removeprefix("test_").removesuffix(".py")
    known = {entry.stem for entry in home.iterdir() if entry.suffix == ".py" or entry.is_dir()} - {"__init__"}
    if not any(noun == stem or noun.startswith(f"{stem}_") for stem in known):
        return f"{path}: begin the name with the module it tests, one of: {', '.join(sorted(known - {'__pycache__'}))}"
    return None


def test_every_test_mirrors_its_module():
    wrong = [found for file in test_files() if (found := misplaced(file.path))]
    assert not wrong, "\n".join(["", *wrong])


def test_nothing_of_ours_stands_at_top_level_that_the_plan_does_not_know():
    tooling = {"requirements", "node_modules", "deploy", "docs", "locale", "var", "htmlcov", "templates", "static", "tests"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    assert folders - tooling - set(PACKAGES) == set(), "no further apps at top level: see the plan in ARCHITECTURE.md"


@pytest.fixture
def small_tree(tmp_path):
    for name in ("deals/services/deal.py", "deals/reports.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    "path",
    [
        "tests/deals/services/test_deal.py",
        "tests/deals/services/test_deal_races.py",
        "tests/deals/reports/test_numbers.py",
        "tests/deals/test_reports.py",
        "tests/browser/test_anything.py",
        "tests/deals/cast.py",
    ],
)
def test_good_places(small_tree, path):
    assert misplaced(path, small_tree) is None


@pytest.mark.parametrize(
    "path",
    ["tests/test_deal.py", "tests/deals/services/test_dealer.py", "tests/deals/forms/test_deal.py", "tests/other/test_x.py"],
)
def test_bad_places(small_tree, path):
    assert misplaced(path, small_tree)
