"""Each guard is shown to bite: without it, a test turns red."""

import pytest

from tests.faults import runner
from tests.faults.faults import FAULTS

EVERY_TEST = " ".join(sorted({name for fault in FAULTS for name in fault.tests.split()}))


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    copy = runner.copy_tree(tmp_path_factory.mktemp("faults"))
    runner.clear_servers(copy)
    yield copy
    runner.clear_servers(copy)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_table_fits_the_code(fault):
    """When this fails, a guard was rewritten: put its new text into tests/faults/faults.py and run `make soak`."""
    assert not runner.why_not_planted(fault)
    assert bool(fault.file) != bool(fault.trigger or fault.constraint)
    for name in fault.tests.split():
        assert (runner.ROOT / name.split("::")[0]).exists(), name


def test_names_are_unique():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 20


@pytest.mark.soak
def test_without_a_fault_all_is_green(tree):
    code, _failed, said = runner.run_tests(tree, EVERY_TEST)
    assert code == 0, said


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_turns_a_test_red(tree, fault):
    with runner.planted(fault, tree) as extra:
        code, failed, said = runner.run_tests(tree, fault.tests, **extra)
    assert code == 1 and failed, f"nobody noticed: {fault.name}\n{said}"
