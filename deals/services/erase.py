"""Erasing a person from deals: contacts at customers, owners of opportunities, and what people typed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from deals.models import Activity, ChangeRequest, CustomerContact, Deal, Extension, FreeWatch, Opportunity
from partners.models import User
from prm.audit import services as audit
from prm.core.forget import blank_words

TEXTS = {
    Deal: ["next_step", "done_so_far", "reason_text"],
    Activity: ["line"],
    Extension: ["reason", "decision_text"],
    ChangeRequest: ["reason", "decision_text"],
}


@transaction.atomic
def erase_contacts(email: str) -> tuple[int, list[str]]:
    """Blank the contacts at customers under this address; answers how many and their names."""
    rows = list(CustomerContact.objects.filter(email__iexact=email).select_related("deal"))
    for row in rows:
        audit.record("deals.contact.erased", row.deal, by=None, partner=row.deal.partner_id, internal=True)
    CustomerContact.objects.filter(pk__in=[row.pk for row in rows]).update(name="", email="", phone="")
    return len(rows), [row.name for row in rows]


@transaction.atomic
def erase_in_deals(email: str, user: User | None, words: list[str]) -> dict[str, int]:
    """Blank the owner of the vendor's opportunities, drop the user's wishes to be told, take the words out of texts."""
    owned = Q(owner_email__iexact=email)
    if user is not None and user.is_staff and len(user.name.split()) > 1:
        owned |= Q(owner__iexact=user.name)
    return {
        "opportunity owners": Opportunity.objects.filter(owned).update(owner="", owner_email=""),
        "watches": FreeWatch.objects.filter(user=user).delete()[0] if user else 0,
        "texts of deals": sum(blank_words(model, columns, words) for model, columns in TEXTS.items()),
    }
