"""The registration itself: draft, submission with the duplicate check, withdrawal, lapse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.enums import DEAL_STEPS, UNDECIDED, DealNature, DealStatus, ParticipantRole
from deals.models import CustomerContact, Deal, DealLine, Participant
from deals.models.deal import MIRRORED
from deals.queries.claim import time_kept
from deals.queries.conflict import identity_of_deal
from deals.queries.policy import policy_at, rules_of
from deals.rules.deal import why_not_close_on
from deals.services.clock import stop_clock
from deals.services.conflict import check_deal
from deals.services.customer import lock_identities, resolve_customer
from deals.services.ended import end_requests
from deals.services.outcome import settle
from deals.services.waiting import advance_waiting, identities_at_stake
from partners.models import Partner, User
from prm.audit import services as audit
from prm.catalog.models import Product
from prm.catalog.queries import reporting_value
from prm.core.errors import DomainError, StaleState
from prm.core.identifiers import uuid7
from prm.core.money import clean_amount
from prm.core.states import take
from prm.core.text import clean_text


@dataclass(frozen=True)
class LineFacts:
    """One product wanted; amount in the deal's currency."""

    product: Product
    quantity: int = 1
    amount: Decimal | None = None


@dataclass(frozen=True)
class DealFacts:
    """What a registration form holds. Blank means not said."""

    customer_name: str = ""
    website: str = ""
    country: str = ""
    registration_number: str = ""
    city: str = ""
    project: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    currency: str = ""
    expected_close: date | None = None
    nature: str = DealNature.NEW
    distributor: Partner | None = None
    done_so_far: str = ""
    lines: Sequence[LineFacts] = ()


TEXTS = {
    "customer_name": 300,
    "website": 253,
    "registration_number": 40,
    "city": 100,
    "project": 200,
    "done_so_far": 2000,
}
NEEDED = ("customer_name", "country", "currency", "expected_close")


@transaction.atomic
def create_draft(partner: Partner, facts: DealFacts, *, by: User, key: UUID | None = None) -> Deal:
    """A new draft, owned by its author; `key` becomes its id, so that a form sent twice makes one deal.

    Records deals.deal.drafted. Raises DomainError when the key is taken.
    """
    if key is not None and Deal.objects.filter(pk=key).exists():
        raise DomainError(_("This form was sent already. Open the deal from your list."), key="sent_already")
    deal = Deal.objects.create(pk=key or uuid7(), partner=partner, registered_by=by, owner=by, **_columns(facts))
    _take_part(deal, partner, ParticipantRole.OWNER, member=by)
    _write_parts(deal, facts)
    audit.record("deals.deal.drafted", deal, by=by, partner=partner)
    return deal


@transaction.atomic
def save_draft(deal: Deal, facts: DealFacts, *, by: User) -> Deal:
    """Rewrite a draft or a returned registration. Raises StaleState once it was submitted.

    One that was returned leads by its submission time meanwhile, so a rewrite to something else takes a new time at once.
    """
    take(DEAL_STEPS["save"], deal, **_columns(facts))
    _write_parts(deal, facts)
    if deal.submitted_at:
        take(DEAL_STEPS["save"], deal, submitted_at=time_kept(deal) or timezone.now())
    audit.record("deals.deal.saved", deal, by=by, partner=deal.partner)
    return deal


@transaction.atomic
def delete_draft(deal: Deal, *, by: User) -> None:
    """Drafts may go without a trace but their event; the database refuses any other status."""
    audit.record("deals.deal.draft_deleted", deal, by=by, partner=deal.partner)
    deal.participants.all().delete()
    deal.delete()


@transaction.atomic
def submit_deal(deal: Deal, *, by: User, now: datetime | None = None) -> Deal:
    """Submit, check for duplicates under the identity locks, and move on: declined, waiting, in review or approved by rule.

    A resubmission of the same thing keeps its first submission time, another customer, place or product gets a new one. Raises
    DomainError naming the field that is missing, StaleState.
    """
    _require_complete(deal, now or timezone.now())
    asked, again = identity_of_deal(deal), deal.submitted_at is not None
    lock_identities(identities_at_stake(deal))
    now = now or timezone.now()  # read under the locks: of two at once, who holds them first is earlier
    policy = policy_at(now)
    rules = rules_of(policy)
    submitted_at = (time_kept(deal) if again else None) or now
    reporting = reporting_value(deal.amount, deal.currency, submitted_at.date())
    take(
        DEAL_STEPS["submit"],
        deal,
        submitted_at=submitted_at,
        policy=policy,
        returned_until=None,
        reporting_amount=reporting.amount if reporting else None,
        reporting_rate=reporting.rate if reporting else None,
        rate_source=reporting.source if reporting else "",
        version=deal.version + 1,
    )
    if identity_of_deal(deal) != asked:
        raise StaleState(_("The registration was changed meanwhile. Look at it and submit it again."), key="stale")
    audit.record("deals.deal.submitted", deal, by=by, partner=deal.partner, data={"again": again})
    verdict, _conflict = check_deal(deal, policy, rules, now)
    customer, _new = resolve_customer(identity_of_deal(deal), by=by)
    Deal.objects.filter(pk=deal.pk).update(customer=customer)
    deal.customer = customer
    settle(deal, verdict, rules, now=now)
    if again:
        advance_waiting(deal, now=now)
    return deal


