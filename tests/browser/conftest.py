"""What the journeys share: Chromium, the cast, and a signed-in page of a given size with or without JavaScript."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.browser.examine import signed_in
from tests.cast import make_cast
from tests.prm.web.look import listen


@pytest.fixture
def people(settings, transactional_db):
    """The named cast, committed, so that the live server sees it. Staff need no second factor here (its own tests do that)."""
    settings.REQUIRE_STAFF_MFA = False
    return make_cast()


@pytest.fixture
def window(browser, live_server):
    """`window(user, mode)`: a page as this person sees it. At the end nothing may have come on the console."""
    opened, problems = [], []

    def open_page(user, mode):
        client = Client()
        if user is not None:
            client.force_login(user)
        width, scripts = mode
        size = {"width": width, "height": 900}
        page = signed_in(browser, live_server.url, client, viewport=size, java_script_enabled=scripts)
        listen(page, str(user), problems)
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        page.context.close()
    assert problems == []
