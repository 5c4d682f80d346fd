"""What surrounds every page: whom one acts for, the menu, the theme. Filled by the apps that know, read by base templates."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from prm.web import nav

THEMES = ("system", "light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True)
class Acting:
    """The partner a member acts for: shown on every page, with a switcher when there are several.

    `choices` are (value, name) pairs posted as `partner` to `switch_url`; `may` answers permission names for the menu;
    `banner` is shown above the page (view as partner, suspended …).
    """

    name: str
    ref: str
    id: uuid.UUID | None = None
    choices: Sequence[tuple[str, str]] = ()
    switch_url: str = ""
    may: Callable[[str], bool] = lambda permission: False
    banner: str = ""


_acting: list[Callable[[HttpRequest], Acting | None]] = []
_search_url_names: list[str] = []


def set_acting(find: Callable[[HttpRequest], Acting | None]) -> None:
    """Say how the partner one acts for is found; called once per request at most."""
    _acting[:] = [find]


def set_search(portal: str, staff: str) -> None:
    """Say which pages answer the search box (they receive `q`): for who acts for a partner, and for staff."""
    _search_url_names[:] = [portal, staff]


def search_url(request: HttpRequest) -> str:
    """Where the search box of this page leads; empty: there is none."""
    user = getattr(request, "user", None)
    if not _search_url_names or user is None or not user.is_authenticated:
        return ""
    portal, staff = _search_url_names
    on_staff_side = user.is_staff and (request.path.startswith(_url("admin:index")) or acting_for(request) is None)
    return _url(staff) if on_staff_side else _url(portal) if acting_for(request) else ""


def acting_for(request: HttpRequest) -> Acting | None:
    """The partner this request acts for, or None (anonymous, staff, no membership)."""
    if not hasattr(request, "_acting_for"):
        user = getattr(request, "user", None)
        signed_in = user is not None and user.is_authenticated
        request._acting_for = _acting[0](request) if _acting and signed_in else None  # type: ignore[attr-defined]
    return request._acting_for  # type: ignore[attr-defined,no-any-return]


def theme(request: HttpRequest) -> str:
    """The reader's choice of light or dark, from the cookie; `system` when there is none."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "system"


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor: `theme`, `nav`, `acting`, `search_url`, `product_name`; found only when a template asks."""
    return {
        "theme": theme(request),
        "product_name": getattr(settings, "PRODUCT_NAME", "Partner Portal"),
        "nav": SimpleLazyObject(lambda: nav.links(request, acting_for)),
        "acting": SimpleLazyObject(lambda: acting_for(request)),
        "search_url": SimpleLazyObject(lambda: search_url(request)),
    }
