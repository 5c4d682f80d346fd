"""A person decides a registration: approve, return, decline, ask; the desk's side of the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals import emails
from deals.enums import (
    DEAL_STEPS,
    DECLINE_REASONS,
    RETURN_REASONS,
    DealStatus,
    DeclinedKind,
    Outcome,
    ProtectionEffect,
    ProtectionScope,
)
from deals.models import Conflict, Deal
from deals.queries.clock import date_after
from deals.queries.policy import rules_at
from deals.rules.deal import why_not_review
from deals.services import protection
from deals.services.clock import start_clock, stop_clock
from deals.services.conflict import look_again
from deals.services.customer import lock_identities
from deals.services.ended import end_requests
from deals.services.waiting import advance_waiting, decline_waiting, identities_at_stake
from partners.models import User
from prm.audit import services as audit
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.core.states import take
from prm.core.text import clean_text
from prm.record import services as record


def _require_reviewer(by: User, deal: Deal) -> None:
    reasons = why_not_review(by, deal, step="")
    if reasons:
        raise NotAllowed(reasons)


def approve_deal(
    deal: Deal,
    *,
    by: User,
    protected_until: date | None = None,
    effect: str = ProtectionEffect.EXCLUSIVE,
    scope: str = ProtectionScope.SITE,
    now: datetime | None = None,
) -> Deal:
    """Approve a registration in review and start its protection window.

    Late days of the desk are added. Records deals.deal.approved, mails the registrant and the owners of matching
    opportunities; declines what waited behind it. Raises NotAllowed, StaleState (also when more stands in the way by now than
    the last check showed: the new check is kept, to be read first), DomainError when the account is taken.
    """
    now = now or timezone.now()
    _require_reviewer(by, deal)
    if protected_until is not None and protected_until <= now.date():
        raise DomainError(_("The protection must end after today."), field="protected_until")
    if deal.status == DealStatus.IN_REVIEW and look_again(deal, now=now):
        raise StaleState(
            _("More stands in the way now than when it was checked. Read the new check, then decide."), key="checked_anew"
        )
    return _approve(deal, by, protected_until, effect, scope, now)


@transaction.atomic
def _approve(deal: Deal, by: User, protected_until: date | None, effect: str, scope: str, now: datetime) -> Deal:
    rules = rules_at(now)
    lock_identities(identities_at_stake(deal))
    deal.effect, deal.scope = effect, scope
    changes = protection.window(deal, rules, now, protected_until)
    changes |= {"scope": scope, "question_open": False, **stop_clock(deal, now)}
    take(DEAL_STEPS["approve"], deal, decided_by=by, decided_at=now, **changes)
    protection.protect(deal)
    audit.record(
        "deals.deal.approved", deal, by=by, partner=deal.partner, data={"until": deal.protected_until, "late": deal.days_credited}
    )
    emails.deal_approved(deal)
    emails.opportunity_owners_told(deal)
    decline_waiting(deal, now=now)
    return deal


@transaction.atomic
def return_deal(deal: Deal, *, by: User, reason: str, text: str = "", now: datetime | None = None) -> Deal:
    """Send it back for information; the clock stops, and the partner has 10 business days."""
    now = now or timezone.now()
    _require_reviewer(by, deal)
    rules = rules_at(now)
    text = _explain(reason, RETURN_REASONS, text)
    until = date_after(deal.partner, now, rules.returned_business_days)
    take(
        DEAL_STEPS["return"],
        deal,
        reason=reason,
        reason_text=text,
        returned_until=until,
        question_open=False,
        **stop_clock(deal, now),
    )
    audit.record("deals.deal.returned", deal, by=by, partner=deal.partner, data={"reason": reason})
    emails.deal_returned(deal)
    return deal


@transaction.atomic
def decline_deal(deal: Deal, *, by: User, reason: str, text: str = "", now: datetime | None = None) -> Deal:
    """Decline with a reason the partner reads; whoever waited behind it moves up."""
    now = now or timezone.now()
    _require_reviewer(by, deal)
    text = _explain(reason, DECLINE_REASONS, text)
    lock_identities(identities_at_stake(deal))
    take(
        DEAL_STEPS["decline"],
        deal,
        declined_kind=DeclinedKind.PERSON,
        reason=reason,
        reason_text=text,
        decided_by=by,
        decided_at=now,
        ended_at=now,
        question_open=False,
        **stop_clock(deal, now),
    )
    end_requests(deal, by=by, now=now)
    audit.record("deals.deal.declined", deal, by=by, partner=deal.partner, data={"reason": reason})
    emails.deal_declined(deal)
    advance_waiting(deal, now=now)
    return deal


def approve_clear_deals(
    deals: Sequence[Deal], *, by: User, now: datetime | None = None
) -> tuple[list[Deal], list[tuple[Deal, str]]]:
    """Approve several whose last check was clear, each in its own transaction; answers (approved, [(deal, why not)])."""
    done: list[Deal] = []
    refused: list[tuple[Deal, str]] = []
    for deal in deals:
        conflict = Conflict.objects.filter(deal=deal).order_by("-created_at").first()
        if conflict is None or conflict.outcome != Outcome.CLEAR:
            refused.append((deal, _("Its duplicate check is not clear; open it and look.")))
            continue
        try:
            done.append(approve_deal(deal, by=by, now=now))
        except (DomainError, StaleState) as error:
            refused.append((deal, str(error)))
    return done, refused


@transaction.atomic
def ask_question(deal: Deal, *, by: User, text: str, now: datetime | None = None) -> Deal:
    """Ask the partner while it stays in review; the clock stops until the answer."""
    now = now or timezone.now()
    _require_reviewer(by, deal)
    if deal.question_open:
        raise DomainError(_("A question is already waiting for the partner."), key="question_open")
    body = clean_text(text, 2000, lines=True, required=True, field="text")
    take(DEAL_STEPS["ask"], deal, question_open=True, **stop_clock(deal, now))
    record.add_comment(deal, by=by, body=body, partner=deal.partner)
    audit.record("deals.deal.question_asked", deal, by=by, partner=deal.partner)
    emails.deal_question(deal, body)
    return deal


@transaction.atomic
def answer_question(deal: Deal, *, by: User, text: str, now: datetime | None = None) -> Deal:
    """The partner answers; the clock goes on with what was left."""
    now = now or timezone.now()
    if not deal.question_open:
        raise StaleState(_("There is no open question."), key="no_question")
    body = clean_text(text, 2000, lines=True, required=True, field="text")
    due: dict[str, Any] = start_clock(deal, rules_at(now), now)
    take(DEAL_STEPS["answer"], deal, question_open=False, **due)
    record.add_comment(deal, by=by, body=body, partner=deal.partner)
    audit.record("deals.deal.question_answered", deal, by=by, partner=deal.partner)
    return deal


def _explain(reason: str, known: Mapping[str, object], text: str) -> str:
    """Canned reasons stand alone; "other" needs words. Raises DomainError."""
    if reason not in known:
        raise DomainError(_("Choose a reason."), field="reason")
    text = clean_text(text, 2000, lines=True, field="text")
    if reason == "other" and not text:
        raise DomainError(_("Say the reason in your own words."), field="text")
    return text
