"""The protection window: opened by an approval, held as exclusive lines, extended, released, expired."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals import emails
from deals.enums import DEAL_STEPS, LOST_REASONS, DealNature, DealStatus, ProtectionEffect, ProtectionScope
from deals.models import Deal, ProtectedLine
from deals.queries.clock import clock_of
from deals.queries.due import over
from deals.queries.policy import rules_at
from deals.rules.policy import PolicyRules
from deals.services.ended import end_requests
from partners.models import User
from prm.audit import services as audit
from prm.core.errors import DomainError
from prm.core.states import take
from prm.core.text import clean_text
from prm.matching.identity import clean_place
from programs.queries.tier import tier_of


def may_approve_by_rule(deal: Deal, rules: PolicyRules) -> bool:
    """The published auto-approve rule (shipped off): tier high enough, amount known and below the limit, products reviewed."""
    if not rules.auto_approve or deal.reporting_amount is None or deal.reporting_amount >= rules.auto_approve_below:
        return False
    tier = tier_of(deal.partner, timezone.localdate())
    products_known = not deal.lines.filter(product__reviewed=False).exists()
    return tier is not None and tier.rank >= rules.auto_approve_tier_rank and products_known


def approve_by_rule(deal: Deal, rules: PolicyRules, *, now: datetime) -> None:
    """Approve what the written rule approves; the window and margin are the published ones."""
    changes = window(deal, rules, now)
    take(DEAL_STEPS["approve_by_rule"], deal, decided_at=now, **changes)
    protect(deal)
    audit.record("deals.deal.approved_by_rule", deal, by=None, partner=deal.partner)
    emails.deal_approved(deal)


def window(deal: Deal, rules: PolicyRules, now: datetime, until: date | None = None) -> dict[str, Any]:
    """The columns an approval sets: days of protection, vendor's late days on top, margin by tier (registered deals)."""
    clock = clock_of(deal, rules, now)
    credited = min(clock.days_late, rules.credit_days_at_most) if clock else 0
    today = now.date()
    tier = tier_of(deal.partner, today)
    return {
        "protected_from": today,
        "protected_until": (until or today + timedelta(days=rules.protection_days)) + timedelta(days=credited),
        "days_credited": credited,
        "margin_points": tier.margin_points if tier else Decimal(0),
        "effect": ProtectionEffect.TENDER if deal.nature == DealNature.TENDER else deal.effect,
    }


def protect(deal: Deal) -> None:
    """Write the exclusive lines. Raises DomainError when someone else holds one of them (the unique index says so)."""
    if deal.effect != ProtectionEffect.EXCLUSIVE:
        return
    products: list[UUID | None] = list(deal.lines.values_list("product_id", flat=True)) or [None]
    try:
        with transaction.atomic():
            ProtectedLine.objects.bulk_create(
                ProtectedLine(deal=deal, customer=deal.customer, site_key=site_key(deal), product_id=product)
                for product in products
            )
    except IntegrityError:
        raise DomainError(
            _("Another deal already protects this customer, site and product. Decline this one, or approve it as shared."),
            key="already_protected",
        )


def site_key(deal: Deal) -> str:
    """What makes two protections of one customer different places: the site, the project, or nothing for the whole customer."""
    if deal.scope == ProtectionScope.CUSTOMER:
        return ""
    place = clean_place(deal.city)
    return f"{place}|{' '.join(deal.project.casefold().split())}"[:200] if deal.scope == ProtectionScope.PROJECT else place


def end_protection(deal: Deal) -> None:
    """The account is free again."""
    ProtectedLine.objects.filter(deal=deal).delete()


@transaction.atomic
def release_deal(deal: Deal, *, by: User, now: datetime | None = None) -> Deal:
    """The partner gives the protection back. Raises StaleState."""
    now = now or timezone.now()
    take(DEAL_STEPS["release"], deal, ended_at=now)
    end_protection(deal)
    end_requests(deal, by=by, now=now)
    audit.record("deals.deal.released", deal, by=by, partner=deal.partner)
    return deal


@transaction.atomic
def expire_deal(deal: Deal, *, now: datetime) -> Deal:
    """The window has passed. The sweep's service: whatever the date, a protection lives until this ran."""
    if not over(deal.protected_until, deal.partner.time_zone, now):
        raise DomainError(_("The protection still runs."), key="still_runs")
    take(DEAL_STEPS["expire"], deal, ended_at=now)
    end_protection(deal)
    end_requests(deal, by=None, now=now)
    audit.record("deals.deal.expired", deal, by=None, partner=deal.partner)
    emails.deal_expired(deal)
    return deal


@transaction.atomic
def win_deal(deal: Deal, *, by: User, now: datetime | None = None, closed_on: date | None = None) -> Deal:
    """Won by the partner's word; revenue counts only once a sale is booked. After expiry it is late: no registered margin."""
    now = now or timezone.now()
    late = deal.status == DealStatus.EXPIRED
    changes: dict[str, Any] = {"margin_points": Decimal(0)} if late else {}
    take(DEAL_STEPS["win_late" if late else "win"], deal, ended_at=now, expected_close=closed_on or now.date(), **changes)
    end_protection(deal)
    end_requests(deal, by=by, now=now)
    audit.record("deals.deal.won_late" if late else "deals.deal.won", deal, by=by, partner=deal.partner)
    emails.deal_won(deal)
    return deal


@transaction.atomic
def lose_deal(deal: Deal, *, by: User, reason: str, text: str = "", now: datetime | None = None) -> Deal:
    """Lost, with a reason of the list. Raises DomainError on an unknown one or "other" without words, StaleState."""
    if reason not in LOST_REASONS:
        raise DomainError(_("Choose why the deal was lost."), field="reason")
    text = clean_text(text[:500], 500, field="text")
    if reason == "other" and not text:
        raise DomainError(_("Say the reason in your own words."), field="text")
    now = now or timezone.now()
    take(DEAL_STEPS["lose"], deal, ended_at=now, reason=reason, reason_text=text)
    end_protection(deal)
    end_requests(deal, by=by, now=now)
    audit.record("deals.deal.lost", deal, by=by, partner=deal.partner, data={"reason": reason})
    return deal


@transaction.atomic
def reopen_deal(deal: Deal, *, by: User, now: datetime | None = None) -> Deal:
    """Won by mistake: back to approved within 14 days, if nobody protects the account meanwhile."""
    now = now or timezone.now()
    rules = rules_at(now)
    if deal.ended_at is None or now - deal.ended_at > timedelta(days=rules.reopen_days):
        raise DomainError(_("A won deal can be reopened within %(days)d days.") % {"days": rules.reopen_days}, key="too_late")
    take(DEAL_STEPS["reopen"], deal, ended_at=None, version=deal.version + 1)  # mails of its next end are new ones
    protect(deal)
    audit.record("deals.deal.reopened", deal, by=by, partner=deal.partner)
    return deal
