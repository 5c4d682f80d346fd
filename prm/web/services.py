"""Writes of the floor: saved views, and the language a reader chose."""

import re
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from prm.core.errors import DomainError
from prm.core.text import clean_text
from prm.web.enums import Scope
from prm.web.models import MAX_NAME, SavedView
from prm.web.queries import clean_query
from prm.web.rules import saved_view_scopes

LIST_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,59}\Z")
MOST = 50


@transaction.atomic
def save_view(*, by: Any, list_key: str, name: str, query: str, scope: str, partner_id: uuid.UUID | None) -> SavedView:
    """Keep a list's query string under a name; the same name again replaces it. Raises DomainError."""
    if not LIST_KEY.match(list_key) or scope not in dict(saved_view_scopes(by, partner_id)):
        raise DomainError(_("This view cannot be saved. Please reload the list."))
    clean = clean_text(name, MAX_NAME, required=True, field="name")
    mine = SavedView.objects.filter(owner=by, list_key=list_key)
    if mine.exclude(name=clean).count() >= MOST:
        raise DomainError(_("You already have %(n)s views of this list. Please delete one first.") % {"n": MOST})
    values = {"query": clean_query(query), "scope": scope, "partner_id": partner_id if scope == Scope.TEAM else None}
    return SavedView.objects.update_or_create(owner=by, list_key=list_key, name=clean, defaults=values)[0]


def delete_view(view: SavedView) -> None:
    """Remove a view its owner no longer wants."""
    view.delete()


def remember_language(user: Any, language: str) -> None:
    """Write the chosen language to the user's row, so that mails and other devices follow."""
    if language in dict(settings.LANGUAGES):
        get_user_model().objects.filter(pk=user.pk).update(language=language)


def forget_saved_views(user: Any) -> int:
    """Delete a person's saved views; answers how many."""
    return SavedView.objects.filter(owner=user).delete()[0]
