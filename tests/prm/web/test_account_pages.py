"""allauth's pages in the product's look: accessible at both widths, no content policy report."""

import pytest
from django.conf import settings as live_settings

from tests.cast import PASSWORD
from tests.prm.web.look import listen, problems_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OUTSIDE = ["/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/", "/accounts/password/reset/done/"]
INSIDE = [
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/3rdparty/",
    "/accounts/reauthenticate/",
    "/accounts/logout/",
]


@pytest.mark.parametrize(("width", "theme"), [pytest.param(1280, "light", marks=pytest.mark.soak), (375, "dark")])
def test_account_pages(browser, live_server, client, cast, width, theme):
    problems = []
    context = browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url)
    context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    page = context.new_page()
    listen(page, "account", problems)
    for path in OUTSIDE:
        assert page.goto(path).status == 200, path
        problems += problems_of(page, f"account{path.replace('/', '-')}{width}-{theme}")
    page.goto("/accounts/login/")
    page.fill("[name=login]", cast.alice.email)
    page.fill("[name=password]", "wrong " + PASSWORD)
    page.click("main form button[type=submit]")
    assert page.is_visible("[data-error-summary]")
    problems += problems_of(page, f"account-wrong-{width}-{theme}")
    client.force_login(cast.alice)
    name = live_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    for path in INSIDE:
        page.goto(path)
        problems += problems_of(page, f"account{path.replace('/', '-')}{width}-{theme}")
    context.close()
    assert not problems, "\n".join(map(str, problems))
