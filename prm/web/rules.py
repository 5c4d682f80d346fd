"""Who may share a saved view with whom."""

import uuid
from typing import Any

from django.utils.functional import Promise

from prm.web.enums import Scope


def saved_view_scopes(user: Any, partner_id: uuid.UUID | None) -> list[tuple[str, str | Promise]]:
    """The scopes this user may give a view: a member may share with the team, staff with all staff."""
    scopes = [Scope.MINE]
    if partner_id:
        scopes.append(Scope.TEAM)
    if user.is_staff:
        scopes.append(Scope.ALL)
    return [(scope.value, scope.label) for scope in scopes]
