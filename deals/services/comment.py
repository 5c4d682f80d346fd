"""Comments on a deal: shared with the partner, or internal to the vendor."""

from __future__ import annotations

from django.db import transaction

from deals.models import Deal
from partners.models import User
from prm.audit import services as audit
from prm.record import services as record
from prm.record.models import Comment


@transaction.atomic
def comment_deal(deal: Deal, *, by: User, body: str, internal: bool = False) -> Comment:
    """Write a comment. Internal ones are kept from the portal, mails, exports and the API by their column."""
    row = record.add_comment(deal, by=by, body=body, partner=deal.partner, internal=internal)
    audit.record("deals.deal.commented", deal, by=by, partner=deal.partner, data={"row_id": str(row.pk)}, internal=internal)
    return row
