"""Asking whether an account is free, and being told when it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals import emails
from deals.models import AccountCheck, Customer, FreeWatch
from deals.queries import account
from deals.queries.account import Answer, Asked, Hour, Told
from deals.queries.due import old_account_checks
from partners.models import Partner, User
from prm.audit import services as audit
from prm.catalog.models import Product
from prm.core.errors import DomainError
from prm.core.text import clean_text
from prm.matching import Identity


@transaction.atomic
def check_account(
    identity: Identity, *, by: User, partner: Partner | None, product: Product | None = None, now: datetime | None = None
) -> Answer:
    """Answer and log the question. Raises DomainError without a name, or past the hour's different ones (against fishing).

    The same asked again within the hour is answered and does not count; it is logged anew unless it was the last one told,
    so that the newest entry is what the user sees.
    """
    now = now or timezone.now()
    clean_text(identity.name, 300, required=True, field="customer_name")
    if all(name.only_form for name in identity.names):
        raise DomainError(_("This is not a name of a company. Write the customer's full name."), field="customer_name")
    hour, asked = _locked_hour(by, now), Asked.about(identity)
    if not hour.admits(asked):
        raise DomainError(
            _("You asked about very many customers in the last hour. Try again later, or register the deal."), key="too_often"
        )
    answer = account.ask(identity, partner, now, product)
    told = _told(asked, answer, partner)
    if hour.told[-1:] != [told]:
        _log(identity, answer, by, partner)
    return answer


@transaction.atomic
def check_accounts(
    wanted: Sequence[tuple[Identity, Product | None]], *, by: User, partner: Partner, now: datetime | None = None
) -> list[Answer | None]:
    """The same for a list of customers, each with the product wanted there; None where the hour's questions are used up.

    What was told within the hour is not logged again: looking twice at one list is one look.
    """
    now = now or timezone.now()
    hour = _locked_hour(by, now)
    answers: list[Answer | None] = []
    for identity, product in wanted:
        asked = Asked.about(identity)
        if not hour.admits(asked):
            answers.append(None)
            continue
        answer = account.ask(identity, partner, now, product)
        told = _told(asked, answer, partner)
        if told not in hour.told:
            hour.add(told)
            _log(identity, answer, by, partner)
        answers.append(answer)
    return answers


def _locked_hour(by: User, now: datetime) -> Hour:
    """The user's last hour, which no other request of theirs counts on until this one is through."""
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    return account.last_hour(by, now)


def _told(asked: Asked, answer: Answer, partner: Partner | None) -> Told:
    return Told(asked, partner.pk if partner else None, answer.kind, answer.customer_id)


def _log(identity: Identity, answer: Answer, by: User, partner: Partner | None) -> None:
    AccountCheck.objects.create(
        user=by,
        partner=partner,
        customer_name=identity.name,
        domain=identity.domain[:253],
        country=identity.clean_country,
        answer=answer.kind,
        matched_customer_id=answer.customer_id,
    )


@transaction.atomic
def watch_account(customer: Customer, customer_name: str, *, by: User, partner: Partner) -> FreeWatch:
    """Tell this user once the account is free. A second wish for the same account is the same wish."""
    name = clean_text(customer_name, 300, required=True, field="customer_name")
    try:
        with transaction.atomic():
            watch = FreeWatch.objects.create(user=by, partner=partner, customer=customer, customer_name=name)
    except IntegrityError:
        return FreeWatch.objects.get(user=by, partner=partner, customer=customer, told_at=None)
    audit.record("deals.watch.set", watch, by=by, partner=partner)
    return watch


@transaction.atomic
def unwatch_account(watch: FreeWatch, *, by: User) -> None:
    """Do not tell them after all."""
    audit.record("deals.watch.left", watch, by=by, partner=watch.partner)
    watch.delete()


@transaction.atomic
def tell_if_free(watch: FreeWatch, *, now: datetime) -> bool:
    """Mail the watcher when the account has become free; answers whether it was."""
    customer = watch.customer
    identity = Identity(
        name=watch.customer_name,
        domain=customer.domain,
        country=str(customer.country),
        registration_number=customer.registration_number,
    )
    if account.ask(identity, watch.partner, now).kind == account.TAKEN:
        return False
    if not FreeWatch.objects.filter(pk=watch.pk, told_at=None).update(told_at=now):
        return False
    emails.account_is_free(watch, now.date())
    return True


@transaction.atomic
def forget_old_checks(*, now: datetime) -> int:
    """Delete the log entries whose time is over; answers how many."""
    return old_account_checks(now).delete()[0]
