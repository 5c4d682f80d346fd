"""The README's pictures come out of the demo data, all four, and stay small."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from prm.ops.management.commands.screenshots import LARGEST

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_without_demo_data_it_says_what_to_run(tmp_path):
    with pytest.raises(CommandError, match="make demo"):
        call_command("screenshots", to=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
def test_four_small_pictures(tmp_path, settings, transactional_db):
    call_command("seed_demo", small=True)
    call_command("screenshots", to=str(tmp_path))
    found = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert sorted(found) == ["deals.png", "declined.png", "home.png", "review.png"]
    assert all(0 < size <= LARGEST for size in found.values())
