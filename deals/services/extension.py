"""More time on a protection: asked by the partner, decided by a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from deals import emails
from deals.enums import DEAL_STEPS, EXTENSION_STEPS, DealStatus, ExtensionStatus
from deals.models import Deal, Extension
from deals.queries.clock import calendar_for
from deals.queries.policy import rules_at
from deals.rules.deal import why_not_review
from partners.models import User
from prm.audit import services as audit
from prm.core.business_time import add_business_time
from prm.core.errors import DomainError, NotAllowed, Reason
from prm.core.states import take
from prm.core.text import clean_text


@transaction.atomic
def ask_extension(deal: Deal, *, by: User, reason: str, now: datetime | None = None) -> Extension:
    """Ask for the policy's extension days. Needs activity logged on the deal, none pending, and one left to give."""
    now = now or timezone.now()
    rules = rules_at(now)
    row = Deal.objects.select_for_update(of=("self",)).get(pk=deal.pk)
    if row.status != DealStatus.APPROVED:
        raise DomainError(_("Only a running protection can be extended."), key="not_now")
    if not row.activities.exists():
        raise DomainError(
            _("Log what you did with the customer first: an extension needs activity on the deal."), key="no_activity"
        )
    if row.extensions.filter(status=ExtensionStatus.GRANTED).count() >= rules.extensions_allowed:
        raise DomainError(_("This deal was extended already."), key="used_up")
    try:
        with transaction.atomic():
            extension = Extension.objects.create(
                deal=deal,
                days=rules.extension_days,
                reason=clean_text(reason, 500, required=True, field="reason"),
                asked_by=by,
                due_at=add_business_time(calendar_for(deal), now, days=rules.target_business_days),
            )
    except IntegrityError:
        raise DomainError(_("An extension is already waiting for its decision."), key="pending")
    audit.record("deals.extension.asked", extension, by=by, partner=deal.partner, data={"deal": str(deal.pk)})
    return extension


@transaction.atomic
def grant_extension(extension: Extension, *, by: User, text: str = "", now: datetime | None = None) -> Extension:
    """Add the days to the protection. Raises NotAllowed, StaleState."""
    now = now or timezone.now()
    deal = _decidable(extension, by)
    take(
        EXTENSION_STEPS["grant"],
        extension,
        decided_by=by,
        decided_at=now,
        decision_text=clean_text(text, 500, field="text"),
    )
    take(DEAL_STEPS["extend"], deal, protected_until=F("protected_until") + timedelta(days=extension.days))
    audit.record("deals.extension.granted", extension, by=by, partner=deal.partner, data={"deal": str(deal.pk)})
    emails.extension_decided(extension)
    return extension


@transaction.atomic
def refuse_extension(extension: Extension, *, by: User, text: str, now: datetime | None = None) -> Extension:
    """Refuse with a reason the partner reads."""
    deal = _decidable(extension, by)
    reason = clean_text(text, 500, required=True, field="text")
    take(EXTENSION_STEPS["refuse"], extension, decided_by=by, decided_at=now or timezone.now(), decision_text=reason)
    audit.record("deals.extension.refused", extension, by=by, partner=deal.partner, data={"deal": str(deal.pk)})
    emails.extension_decided(extension)
    return extension


@transaction.atomic
def withdraw_extension(extension: Extension, *, by: User) -> Extension:
    """The partner no longer needs it."""
    take(EXTENSION_STEPS["withdraw"], extension)
    audit.record("deals.extension.withdrawn", extension, by=by, partner=extension.deal.partner)
    return extension


def _decidable(extension: Extension, by: User) -> Deal:
    deal = Deal.objects.select_related("partner").select_for_update(of=("self",)).get(pk=extension.deal_id)
    reasons = why_not_review(by, deal, step="extend")
    if extension.asked_by_id == by.pk:
        reasons = [*reasons, Reason("own_request", _("You asked for this yourself: someone else has to decide."))]
    if reasons:
        raise NotAllowed(reasons)
    extension.deal = deal
    return deal
