"""Which pages there are to look at: every address of the URLconf, by the links a person of each role finds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, get_resolver, resolve
from django.urls.resolvers import URLPattern, URLResolver

START = ["/", "/admin/"]
EACH = 2  # pages looked at per address and role: the first found, so that lists and records of several states are among them
MORE = {"deals:detail": 14, "admin:deals_review_deal": 8}
NEVER = ("logout", "/export.", "/static/", "view_on_site")


def names(rows: list | None = None, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of all addresses of the URLconf."""
    for row in get_resolver().url_patterns if rows is None else rows:
        if isinstance(row, URLResolver):
            yield from names(row.url_patterns, (*spaces, row.namespace) if row.namespace else spaces)
        elif isinstance(row, URLPattern) and row.name:
            yield ":".join([*spaces, row.name])


@dataclass
class _Page(HTMLParser):
    """Links and shape of a page. The shape: which tags stand in <main>, without text; pages of one shape are alike to axe."""

    links: list[str] = field(default_factory=list)
    shape: set[str] = field(default_factory=set)
    inside: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.inside = self.inside or tag == "main"
        if self.inside:
            self.shape.add(" ".join([tag, values.get("class") or "", *sorted(name for name, _value in attrs)]))
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        if tag == "form" and values.get("role") == "search" and values.get("action"):
            self.links.append(f"{values['action']}?q=ann")

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.inside = False


def read(html: str) -> tuple[list[str], str]:
    """(links, fingerprint of the shape)."""
    page = _Page()
    page.feed(html)
    return page.links, hashlib.sha256("\n".join(sorted(page.shape)).encode()).hexdigest()


def pages_for(client: Client, extra: list[str] | None = None) -> dict[str, tuple[str, str]]:
    """Path → (name of the address, shape) of every page this client reaches by links from its start pages."""
    waiting, found, taken = [*START, *(extra or [])], {}, {}
    known = set(waiting)
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if name is None or taken.get(name, 0) >= MORE.get(name, EACH):
            continue
        answer = client.get(path)
        if answer.status_code in (301, 302) and answer["Location"].startswith("/") and answer["Location"] not in known:
            known.add(answer["Location"])
            waiting.append(answer["Location"])
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        taken[name] = taken.get(name, 0) + 1
        links, shape = read(answer.content.decode())
        found[path] = (name, shape)
        for link in links:
            target = urldefrag(urljoin(path, link)).url
            if target.startswith("/") and target not in known and not any(word in target for word in NEVER):
                known.add(target)
                waiting.append(target)
    return found


def name_of(path: str) -> str | None:
    """The name of the address this path belongs to."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return None
