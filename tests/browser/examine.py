"""One page under all the bars: loaded once, then looked at in every size and colour scheme."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH

from tests.prm.web.look import RULES, listen

LOOKS = [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")]
NARROW = 320
FIRST_LOAD = 250_000  # bytes, gzipped: the page with everything it needs
SHOTS = os.environ.get("SHOTS")
OPEN_ALL = """document.querySelectorAll('details').forEach(fold => {
    if (!fold.closest('.topbar, .sidebar')) { fold.removeAttribute('name'); fold.open = true; } })"""


UNSEEN = """() => [...document.querySelectorAll('a, button, summary, th, td, p, li, label, h1, h2, dt, dd')].filter(node => {
    const said = [...node.childNodes].some(one => one.nodeType === 3 && one.textContent.trim());
    if (!said || !node.checkVisibility() || node.closest('.visually-hidden, .skip-link')) return false;
    let under = node;
    while (under && getComputedStyle(under).backgroundColor === 'rgba(0, 0, 0, 0)') under = under.parentElement;
    return under && getComputedStyle(under).backgroundColor === getComputedStyle(node).color;
}).map(node => node.outerHTML.slice(0, 140))"""


def signed_in(browser, base: str, client, **more):
    """A page of a fresh browser context that carries the client's session."""
    context = browser.new_context(base_url=base, **more)
    if "sessionid" in client.cookies:
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def press(page, selector: str) -> None:
    """Click what leads to another page, and wait until that page is there."""
    with page.expect_navigation():
        page.click(selector)


def examine(page, path: str, looks: list[tuple[int, str]] = LOOKS) -> list[Any]:
    """What is wrong with the page at this path: answer, axe, width. Console and content-policy reports come by `listen`."""
    answer = page.goto(path)
    if answer is None or answer.status != 200:
        return [(path, "status", answer and answer.status)]
    found: list[Any] = []
    page.evaluate(OPEN_ALL)
    page.being_examined = True  # axe adds styles of its own, which the content policy reports
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    for width, scheme in looks:
        _become(page, width, scheme)
        found += [(path, width, scheme, "text of the colour of its ground", row) for row in page.evaluate(UNSEEN)]  # axe skips it
        found += [(path, width, scheme, *row) for row in _axe(page)]
        found += [(path, width, *row) for row in _too_wide(page)]
        _picture(page, path, width, scheme)
    _become(page, NARROW, "light")
    found += [(path, NARROW, *row) for row in _too_wide(page)]
    _picture(page, path, NARROW, "light")
    page.being_examined = False
    return found


def _become(page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.getAnimations().forEach(one => one.finish())")


def _axe(page) -> list[Any]:
    """(rule, the first nodes) of every violation."""
    rows = page.evaluate("options => axe.run(document, options).then(result => result.violations)", RULES)
    return [
        (row["id"], [f"{n['html'][:140]} | {(n.get('failureSummary') or '')[:200]}" for n in row["nodes"][:3]]) for row in rows
    ]


def _too_wide(page) -> list[Any]:
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [("wider than the screen", wide)] if wide > 0 else []


def _picture(page, path: str, width: int, scheme: str) -> None:
    if SHOTS:
        folder = Path(SHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", path).strip("-") or "home"
        page.screenshot(path=folder / f"{name[:90]}-{width}-{scheme}.png", full_page=True)


def first_load(browser, base: str, client, path: str) -> int:
    """Bytes of a first visit, gzipped: the page, styles, scripts, pictures."""
    page, bodies = signed_in(browser, base, client), []
    page.on("response", lambda answer: bodies.append(answer))
    page.goto(path, wait_until="load")
    total = sum(len(gzip.compress(answer.body())) for answer in bodies if answer.ok)
    page.context.close()
    return total


__all__ = ["LOOKS", "examine", "first_load", "listen", "press", "signed_in"]