@transaction.atomic
def withdraw_deal(deal: Deal, *, by: User, now: datetime | None = None) -> Deal:
    """The partner takes the registration back; whoever waited behind it moves up. Raises StaleState."""
    now = now or timezone.now()
    lock_identities(identities_at_stake(deal))
    take(DEAL_STEPS["withdraw"], deal, ended_at=now, waits_for=None, question_open=False, **stop_clock(deal, now))
    end_requests(deal, by=by, now=now)
    audit.record("deals.deal.withdrawn", deal, by=by, partner=deal.partner)
    advance_waiting(deal, now=now)
    return deal


@transaction.atomic
def lapse_deal(deal: Deal, *, now: datetime) -> Deal:
    """A returned registration nobody came back to; whoever waited behind it moves up."""
    lock_identities(identities_at_stake(deal))
    take(DEAL_STEPS["lapse"], deal, ended_at=now, **stop_clock(deal, now))
    end_requests(deal, by=None, now=now)
    audit.record("deals.deal.lapsed", deal, by=None, partner=deal.partner)
    advance_waiting(deal, now=now)
    return deal


@transaction.atomic
def hand_over(from_user: User, to_user: User, partner: Partner, *, by: User | None) -> int:
    """Give a leaving member's open deals and drafts in this partner to a colleague; answers how many."""
    rows = list(
        Deal.objects.filter(partner=partner, owner=from_user, status__in=UNDECIDED | {DealStatus.DRAFT, DealStatus.APPROVED})
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    Deal.objects.filter(pk__in=[deal.pk for deal in rows]).update(owner=to_user)
    Participant.objects.filter(deal__in=rows, partner=partner, member=from_user).update(member=to_user)
    for deal in rows:
        audit.record("deals.deal.handed_over", deal, by=by, partner=partner, data={"to": str(to_user.pk)})
    return len(rows)


def _columns(facts: DealFacts) -> dict[str, Any]:
    texts = {name: clean_text(getattr(facts, name), most, field=name) for name, most in TEXTS.items()}
    given = [line.amount for line in facts.lines if line.amount is not None]
    amounts = [clean_amount(amount, facts.currency) for amount in given] if facts.currency else given
    return {
        **texts,
        "country": facts.country,
        "currency": facts.currency,
        "expected_close": facts.expected_close,
        "nature": facts.nature,
        "amount": sum(amounts, Decimal(0)) if amounts else None,
    }


def _write_parts(deal: Deal, facts: DealFacts) -> None:
    """Lines, contact and distributor as the form says now."""
    deal.lines.all().delete()
    DealLine.objects.bulk_create(
        DealLine(deal=deal, product=line.product, quantity=line.quantity, amount=line.amount) for line in facts.lines
    )
    contact = {
        "name": clean_text(facts.contact_name, 150, field="contact_name"),
        "email": facts.contact_email,
        "phone": clean_text(facts.contact_phone, 30, field="contact_phone"),
    }
    if any(contact.values()):
        CustomerContact.objects.update_or_create(deal=deal, defaults=contact)
    else:
        CustomerContact.objects.filter(deal=deal).delete()
    deal.participants.filter(role=ParticipantRole.DISTRIBUTOR).delete()
    if facts.distributor:
        _take_part(deal, facts.distributor, ParticipantRole.DISTRIBUTOR)


def _take_part(deal: Deal, partner: Partner, role: str, member: User | None = None) -> None:
    """The row with the deal's list columns as they stand; from here on a trigger keeps them."""
    columns = {name: getattr(deal, name) for name in MIRRORED}
    Participant.objects.create(deal=deal, partner=partner, role=role, member=member, sort_at=deal.created_at, **columns)


def _require_complete(deal: Deal, now: datetime) -> None:
    """Raises DomainError with the first field that is missing or out of range."""
    labels = {f.name: f.verbose_name for f in Deal._meta.get_fields() if hasattr(f, "verbose_name")}
    for name in NEEDED:
        if not getattr(deal, name):
            raise DomainError(_("“%(field)s” is missing.") % {"field": labels[name]}, key="missing", field=name)
    if deal.expected_close and (reason := why_not_close_on(deal.expected_close, now.date())):
        raise DomainError(reason, key="close", field="expected_close")
    if not deal.lines.exists():
        raise DomainError(_("Name at least one product."), key="missing", field="lines")
    if all(name.only_form for name in identity_of_deal(deal).names):
        raise DomainError(
            _("This is not a name of a company. Write the customer's full name."), key="no_name", field="customer_name"
        )
