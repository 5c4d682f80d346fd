"""Others who take part in a deal."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from deals.enums import ParticipantRole
from deals.models import Deal, Participant
from partners.models import Partner, User
from prm.audit import services as audit
from prm.core.errors import DomainError


@transaction.atomic
def add_participant(deal: Deal, partner: Partner, role: str, *, by: User, member: User | None = None) -> Participant:
    """Let another partner take part in a role; it sees what the role needs. Raises DomainError when it does already."""
    if role not in ParticipantRole.values or role == ParticipantRole.OWNER:
        raise DomainError(_("Choose a role."), field="role")
    try:
        with transaction.atomic():
            row = Participant.objects.create(
                deal=deal,
                partner=partner,
                role=role,
                member=member,
                sort_at=deal.created_at,
                status=deal.status,
                submitted_at=deal.submitted_at,
                protected_until=deal.protected_until,
                reporting_amount=deal.reporting_amount,
                expected_close=deal.expected_close,
            )
    except IntegrityError:
        raise DomainError(_("This partner takes part already."), key="already")
    audit.record("deals.participant.added", row, by=by, partner=deal.partner, data={"deal": str(deal.pk), "role": role})
    return row


@transaction.atomic
def remove_participant(participant: Participant, *, by: User) -> None:
    """End another partner's part; the owner's own row stays."""
    if participant.role == ParticipantRole.OWNER:
        raise DomainError(_("The owner of the deal cannot be removed."), key="owner")
    data = {"deal": str(participant.deal_id), "role": participant.role}
    audit.record("deals.participant.removed", participant, by=by, partner=participant.deal.partner, data=data)
    participant.delete()
