"""What is asked on a deal ends with it, in the transaction of its last step. (Change requests need the identity locks first:
a sweep closes those, `deals.overtaken_changes`.)"""

from __future__ import annotations

from datetime import datetime

from django.db import models

from deals.enums import EXTENSION_STEPS, JOIN_REQUEST_STEPS, ExtensionStatus, JoinRequestStatus
from deals.models import Deal, Extension, JoinRequest
from partners.models import User
from prm.audit import services as audit
from prm.core.states import take


def end_requests(deal: Deal, *, by: User | None, now: datetime) -> None:
    """Close what waits for an answer on a deal that has just ended; the caller's step holds its row.

    by: whose step ended it, None for a sweep.
    """
    extensions = Extension.objects.filter(deal=deal, status=ExtensionStatus.ASKED)
    for extension in _held(extensions):
        take(EXTENSION_STEPS["withdraw"], extension, decided_at=now)
        audit.record("deals.extension.withdrawn", extension, by=by, partner=deal.partner_id, data={"deal": str(deal.pk)})
    joins = JoinRequest.objects.filter(deal=deal, status=JoinRequestStatus.ASKED)
    for join in _held(joins):
        take(JOIN_REQUEST_STEPS["withdraw"], join, decided_at=now)
        audit.record("deals.join_request.withdrawn", join, by=by, partner=join.partner_id, data={"deal": str(deal.pk)})


def _held(rows: models.QuerySet) -> models.QuerySet:
    """Locked: whoever withdraws or answers at this moment is waited for, and then no longer among them."""
    return rows.order_by("pk").select_for_update(of=("self",))
