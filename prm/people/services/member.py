"""One transaction over every app's own service: removing a member hands the work over first."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from deals.services import deal as deals
from partners.models import Membership, User
from partners.queries.team import successors_of
from partners.services import membership as memberships
from partners.services.team_lock import lock_team
from prm.core.errors import DomainError


@transaction.atomic
def remove_member(membership: Membership, *, by: User | None, successor: Membership) -> int:
    """End the membership; the person's open deals and drafts go to the successor in the same step. Answers how many.

    successor: an active colleague in the same team who may register deals. Raises DomainError, NotAllowed for the last admin.
    """
    partner = lock_team(membership.partner_id)
    if successor not in successors_of(membership):
        raise DomainError(_("Choose an active colleague who may register deals."), field="successor")
    membership = memberships.remove(membership, by=by)
    return deals.hand_over(membership.user, successor.user, partner, by=by)
