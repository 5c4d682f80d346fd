"""The customer behind a registration: identity locks, and resolving an identity to one customer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from deals.models import Customer
from deals.services.resolution import Resolver
from partners.models import User
from prm.audit import services as audit
from prm.core import bulk
from prm.core.errors import DomainError
from prm.matching import Identity, lock_keys, to_int64

LOCK_CLASS = 0x1D  # the first of the two numbers of our advisory locks; no other lock of the product uses it
BUCKETS = 1024  # keys are hashed into so many locks, so that an import of any size stays far below max_locks
CHUNK = 5000
WAIT_SECONDS = 20


def lock_identities(identities: Iterable[Identity], *, wait_seconds: int | None = WAIT_SECONDS) -> None:
    """Hold everybody else's submit, approve and import of these identities off until this transaction ends.

    One statement, in ascending order, so that two transactions that call it once never lock each other out: call it before
    any row lock. Raises DomainError after `wait_seconds` (None: waits for ever); the transaction is broken then.
    """
    lock_buckets({bucket for identity in identities for bucket in buckets_of(identity)}, wait_seconds=wait_seconds)


def buckets_of(identity: Identity) -> set[int]:
    """The locks that stand for this identity's domain, number and name."""
    return {to_int64(key) % BUCKETS for key in lock_keys(identity)}


def lock_buckets(buckets: Iterable[int], *, wait_seconds: int | None = WAIT_SECONDS) -> None:
    """Take these locks in ascending order."""
    wanted = sorted(buckets)
    if not wanted:
        return
    try:
        if wait_seconds is not None:
            bulk.run("SELECT set_config('lock_timeout', %s, true)", [f"{wait_seconds}s"])
        bulk.run("SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket", [LOCK_CLASS, wanted])
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        busy = _("The customer register is being updated right now. Please try again in a minute.")
        raise DomainError(busy, key="register_busy")
    if wait_seconds is not None:
        bulk.run("SELECT set_config('lock_timeout', '0', true)")


@transaction.atomic
def resolve_customer(
    identity: Identity, *, by: User | None, create: bool = True, learn: bool | None = None
) -> tuple[Customer | None, bool]:
    """The customer this identity is, and whether it was made now; (None, False) when there is none and `create` is off.

    learn: keep another spelling, domain or missing field that the identity brings. By default only what staff or the system
    bring is kept: a partner's unchecked words must not change whose account it is. Rules: `deals.services.resolution`.
    """
    if learn is None:
        learn = by is None or by.is_staff
    lock_identities([identity])
    resolver = Resolver(learn=learn, create=create)
    [(customer_id, new)] = resolver.resolve([identity])
    resolver.close()
    if customer_id is None:
        return None, False
    customer = Customer.objects.get(pk=customer_id)
    if new:
        audit.record("deals.customer.created", customer, by=by, internal=True)
    return customer, new


@transaction.atomic
def resolve_many(identities: Sequence[Identity], *, create: bool = True, learn: bool = True) -> list[tuple[UUID | None, bool]]:
    """(customer id, whether new) for each identity, as if resolved one by one in this order. Records no events."""
    lock_identities(identities, wait_seconds=None)
    resolver = Resolver(learn=learn, create=create)
    answers: list[tuple[UUID | None, bool]] = []
    for start in range(0, len(identities), CHUNK):
        answers += resolver.resolve(identities[start : start + CHUNK])
    resolver.close()
    return answers
