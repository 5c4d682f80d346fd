"""The engine's weights as a decision of people: proposed by a refit, published, retired, published again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.enums import MODEL_STEPS, ModelStatus
from deals.models import MatchModel
from deals.queries.learned import next_version
from deals.queries.refit import Refit
from deals.rules.verdict import can_publish_model
from partners.models import User
from prm.audit import services as audit
from prm.core import bulk
from prm.core.errors import DomainError, NotAllowed, Reason
from prm.core.states import take
from prm.core.text import clean_text
from prm.matching import parse_model

NOT_YOURS = Reason("not_yours", gettext_lazy("The program manager or channel operations decides what the engine goes by."))


@transaction.atomic
def propose_model(found: Refit, *, by: User | None) -> MatchModel:
    """Keep what a refit found, for a person to look at. Records deals.model.proposed. Raises DomainError for a bad model."""
    _lock()
    data = {**found.data, "version": next_version()}
    require_usable(data)
    after = {**found.comparison["after"], "version": data["version"]}
    row = MatchModel.objects.create(
        version=data["version"], data=data, comparison={**found.comparison, "after": after}, proposed_by=by
    )
    audit.record("deals.model.proposed", row, by=by, data={"version": row.version}, internal=True)
    return row


@transaction.atomic
def publish_model(row: MatchModel, *, by: User, reason: str, now: datetime | None = None) -> MatchModel:
    """From now on every check goes by this model; the one in use until now is retired. An older one may be published again.

    Records deals.model.published. Raises NotAllowed, StaleState; DomainError for a model that this release cannot use.
    """
    reason = _allowed(by, reason)
    require_usable(row.data)
    now = now or timezone.now()
    _lock()
    for present in MatchModel.objects.filter(status=ModelStatus.PUBLISHED).exclude(pk=row.pk):
        take(MODEL_STEPS["retire"], present, retired_by=by, retired_at=now)
        _record("retired", present, by)
    take(MODEL_STEPS["publish"], row, published_by=by, published_at=now, reason=reason)
    _record("published", row, by)
    return row


@transaction.atomic
def retire_model(row: MatchModel, *, by: User, reason: str, now: datetime | None = None) -> MatchModel:
    """Put a proposal aside, or take the model in use back: the shipped one holds then.

    Records deals.model.retired. Raises NotAllowed, StaleState.
    """
    reason = _allowed(by, reason)
    _lock()
    take(MODEL_STEPS["retire"], row, retired_by=by, retired_at=now or timezone.now(), reason=reason)
    _record("retired", row, by)
    return row


def require_usable(data: Mapping[str, Any]) -> None:
    """Raises DomainError when a weight points the wrong way, is unknown or no number, or the threshold is not within 0 and 1."""
    try:
        model = parse_model(data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DomainError(_("This model cannot be used: %(error)s.") % {"error": error}, key="bad_model")
    if not all(isfinite(value) for value in (model.bias, *model.weights.values())) or not 0 < model.likely < 1:
        said = _("This model cannot be used: its threshold must lie between 0 and 1, and every weight must be a number.")
        raise DomainError(said, key="bad_model")


def _allowed(by: User, reason: str) -> str:
    if not can_publish_model(by):
        raise NotAllowed(NOT_YOURS)
    return clean_text(reason, 500, required=True, field="reason")


def _lock() -> None:
    """One change of models at a time."""
    bulk.run("SELECT pg_advisory_xact_lock(hashtext('deals.model'))")


def _record(verb: str, row: MatchModel, by: User) -> None:
    audit.record(f"deals.model.{verb}", row, by=by, data={"version": row.version}, internal=True)
