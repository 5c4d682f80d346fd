"""The menu: apps put their entries here in `ready()`, each with the key of the audience that sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

PORTAL, STAFF = "portal", "staff"


@dataclass(frozen=True)
class Item:
    """One menu entry. `audience`: everyone, signed_in, member, staff, or `may:<permission>` for the partner one acts for."""

    label: str
    url_name: str
    icon: str
    audience: str = "member"
    order: int = 100
    group: str = ""
    match: str = ""


@dataclass(frozen=True)
class Link:
    """A menu entry ready to be shown."""

    label: str
    url: str
    icon: str
    group: str
    active: bool


_items: dict[str, Item] = {}
_audiences: dict[str, Callable[[HttpRequest], bool]] = {
    "everyone": lambda request: True,
    "signed_in": lambda request: request.user.is_authenticated,
    "staff": lambda request: request.user.is_authenticated and request.user.is_staff,
}


def register(*items: Item) -> None:
    """Add entries; the same URL name again replaces the old entry."""
    _items.update({item.url_name: item for item in items})


def register_audience(key: str, test: Callable[[HttpRequest], bool]) -> None:
    """Name a test that entries may use as their audience (platform and composition floors only)."""
    _audiences[key] = test


class Acting(Protocol):
    """For whom one acts, as far as the menu needs to know."""

    @property
    def may(self) -> Callable[[str], bool]: ...


def _sees(request: HttpRequest, audience: str, acting_for: Callable[[HttpRequest], Acting | None]) -> bool:
    if audience in _audiences:
        return _audiences[audience](request)
    acting = acting_for(request)
    if acting is None:
        return False
    return audience == "member" or (audience.startswith("may:") and acting.may(audience.removeprefix("may:")))


def links(request: HttpRequest, acting_for: Callable[[HttpRequest], Acting | None]) -> list[Link]:
    """The entries this reader sees, in order; an entry whose page is not mounted is left out."""
    found: list[Link] = []
    for item in sorted(_items.values(), key=lambda item: (item.order, str(item.label))):
        if not _sees(request, item.audience, acting_for):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        prefix = item.match or url
        active = request.path == url or (prefix != "/" and request.path.startswith(prefix))
        found.append(Link(str(item.label), url, item.icon, str(item.group), active))
    return _only_longest(found, request.path)


def _only_longest(found: list[Link], path: str) -> list[Link]:
    """Where one entry's path begins another's, only the most exact one is the current page."""
    best = max((len(link.url) for link in found if link.active), default=0)
    return [Link(item.label, item.url, item.icon, item.group, item.active and len(item.url) == best) for item in found]
