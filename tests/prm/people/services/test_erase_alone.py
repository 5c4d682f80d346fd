"""Erasing the only person of a team, and somebody whose invitation is over."""

import pytest

from partners.enums import InvitationStatus, MembershipStatus
from partners.models import Invitation, Membership
from partners.services import invitation
from prm.people.services import erase_person
from tests.cast import make_member, make_partner

pytestmark = pytest.mark.django_db


def test_the_only_colleague_leaves_the_team_without_a_successor(cast):
    company = make_partner("Tyrell", cast.acme.partner_type)
    lonely = make_member("Roy Lonely", company, "sales")
    erase_person(lonely.email)
    row = Membership.objects.get(partner=company)
    assert row.status == MembershipStatus.REMOVED
    assert row.user.email != "roy.lonely@tyrell.test"


def test_an_invitation_that_was_taken_back_keeps_its_status(cast):
    open_one = invitation.invite(cast.acme, email="nina@acme.test", role="sales", by=cast.alice, name="Nina New")
    over = invitation.invite(cast.globex, email="nina@acme.test", role="sales", by=cast.boris, name="Nina New")
    Invitation.objects.filter(pk=over.pk).update(status=InvitationStatus.REVOKED)
    erase_person("nina@acme.test")
    for row in (open_one, over):
        row.refresh_from_db()
        assert (row.status, row.name) == (InvitationStatus.REVOKED, "")
        assert "nina" not in row.email
