"""What a service may refuse with. The message of a DomainError is shown to people: translate it, and say what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Reason:
    """One reason why something is not open: a stable key, a sentence, and where the way in begins (a URL or URL name)."""

    key: str
    text: "StrOrPromise"
    way_in: str | None = None

    def __str__(self) -> str:
        return str(self.text)


class DomainError(Exception):
    """A refusal with a sentence for people. Nothing was changed."""

    def __init__(self, message: object = "", *, key: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.key = key
        self.field = field  # the form field it is about, where there is one


class StaleState(DomainError):
    """The row is no longer in a status this step starts from: somebody was faster, or the page was old."""


class NotAllowed(DomainError):
    """The rules say no; `reasons` say why and where the way in is."""

    def __init__(self, reasons: Iterable[Reason] | Reason) -> None:
        self.reasons: list[Reason] = [reasons] if isinstance(reasons, Reason) else list(reasons)
        super().__init__(" ".join(str(reason) for reason in self.reasons), key=self.reasons[0].key if self.reasons else "")


class NotVisible(Exception):
    """There is no such row for this user; answered like a row that does not exist (404)."""
