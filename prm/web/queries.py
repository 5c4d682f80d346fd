"""The doors to saved views."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from prm.core.errors import NotVisible
from prm.web.enums import Scope
from prm.web.models import MAX_QUERY, SavedView

NEVER_SAVED = ("page", "selected", "csrfmiddlewaretoken")


def clean_query(text: str) -> str:
    """A query string as it is stored: our own encoding, without page token; '' when it is too long to be one of ours."""
    if len(text) > MAX_QUERY * 2 or "\x00" in text or "%00" in text:
        return ""
    query = QueryDict(text, mutable=True)
    for key in NEVER_SAVED:
        query.pop(key, None)
    encoded = query.urlencode()
    return encoded if len(encoded) <= MAX_QUERY else ""


def visible_saved_views(user: Any, list_key: str, partner_id: uuid.UUID | None) -> QuerySet[SavedView]:
    """The user's own views of a list, the team's, and for staff those shared with all staff."""
    seen = Q(owner=user)
    if partner_id:
        seen |= Q(scope=Scope.TEAM, partner_id=partner_id)
    if user.is_staff:
        seen |= Q(scope=Scope.ALL)
    return SavedView.objects.filter(seen, list_key=list_key).order_by("name", "pk")[:100]


def get_own_saved_view(user: Any, pk: uuid.UUID) -> SavedView:
    """A view the user made; raises NotVisible."""
    view = SavedView.objects.filter(owner=user, pk=pk).first()
    if view is None:
        raise NotVisible
    return view
