"""Two customers of the register that are one: merged by a person, with all that hangs on them, and taken apart again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.enums import MERGE_STEPS, ChangeRequestStatus, Judged, JudgedAt
from deals.models import (
    ChangeRequest,
    Customer,
    CustomerMerge,
    Deal,
    FreeWatch,
    IdentityVerdict,
    Opportunity,
    ProtectedLine,
    Sale,
)
from deals.queries.conflict import identity_of_customer
from deals.queries.verdict import judged_between
from deals.services.alias import forget_aliases, teach_customer
from deals.services.customer import lock_identities
from deals.services.verdict import record_pair, require_keeper, withdraw_verdict
from partners.models import User
from prm.audit import services as audit
from prm.core import bulk
from prm.core.errors import DomainError, StaleState
from prm.core.states import take
from prm.core.text import clean_text
from prm.matching import Identity

MOVED: dict[str, type[models.Model]] = {
    "deals": Deal,
    "opportunities": Opportunity,
    "sales": Sale,
    "changes": ChangeRequest,
    "watches": FreeWatch,
    "verdicts": IdentityVerdict,
}
KEYS_AGAIN = """
    INSERT INTO deals_matchkey (key, customer_id) SELECT DISTINCT unnest(match_keys), id FROM deals_customer WHERE id = %s
    ON CONFLICT DO NOTHING
