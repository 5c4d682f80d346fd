"""`require(...)`: the one way a view turns a rule's answer into a 403 that says why."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from prm.core.errors import Reason


class Refused(PermissionDenied):
    """A 403 that carries its reasons to the page."""

    def __init__(self, reasons: Iterable[Reason] = ()) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(str(reason) for reason in self.reasons))


def require(answer: object) -> None:
    """Go on when a rule allows it.

    `answer` is what rules give: True or False, a Reason, or a list of reasons (empty = allowed). None is a mistake and refuses.
    """
    if isinstance(answer, bool):
        if not answer:
            raise Refused
    elif isinstance(answer, Reason):
        raise Refused([answer])
    elif answer is None:
        raise Refused
    else:
        reasons = list(answer)  # type: ignore[call-overload]
        if reasons:
            raise Refused(reasons)
