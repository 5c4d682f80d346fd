"""The gallery's addresses."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def gallery_urls(settings):
    """The product's addresses plus the gallery's, whose templates stand beside it."""
    settings.ROOT_URLCONF = "tests.prm.web.gallery.urls"
    first = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**first, "DIRS": [*first["DIRS"], HERE / "gallery" / "templates"]}]