"""
FILLED = ("country", "city", "registration_number", "street", "postcode", "phone")


@transaction.atomic
def merge_customers(keep: Customer, merge: Customer, *, by: User, reason: str, now: datetime | None = None) -> CustomerMerge:
    """Make `merge` part of `keep`: its deals, opportunities, sales and watches go over, its names and domains become aliases.

    Nothing is deleted: the merged row stays and leads to the kept one, and what went over is written down, so that
    `unmerge_customers` restores it. The pair is kept as a labelled one. Records deals.customer.merged. Raises NotAllowed,
    StaleState when one was merged meanwhile; DomainError when a person said they are not the same, or when both hold a live
    exclusive protection for the same thing.
    """
    require_keeper(by)
    reason = clean_text(reason, 500, required=True, field="reason")
    if keep.pk == merge.pk:
        raise DomainError(_("Choose two different customers."), key="same")
    keep, merge = _locked(keep.pk, merge.pk)
    if keep.merged_into_id or merge.merged_into_id:
        raise StaleState(_("One of them was merged meanwhile. Look at the list again."), key="stale")
    _require_mergeable(keep, merge)
    now = now or timezone.now()
    asked, known = identity_of_customer(merge), identity_of_customer(keep)
    label, new = record_pair(asked, known, keep, Judged.SAME, by=by, now=now, source=JudgedAt.MERGE, other=merge)
    moved = _move_rows(keep, merge)
    moved["verdict"] = str(label.pk) if new else None
    moved["taught"] = teach_customer(keep, _identities(merge), merge.match_keys)
    moved["filled"] = _fill(keep, merge)
    moved["tokens"] = sorted({token[:64] for token in asked.name_key.tokens})
    _count(moved["tokens"], -1)
    Customer.objects.filter(pk=merge.pk).update(merged_into=keep)
    bulk.run("DELETE FROM deals_matchkey WHERE customer_id = %s", [merge.pk])
    row = CustomerMerge.objects.create(kept=keep, merged=merge, reason=reason, moved=moved, by=by, at=now)
    for customer in (keep, merge):
        data = {"merge": row.ref, "kept": str(keep.pk), "merged": str(merge.pk)}
        audit.record("deals.customer.merged", customer, by=by, data=data, internal=True)
    return row


@transaction.atomic
def unmerge_customers(row: CustomerMerge, *, by: User, now: datetime | None = None) -> CustomerMerge:
    """Take a merge apart: what went over goes back, unless it went elsewhere since; what came to the kept one later stays there.

    Records deals.customer.unmerged. Raises NotAllowed, StaleState; DomainError when the kept one was itself merged since.
    """
    require_keeper(by)
    keep, merge = _locked(row.kept_id, row.merged_id)
    if keep.merged_into_id:
        raise DomainError(_("The kept customer was itself merged since. Undo that merge first."), key="later")
    now = now or timezone.now()
    take(MERGE_STEPS["undo"], row, undone_by=by, undone_at=now)
    moved = row.moved
    if moved["verdict"]:
        _withdraw(moved["verdict"], by, now)
    Customer.objects.filter(pk=merge.pk).update(merged_into=None)
    bulk.run(KEYS_AGAIN, [merge.pk])
    _count(moved["tokens"], 1)
    for name, value in moved["filled"].items():
        Customer.objects.filter(pk=keep.pk, **{name: value}).update(**{name: ""})
    forget_aliases(keep.pk, moved["taught"])
    _move_back(keep, merge, moved)
    for customer in (keep, merge):
        data = {"merge": row.ref, "kept": str(keep.pk), "merged": str(merge.pk)}
        audit.record("deals.customer.unmerged", customer, by=by, data=data, internal=True)
    return row


def _locked(*ids: UUID) -> list[Customer]:
    """Both rows in the order given, under the identity locks of all their names and domains and then under row locks."""
    rows = Customer.objects.filter(pk__in=ids).prefetch_related("aliases")
    lock_identities([identity for row in rows for identity in _identities(row)])
    held = {row.pk: row for row in rows.order_by("pk").select_for_update(of=("self",))}
    return [held[pk] for pk in ids]


def _identities(customer: Customer) -> list[Identity]:
    """All that the customer goes by: an identity compares no more than a dozen names."""
    return [identity_of_customer(customer), *(Identity(name=row.name) for row in customer.aliases.all() if row.name)]


def _require_mergeable(keep: Customer, merge: Customer) -> None:
    judged = judged_between(keep, merge)
    if judged:
        said = _("%(who)s decided on %(day)s that they are not the same. Take that back first.")
        raise DomainError(said % {"who": judged.by, "day": judged.at.date().isoformat()}, key="apart")


def protection_clash(keep: Customer, merge: Customer) -> tuple[str, str]:
    """The refs of two deals that hold the same site and product, one at each customer."""
    lines = ProtectedLine.objects.filter(customer__in=[keep.pk, merge.pk]).order_by("created_at", "pk")
    held: dict[tuple[str, UUID | None], list[str]] = {}
    for site, product, ref in lines.values_list("site_key", "product_id", "deal__ref"):
        held.setdefault((site, product), []).append(ref)
    one, other = next(refs for refs in held.values() if len(refs) > 1)
    return one, other


def _move_rows(keep: Customer, merge: Customer) -> dict[str, Any]:
    """Everything alive, and the history of sales and deals. Answers the ids."""
    twice = [watch for watch in FreeWatch.objects.filter(customer=merge, told_at=None) if _watched(watch, keep)]
    dropped = [_as_json(watch) for watch in twice]
    FreeWatch.objects.filter(pk__in=[watch.pk for watch in twice]).delete()
    moved: dict[str, Any] = {"watches_dropped": dropped}
    for name, rows in _movable(keep, merge).items():
        ids = list(rows.values_list("pk", flat=True))
        MOVED[name]._default_manager.filter(pk__in=ids).update(customer=keep)
        moved[name] = [str(pk) for pk in ids]
    _move_protections(keep, merge)
    children = list(Customer.objects.filter(parent=merge).exclude(pk=keep.pk).values_list("pk", flat=True))
    Customer.objects.filter(pk__in=children).update(parent=keep)
    moved["subsidiaries"] = [str(pk) for pk in children]
    moved["was_parent"] = keep.parent_id == merge.pk
    if moved["was_parent"]:
        Customer.objects.filter(pk=keep.pk).update(parent=merge.parent_id if merge.parent_id != keep.pk else None)
    return moved


def _as_json(watch: FreeWatch) -> dict[str, str]:
    return {
        "id": str(watch.pk),
        "user": str(watch.user_id),
        "partner": str(watch.partner_id),
        "name": watch.customer_name,
        "at": watch.created_at.isoformat(),
    }


def _move_protections(keep: Customer, merge: Customer) -> None:
    try:
        with transaction.atomic():
            ProtectedLine.objects.filter(customer=merge).update(customer=keep)
    except IntegrityError:  # the unique index of exclusive protections
        one, other = protection_clash(keep, merge)
        said = _("%(one)s and %(other)s protect the same site and product exclusively. End one of these protections first.")
        raise DomainError(said % {"one": one, "other": other}, key="two_protections")


def _watched(watch: FreeWatch, keep: Customer) -> bool:
    """The same person waits for the kept customer already: one wish is enough."""
    return FreeWatch.objects.filter(customer=keep, user=watch.user_id, partner=watch.partner_id, told_at=None).exists()


def _movable(keep: Customer, merge: Customer) -> dict[str, models.QuerySet[Any]]:
    known = IdentityVerdict.objects.standing().filter(customer=keep).values("pair")
    return {
        "deals": Deal.objects.filter(customer=merge),
        "opportunities": Opportunity.objects.filter(customer=merge),
        "sales": Sale.objects.filter(customer=merge),
        "changes": ChangeRequest.objects.filter(customer=merge, status=ChangeRequestStatus.IN_REVIEW),
        "watches": FreeWatch.objects.filter(customer=merge),
        "verdicts": IdentityVerdict.objects.standing().filter(customer=merge, verdict=Judged.DIFFERENT).exclude(pair__in=known),
    }


def _fill(keep: Customer, merge: Customer) -> dict[str, str]:
    """What the kept one did not know; a number only within the same country. Answers what was filled in."""
    filled = {name: str(getattr(merge, name)) for name in FILLED if getattr(merge, name) and not getattr(keep, name)}
    if str(merge.country) != (filled.get("country") or str(keep.country)):
        filled.pop("registration_number", None)
    if filled:
        Customer.objects.filter(pk=keep.pk).update(**filled)
    return filled


def _count(tokens: Iterable[str], step: int) -> None:
    """One name more or less with these words, and in all."""
    bulk.run(
        "INSERT INTO deals_tokencount AS t (token, names) SELECT token, greatest(%s, 0) FROM unnest(%s::text[]) AS token "
        "ON CONFLICT (token) DO UPDATE SET names = greatest(t.names + %s, 0)",
        [step, sorted({*tokens, ""}), step],
    )


def _withdraw(pk: str, by: User, now: datetime) -> None:
    label = IdentityVerdict.objects.standing().filter(pk=pk).select_related("deal", "customer").first()
    if label:
        withdraw_verdict(label, by=by, now=now)


def _move_back(keep: Customer, merge: Customer, moved: dict[str, Any]) -> None:
    for name, model in MOVED.items():
        rows = model._default_manager.filter(pk__in=moved[name], customer=keep)
        if name == "deals":
            back = list(rows.values_list("pk", flat=True))
            ProtectedLine.objects.filter(deal__in=back, customer=keep).update(customer=merge)
        rows.update(customer=merge)
    for watch in moved["watches_dropped"]:
        given = {"pk": watch["id"], "user_id": watch["user"], "partner_id": watch["partner"], "customer_name": watch["name"]}
        FreeWatch.objects.create(customer=merge, **given)
        FreeWatch.objects.filter(pk=watch["id"]).update(created_at=watch["at"])
    Customer.objects.filter(pk__in=moved["subsidiaries"], parent=keep).update(parent=merge)
    if moved["was_parent"]:
        Customer.objects.filter(pk=keep.pk).update(parent=merge)
