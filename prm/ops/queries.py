"""Queues and the audit trail as staff read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model, QuerySet

from deals.enums import DealStatus
from deals.models import Deal
from partners.models import Partner, User
from partners.queries import scope_for
from prm.audit.models import Event
from prm.catalog.models import Product
from prm.core.models import RefField
from prm.ops.event_labels import label_of, noun_label
from prm.ops.rules import can_review_products
from prm.web import counts
from prm.web.counts import Bounded

OURS = ("prm", "partners", "programs", "deals", "mdf")


def products_to_review(user: Any) -> Bounded | None:
    """How many products an import created wait for a look; None: not for this user."""
    return counts.bounded(Product.objects.filter(reviewed=False)) if can_review_products(user) else None


def picture_deals(seller: User) -> tuple[str, str]:
    """For the README: the refs of a registration of this seller declined by a protection, and of one to decide with a finding."""
    mine = Deal.objects.filter(owner=seller).order_by("-created_at")
    declined = mine.filter(status=DealStatus.DECLINED, conflicts__rule="protected").first()
    review = mine.filter(status=DealStatus.IN_REVIEW, conflicts__rule="stale_opportunity").first()
    return declined.ref if declined else "", review.ref if review else ""


def visible_events(user: Any) -> QuerySet[Event]:
    """Events of the partners this member of staff may see; those of no partner for who sees all of them."""
    if not user.is_staff:
        return Event.objects.none()
    return scope_for(user).narrow(Event.objects.all(), "partner_id")


def events_by(user: Any, *, noun: str, object: str, partner: str, name: str) -> tuple[QuerySet[Event], bool]:
    """Events narrowed by noun, object (ref or id), partner (ref or id) and event name; False when one of them is unknown."""
    rows, known = visible_events(user), True
    for column, text in (("object_id", object), ("partner_id", partner)):
        if text:
            found = object_id_of(text)
            known = known and found is not None
            rows = rows.filter(**{column: found}) if found else rows.none()
    rows = rows.filter(noun=noun) if noun else rows
    return (rows.filter(name=name) if name else rows), known


def nouns() -> list[tuple[str, str]]:
    """What events may speak of, with its name, by name."""
    models = [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]
    named = [(model._meta.label_lower, noun_label(model._meta.label_lower)) for model in models]
    return sorted(named, key=lambda noun: (noun[1].casefold(), noun[0]))


def object_id_of(text: str) -> str | None:
    """The id that a ref (`D-7K3QX2MV`) or an id stands for; None when there is none."""
    try:
        return str(UUID(text))
    except ValueError:
        prefix = text.partition("-")[0].upper()
    for model in apps.get_models():
        field = next((f for f in model._meta.fields if isinstance(f, RefField) and f.prefix == prefix), None)
        if field is not None:
            found = model._default_manager.filter(**{field.name: text.upper()[:16]}).values_list("pk", flat=True).first()
            if found:
                return str(found)
    return None


@dataclass(frozen=True)
class Named:
    """An event in words, with the names of who did it and of whose it is."""

    event: Event
    label: str
    noun: str
    actor_name: str
    partner_name: str


def with_names(events: Iterable[Event]) -> list[Named]:
    """The events with names of people and partners; a row that is gone leaves its id. Two queries."""
    rows = list(events)
    users = User.objects.filter(pk__in={row.actor_id for row in rows if row.actor_id})
    partners = Partner.objects.filter(pk__in={row.partner_id for row in rows if row.partner_id})
    found: list[Model] = [*users, *partners]
    names = {str(row.pk): str(row) for row in found}
    return [
        Named(
            row,
            label_of(row.name),
            noun_label(row.noun),
            names.get(row.actor_id, row.actor_id),
            names.get(str(row.partner_id), str(row.partner_id)),
        )
        for row in rows
    ]
