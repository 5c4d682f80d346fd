"""Asking whether an account is free, and being told when it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals import emails
from deals.models import AccountCheck, Customer, FreeWatch
from deals.queries import account
from deals.queries.account import Answer
from deals.queries.due import old_account_checks
from deals.queries.policy import rules_at
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
    """Answer and log the question. Raises DomainError without a name, or past the hourly limit (against fishing)."""
    now = now or timezone.now()
    clean_text(identity.name, 300, required=True, field="customer_name")
    if all(name.only_form for name in identity.names):
        raise DomainError(_("This is not a name of a company. Write the customer's full name."), field="customer_name")
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if account.checks_in_last_hour(by, now) >= rules_at(now).account_checks_per_hour:
        raise DomainError(_("You asked very often in the last hour. Try again later, or register the deal."), key="too_often")
    answer = account.ask(identity, partner, now, product)
    _log(identity, answer, by, partner)
    return answer


@transaction.atomic
def check_accounts(
    wanted: Sequence[tuple[Identity, Product | None]], *, by: User, partner: Partner, now: datetime | None = None
) -> list[Answer | None]:
    """The same for a list of customers, each with the product wanted there; each is one question of the hour's, None beyond them.

    A question this user asked within the hour is answered again without being counted: looking twice at one list is one look.
    """
    now = now or timezone.now()
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    log = AccountCheck.objects.filter(user=by, created_at__gt=now - timedelta(hours=1))
    asked = {(name, domain, str(country)) for name, domain, country in log.values_list("customer_name", "domain", "country")}
    left = rules_at(now).account_checks_per_hour - account.checks_in_last_hour(by, now)
    answers: list[Answer | None] = []
    for identity, product in wanted:
        question = (identity.name, identity.domain[:253], identity.clean_country)
        if question not in asked and left <= 0:
            answers.append(None)
            continue
        answer = account.ask(identity, partner, now, product)
        if question not in asked:
            left -= 1
            asked.add(question)
            _log(identity, answer, by, partner)
        answers.append(answer)
    return answers


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
