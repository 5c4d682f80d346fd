"""Every component in a real browser: accessible, inside the frame at 320 px, without a CSP report, light and dark."""

import pytest

from prm.catalog.models import Product
from tests.prm.web.look import listen, problems_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = {
    "all": "/gallery/",
    "rows": "/gallery/rows/?size=25",
    "empty": "/gallery/empty/",
    "missing": "/gallery/missing/",
    "refused": "/gallery/refused/",
    "login": "/accounts/login/",
}


def open_page(browser, base, width, scheme, theme="", **more):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, base_url=base, **more)
    if theme:
        context.add_cookies([{"name": "theme", "value": theme, "url": base}])
    return context.new_page()


@pytest.mark.parametrize(
    ("width", "scheme", "theme"),
    [
        (1280, "light", "dark"),
        (320, "dark", "light"),
        pytest.param(1280, "light", "", marks=pytest.mark.soak),
        pytest.param(375, "dark", "", marks=pytest.mark.soak),
    ],
)
def test_components_are_accessible_and_fit(browser, live_server, gallery_urls, width, scheme, theme):
    Product.objects.bulk_create([Product(key=f"p{n}", name=f"Product {n:03}") for n in range(60)])
    problems = []
    for name, path in PAGES.items():
        page = open_page(browser, live_server.url, width, scheme, theme)
        listen(page, name, problems)
        page.goto(path)
        problems += problems_of(page, f"{name}-{width}-{theme or scheme}", full=width < 1000)
        page.context.close()
    assert not problems, "\n".join(map(str, problems))


def test_keys_menus_theme_and_rows_work(browser, live_server, gallery_urls):
    page = open_page(browser, live_server.url, 1280, "light")
    problems = []
    listen(page, "keys", problems)
    page.goto("/gallery/")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.click("summary[title='Language and appearance']")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.click("button[value=dark]")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.keyboard.press("Escape")
    assert page.query_selector("details[open]") is None
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.click("[data-formset-add]")
    assert page.input_value("[name=rows-TOTAL_FORMS]") == "2"
    assert page.evaluate("document.activeElement.name") == "rows-1-customer"
    page.click("[data-formset-remove]")
    assert not page.is_visible("[name=rows-0-customer]")
    page.click("[data-confirm]")
    assert page.inner_text("dialog pre") == "Withdraw this deal?"
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert not problems, "\n".join(map(str, problems))
    page.context.close()


def test_the_menu_opens_without_javascript_on_a_phone(browser, live_server, gallery_urls):
    page = open_page(browser, live_server.url, 320, "light", java_script_enabled=False)
    page.goto("/gallery/")
    assert not page.is_visible("#nav")
    page.click("a[href='#nav']")
    assert page.is_visible("#nav")
    page.click(".sidebar-close")
    assert not page.is_visible("#nav")
    page.click("summary[title='Language and appearance']")
    page.click("button[value=dark]")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.context.close()
