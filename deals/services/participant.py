"""Others who take part in a deal."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.enums import OPEN, DealStatus
from deals.models import Deal, Participant
from deals.models.deal import MIRRORED
from deals.queries.participant import roles_open_to
from deals.rules.deal import NOT_NOW
from partners.models import Partner, User
from prm.audit import services as audit
from prm.core.errors import DomainError, NotAllowed


@transaction.atomic
def add_participant(deal: Deal, partner: Partner, role: str, *, by: User, member: User | None = None) -> Participant:
    """Let a linked company take part in a role; it sees what the role needs.

    Raises DomainError when it is not linked with the owner, or takes part already; NotAllowed when the deal has ended.
    """
    row = Deal.objects.select_related("partner").select_for_update(of=("self",)).get(pk=deal.pk)
    if row.status not in OPEN or row.status == DealStatus.DRAFT:
        raise NotAllowed(NOT_NOW)
    roles = roles_open_to(row.partner, partner.pk, timezone.localdate())
    if not roles:
        raise DomainError(_("Only a company that is linked with yours can take part."), field="partner")
    if role not in roles:
        raise DomainError(_("Choose a role that fits your link with this company."), field="role")
    columns = {name: getattr(row, name) for name in MIRRORED}
    try:
        with transaction.atomic():
            part = Participant.objects.create(
                deal=deal, partner=partner, role=role, member=member, sort_at=deal.created_at, **columns
            )
    except IntegrityError:
        raise DomainError(_("This company takes part already."), key="already")
    audit.record("deals.participant.added", part, by=by, partner=deal.partner, data={"deal": str(deal.pk), "role": role})
    return part


@transaction.atomic
def remove_participant(participant: Participant, *, by: User) -> None:
    """End another company's part, and its sight of the deal; the owner's own row stays."""
    if participant.role == "owner":
        raise DomainError(_("The owner of the deal cannot be removed."), key="owner")
    data = {"deal": str(participant.deal_id), "role": participant.role}
    audit.record("deals.participant.removed", participant, by=by, partner=participant.deal.partner, data=data)
    participant.delete()
