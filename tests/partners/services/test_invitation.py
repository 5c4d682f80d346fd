"""Invitations: one person, one use, seven days."""

import datetime as dt

import pytest
from django.utils import timezone

from partners.enums import InvitationStatus, MembershipStatus
from partners.models import Invitation, Membership, User
from partners.queries.invitation import find_invitation, hash_of, open_invitation
from partners.services import invitation, membership, partner
from partners.tasks import expire_invitations
from prm.core.errors import DomainError, NotAllowed, NotVisible, StaleState
from prm.mail.models import Message


@pytest.fixture
def sent(cast):
    return invitation.invite(cast.acme, email="nina@acme.test", role="technical", by=cast.alice, name="Nina")


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Nina", "Hello Nina,"),
        ("Núñez <b>", "Hello,"),
        ("Your account is locked: http://evil.test", "Hello,"),
        ("go to evil.test", "Hello,"),
        ("x" * 61, "Hello,"),
        ("", "Hello,"),
    ],
)
def test_the_mail_greets_by_the_name_that_was_given(cast, name, greeting):
    invitation.invite(cast.acme, email="nina@acme.test", role="technical", by=cast.alice, name=name)
    body = Message.objects.get().body
    assert body.text.startswith(greeting + "\n") and f">{greeting}</p>" in body.html


@pytest.fixture
def nina(db):
    return User.objects.create_user("nina@acme.test", name="Nina")


def test_the_mail_goes_to_the_invited_address_with_the_only_token(cast, sent):
    mail = Message.objects.get()
    assert mail.body.address == "nina@acme.test"
    assert mail.body.subject == "Your invitation to Acme"
    assert "Alice Admin" in mail.body.text
    assert "Alice Admin" in mail.body.html
    token = mail.body.text.split("/invitation/")[1].split("/")[0]
    assert find_invitation(token) == sent
    assert sent.token_hash == hash_of(token)
    assert token not in str(Invitation.objects.values().get())
    with pytest.raises(NotVisible):
        find_invitation("made-up")


def test_accepting(cast, sent, nina):
    row = invitation.accept(sent, user=nina)
    assert (row.partner, row.role, row.status) == (cast.acme, "technical", MembershipStatus.ACTIVE)
    assert Invitation.objects.get().accepted_by == nina
    with pytest.raises(StaleState):
        invitation.accept(sent, user=nina)


def test_somebody_else_cannot_take_the_seat(cast, sent):
    with pytest.raises(DomainError, match="another address"):
        invitation.accept(sent, user=cast.boris)
    assert not Membership.objects.filter(user=cast.boris, partner=cast.acme).exists()


def test_staff_stay_on_their_side(cast):
    sent = invitation.invite(cast.acme, email=cast.sam.email, role="sales", by=cast.alice)
    with pytest.raises(DomainError, match="Staff"):
        invitation.accept(sent, user=cast.sam)


def test_too_late(cast, sent, nina):
    late = sent.expires_at + dt.timedelta(seconds=1)
    assert open_invitation(sent.token_hash, timezone.now()) == sent
    assert open_invitation(sent.token_hash, late) is None
    with pytest.raises(DomainError, match="not valid"):
        invitation.accept(sent, user=nina, now=late)
    Invitation.objects.update(expires_at=timezone.now())
    expire_invitations()
    expire_invitations()
    assert Invitation.objects.get().status == InvitationStatus.EXPIRED
    invitation.invite(cast.acme, email="nina@acme.test", role="sales", by=cast.alice)


def test_one_that_ran_out_makes_room_at_once(cast, sent):
    Invitation.objects.update(expires_at=timezone.now())
    invitation.invite(cast.acme, email="NINA@acme.test", role="sales", by=cast.alice)
    assert sorted(Invitation.objects.values_list("status", flat=True)) == ["expired", "sent"]


def test_a_suspended_partner_takes_nobody_in(cast, sent, nina):
    partner.suspend_partner(cast.acme, by=cast.rita)
    with pytest.raises(DomainError, match="not valid"):
        invitation.accept(sent, user=nina)
    assert open_invitation(sent.token_hash, timezone.now()) is None


def test_members_are_not_invited_again_but_removed_ones_are(cast):
    for address in (cast.amir.email, cast.susi.email):
        with pytest.raises(DomainError, match="already"):
            invitation.invite(cast.acme, email=address, role="sales", by=cast.alice)
    row = Membership.objects.get(user=cast.amir)
    membership.remove(row, by=cast.alice)
    again = invitation.invite(cast.acme, email=cast.amir.email, role="marketing", by=cast.alice)
    assert invitation.accept(again, user=cast.amir).pk == row.pk


def test_a_member_of_another_company_may_join(cast):
    sent = invitation.invite(cast.acme, email=cast.boris.email, role="sales", by=cast.alice)
    invitation.accept(sent, user=cast.boris)
    assert Membership.objects.filter(user=cast.boris, status="active").count() == 2


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a\x00@acme.test", "x" * 300 + "@acme.test"])
def test_no_address(cast, email):
    with pytest.raises(DomainError):
        invitation.invite(cast.acme, email=email, role="sales", by=cast.alice)
    assert not Message.objects.exists()


def test_only_an_admin_of_that_partner_still(cast, sent):
    for who in (cast.amir, cast.boris):
        with pytest.raises(NotAllowed):
            invitation.invite(cast.acme, email="x@acme.test", role="sales", by=who)
        with pytest.raises(NotAllowed):
            invitation.resend(sent, by=who)
        with pytest.raises(NotAllowed):
            invitation.revoke(sent, by=who)
    with pytest.raises(DomainError, match="no such role"):
        invitation.invite(cast.acme, email="x@acme.test", role="emperor", by=cast.alice)


def test_not_without_end(cast, monkeypatch):
    monkeypatch.setattr(invitation, "MOST_OPEN", 1)
    invitation.invite(cast.acme, email="one@acme.test", role="sales", by=cast.alice)
    with pytest.raises(DomainError, match="too many"):
        invitation.invite(cast.acme, email="two@acme.test", role="sales", by=cast.alice)
