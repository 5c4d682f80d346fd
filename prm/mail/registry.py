"""The mails of the product by name, and who of the staff looks after them; apps fill it in `apps.ready()`.

For titles, preferences and access, not for sending.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SEE, SETTLE = "see", "settle"


@dataclass(frozen=True)
class Kind:
    """One kind of mail. `key` is `<app>.<name>`; its templates are `<app>/mail/<name>.{subject.txt,txt,html}`."""

    key: str
    app: str
    title: object  # a lazy translation
    nudge: bool = False


_kinds: dict[str, Kind] = {}
_keepers: list[Callable[[Any, str], bool]] = []


def add_keeper(keeper: Callable[[Any, str], bool]) -> None:
    """Let a higher app open the outbox to its staff roles: `keeper(user, SEE | SETTLE) -> bool`."""
    if keeper not in _keepers:
        _keepers.append(keeper)


def lets_in(user: Any, act: str) -> bool:
    """Whether any keeper opens the outbox to this user."""
    return any(keeper(user, act) for keeper in _keepers)


def register(key: str, app: str, title: object, nudge: bool = False) -> Kind:
    """Make a mail known: `register("deal_approved", "deals", _("Deal approved"))`."""
    kind = Kind(normal_key(key, app), app, title, nudge)
    _kinds[kind.key] = kind
    return kind


def kinds(*, nudge: bool | None = None) -> list[Kind]:
    """Every known kind by key; with `nudge`, only those that are (not) reminders."""
    return [kind for _key, kind in sorted(_kinds.items()) if nudge in (None, kind.nudge)]


def title(key: str) -> str:
    """What a person calls this mail; made from the key where nobody registered it."""
    return str(_kinds[key].title) if key in _kinds else key.rpartition(".")[2].replace("_", " ").capitalize()


def normal_key(key: str, app: str = "") -> str:
    """`<app>.<name>` from `name`, `app.name`, `app/name` or `app/mail/name`."""
    parts = [part for part in key.replace("/", ".").split(".") if part and part != "mail"]
    if len(parts) == 1 and app:
        parts.insert(0, app)
    if len(parts) != 2:
        raise ValueError(f"a mail is named <app>.<name>, not {key!r}")
    return ".".join(parts)
