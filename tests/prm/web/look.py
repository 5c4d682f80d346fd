"""Looking at a page the way the bars ask: axe, width, console; a picture when SHOTS names a folder."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
SHOTS = os.environ.get("SHOTS")


def problems_of(page, name: str, full: bool = True) -> list:
    """What axe finds on the page, and by how much it is wider than the screen."""
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True, parents=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=full)
    found = []
    page.being_examined = True  # axe adds styles of its own, which the content policy reports
    for rule in Axe().run(page, options=RULES).response["violations"]:
        nodes = [f"{node['html'][:140]} | {(node.get('failureSummary') or '')[:200]}" for node in rule["nodes"][:3]]
        found.append((name, rule["id"], nodes))
    page.being_examined = False
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wide > 0:
        found.append((name, "wider than the screen", wide))
    return found


def listen(page, name: str, problems: list) -> None:
    """Collect console errors (CSP reports among them) and script errors."""
    page.on("console", lambda m: problems.append((name, "console", m.text)) if _bad(page, m) else None)
    page.on("pageerror", lambda error: problems.append((name, "error", str(error))))


def _bad(page, message) -> bool:
    if getattr(page, "being_examined", False):
        return False
    return message.type in ("error", "warning") and "status of 4" not in message.text
