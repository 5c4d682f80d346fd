"""Publishing a version of the policy. Versions are never edited: a change is a new version."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.models import Policy
from deals.rules.policy import PolicyRules
from deals.rules.review import can_publish_policy
from partners.models import User
from prm.audit import services as audit
from prm.core.errors import DomainError, NotAllowed, Reason
from prm.core.text import clean_text

LEEWAY = timedelta(minutes=5)


@transaction.atomic
def publish_policy(text: str, rules: PolicyRules, effective_from: datetime | None, *, by: User | None) -> Policy:
    """Publish the next version, in force from `effective_from` (None: now). `by` None: set up by the product itself.

    Records deals.policy.published. Raises NotAllowed, DomainError naming the field.
    """
    if by is not None and not can_publish_policy(by):
        raise NotAllowed(Reason("not_yours", _("The program manager publishes the policy.")))
    now = timezone.now()
    with connection.cursor() as cursor:  # one version number at a time
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('deals.policy.version'))")
    latest = Policy.objects.order_by("-version").first()
    start = effective_from or now
    if start < now - LEEWAY:
        raise DomainError(_("A version cannot begin in the past."), field="effective_from")
    if latest and start < latest.effective_from:
        raise DomainError(
            _("Version %(version)d begins later than that. Choose its beginning or a later one.") % {"version": latest.version},
            field="effective_from",
        )
    _require_sense(rules)
    policy = Policy.objects.create(
        version=latest.version + 1 if latest else 1,
        text=clean_text(text, 20000, lines=True, field="text"),
        rules=values_of(rules),
        effective_from=start,
        published_by=by,
    )
    audit.record("deals.policy.published", policy, by=by, data={"version": policy.version, "from": start}, internal=True)
    return policy


def values_of(rules: PolicyRules) -> dict[str, Any]:
    """The rules as JSON values."""
    return {field.name: _plain(getattr(rules, field.name)) for field in fields(PolicyRules)}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _require_sense(rules: PolicyRules) -> None:
    """Values that contradict each other."""
    if rules.breach_business_days < rules.target_business_days:
        raise DomainError(_("The breach cannot come before the target."), field="breach_business_days")
    if any(days >= rules.protection_days for days in rules.reminder_days):
        raise DomainError(_("A reminder lies before the protection begins."), field="reminder_days")
