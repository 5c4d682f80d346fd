"""Ground of every test: the servers run, caches and queues of the tests are apart from those of the demo."""

import os
from pathlib import Path

import hypothesis
import pytest
from django.core.cache import cache
from django.test import TransactionTestCase, override_settings
from django.utils import translation

from prm.boot import embedded
from prm.celery import app as celery_app
from prm.core.triggers import truncate_allowed

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# An example may take its time on a busy machine; failures print what to paste to see them again.
hypothesis.settings.register_profile("portal", deadline=None, print_blob=True)
hypothesis.settings.load_profile("portal")


def pytest_configure(config):
    os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")  # a test database need not outlive a power cut
    if not config.option.collectonly:
        embedded.ensure()


@pytest.fixture(scope="session", autouse=True)
def _own_cache_and_queue():
    """The tests' worker number in every cache key, and a broker database that no worker reads."""
    from django.conf import settings

    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    caches = {"default": {**settings.CACHES["default"], "KEY_PREFIX": f"test-{worker}"}}
    if settings.BOOT.embedded_valkey:
        celery_app.conf.broker_url = settings.BOOT.redis_url.replace("virtual_host=0", "virtual_host=15")
    celery_app.conf.broker_transport_options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": f"test-{worker}:"}
    with override_settings(CACHES=caches):
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_may_truncate():
    """Append-only tables refuse TRUNCATE; Django's flush after a transactional test is let through, nothing else."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(case):
        with truncate_allowed():
            flush(case)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(autouse=True)
def _own_language():
    """A request leaves its reader's language active in the thread; the next test starts in the site's own."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _empty_cache(_own_cache_and_queue):
    """Rate limits and marks of one test are not seen by the next."""
    yield
    keys = list(cache._cache.get_client().scan_iter(match=cache.make_key("*"), count=1000))
    if keys:
        cache._cache.get_client().delete(*keys)


@pytest.fixture
def cast(db):
    """The named people of the tests (tests/cast.py)."""
    from tests.cast import make_cast

    return make_cast()


def pytest_terminal_summary(terminalreporter):
    """Left-out browser tests are not a detail: say so where nobody overlooks it."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report for report in skipped if "Chromium is not installed" in str(report.longrepr)]
    if left_out:
        terminalreporter.section("BROWSER TESTS WERE LEFT OUT", sep="!", red=True)
        terminalreporter.line(f"{len(left_out)} tests did not run: Chromium is not installed (Debian: apt-get install chromium).")


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium through Playwright, started once per process (it cannot be started twice in one).

    Django is told that the event loop in this thread is Playwright's.
    """
    sync_api = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed; .ci/run installs it")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
