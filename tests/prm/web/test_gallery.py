"""Every component in a real browser: accessible, inside the frame at 320 px, without a CSP report, light and dark."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from prm.catalog.models import Product

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
SHOTS = os.environ.get("SHOTS")
PAGES = {"all": "/gallery/", "rows": "/gallery/rows/?size=25", "empty": "/gallery/empty/", "missing": "/gallery/missing/",
         "refused": "/gallery/refused/", "login": "/accounts/login/"}  # fmt: skip


def look(page, name, problems):
    """Run axe and measure the width; keep a picture when SHOTS names a folder."""
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True, parents=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=not name.startswith("all-1280"))
    results = Axe().run(page, options=AXE)
    problems += [(name, v["id"], [n["html"][:140] + " | " + (n.get("failureSummary") or "")[:200] for n in v["nodes"][:3]]) for v in results.response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wide > 0:
        problems.append((name, "wider than the screen", wide))


def visit(browser, base, width, scheme, theme, name, path, problems):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, base_url=base)
    if theme:
        context.add_cookies([{"name": "theme", "value": theme, "url": base}])
    page = context.new_page()
    page.on("console", lambda m: problems.append((name, "console", m.text)) if m.type in ("error", "warning") and "status of 40" not in m.text else None)
    page.on("pageerror", lambda e: problems.append((name, "error", str(e))))
    page.goto(path)
    look(page, f"{name}-{width}-{theme or scheme}", problems)
    context.close()


@pytest.mark.parametrize(("width", "scheme", "theme"), [(1280, "light", ""), (1280, "light", "dark"), (375, "dark", ""), (320, "dark", "light")])
def test_components_are_accessible_and_fit(browser, live_server, gallery_urls, width, scheme, theme):
    Product.objects.bulk_create([Product(key=f"p{n}", name=f"Product {n:03}") for n in range(60)])
    problems = []
    for name, path in PAGES.items():
        visit(browser, live_server.url, width, scheme, theme, name, path, problems)
    assert problems == []
