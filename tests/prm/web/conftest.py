"""The gallery's addresses and a browser for looking at pages."""

import os
from pathlib import Path

import pytest

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HERE = Path(__file__).parent


@pytest.fixture
def gallery_urls(settings):
    """The product's addresses plus the gallery's, whose templates stand beside it."""
    settings.ROOT_URLCONF = "tests.prm.web.gallery.urls"
    first = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**first, "DIRS": [*first["DIRS"], HERE / "gallery" / "templates"]}]


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium through Playwright; Django is told that the event loop in this thread is Playwright's."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed; .ci/run installs it")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
