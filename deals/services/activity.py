"""What was done on a deal, and what the partner keeps current: stage, amount, close date, next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.enums import DEAL_STEPS, ActivityKind, DealStage, DealStatus
from deals.models import Activity, Deal
from deals.queries.change import amount_columns, amount_needs_change_request
from deals.queries.policy import rules_at
from deals.rules.change import amount_approved
from deals.rules.deal import why_not_close_on
from deals.rules.policy import PolicyRules
from partners.models import User
from prm.audit import services as audit
from prm.core.errors import DomainError, StaleState
from prm.core.money import clean_amount, format_money
from prm.core.states import take
from prm.core.text import clean_text

OLDEST = timedelta(days=731)


@transaction.atomic
def log_activity(deal: Deal, *, by: User, kind: str, line: str, done_on: date | None = None) -> Activity:
    """One line of what was done. Raises DomainError on a day to come, StaleState when the deal is not approved."""
    today = timezone.localdate()
    if kind not in ActivityKind.values:
        raise DomainError(_("Choose what kind of activity it was."), field="kind")
    if done_on and done_on > today:
        raise DomainError(_("An activity cannot lie in the future."), field="done_on")
    if done_on and done_on < today - OLDEST:
        raise DomainError(_("An activity can lie two years back at most."), field="done_on")
    take(DEAL_STEPS["update"], deal)
    row = Activity.objects.create(
        deal=deal, kind=kind, line=clean_text(line, 200, required=True, field="line"), done_on=done_on or today, by=by
    )
    audit.record("deals.activity.logged", row, by=by, partner=deal.partner, data={"deal": str(deal.pk)})
    return row


@dataclass(frozen=True)
class PipelineFacts:
    """One row of "update my pipeline". `version` is the deal's version when the page was made."""

    stage: str
    amount: Decimal | None
    expected_close: date | None
    next_step: str
    version: int


@transaction.atomic
def update_pipeline(deal: Deal, facts: PipelineFacts, *, by: User, now: datetime | None = None) -> bool:
    """Store stage, amount, close date and next step of an approved deal; answers whether anything changed.

    Raises StaleState when somebody saved the same deal meanwhile, DomainError when the amount needs a change request.
    """
    now = now or timezone.now()
    row = Deal.objects.select_for_update(of=("self",)).get(pk=deal.pk)
    if row.status != DealStatus.APPROVED or row.version != facts.version:
        raise StaleState(_("Somebody changed this deal meanwhile. Look at its present values and save again."), key="stale")
    if facts.stage not in DealStage.values:
        raise DomainError(_("Choose a stage of the list."), field="stage")
    amount = clean_amount(facts.amount, row.currency) if facts.amount is not None else None
    new = {
        "stage": facts.stage,
        "amount": amount,
        "expected_close": facts.expected_close,
        "next_step": clean_text(facts.next_step, 200, field="next_step"),
    }
    changed = [name for name, value in new.items() if getattr(row, name) != value]
    if not changed:
        return False
    moved = facts.expected_close if "expected_close" in changed else None  # one that has passed may stay while other things move
    if moved and (reason := why_not_close_on(moved, now.date())):
        raise DomainError(reason, key="close", field="expected_close")
    if "amount" in changed:
        rules = rules_at(now)
        if amount_needs_change_request(row, amount, rules):
            raise DomainError(_too_much(row, rules), key="needs_change", field="amount")
        new |= amount_columns(row, amount)
    take(DEAL_STEPS["update"], deal, version=row.version + 1, **new)
    audit.record("deals.deal.updated", deal, by=by, partner=deal.partner, data={"fields": changed})
    return True


def _too_much(deal: Deal, rules: PolicyRules) -> str:
    approved = amount_approved(deal)
    if approved is None:
        return _("This amount needs a change request: it lies past a limit.")
    values = {"percent": rules.change_percent, "amount": format_money(approved, deal.currency)}
    return (
        _("This amount needs a change request: it is more than %(percent)d %% above the approved %(amount)s, or past a limit.")
        % values
    )
