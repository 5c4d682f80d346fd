"""The team pages: what works, who may not, and what a foreign company never sees."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal
from partners.enums import DealSight, InvitationStatus, MembershipStatus, Role
from partners.models import AdminRequest, Contact, Invitation, Membership, Partner, User
from partners.services import contact, invitation, membership, partner
from prm.audit.models import Event
from prm.mail.models import Message

pytestmark = pytest.mark.django_db


def member(user, company):
    return Membership.objects.get(user=user, partner=company)


def url(name, *args):
    return reverse(f"partners:{name}", args=args)


@pytest.fixture
def as_(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def nothing_happens():
    """Counts everything a refused request could have left behind."""

    def state():
        rows = Membership.objects.order_by("pk").values_list("pk", "role", "status")
        others = [model.objects.count() for model in (Event, Message, Invitation, Contact, AdminRequest)]
        return (
            list(rows),
            others,
            list(Invitation.objects.values_list("status", "token_hash")),
            list(Partner.objects.values_list("deal_sight")),
        )

    before = state()
    yield
    assert state() == before


# -- the list -------------------------------------------------------------------------------------------------------


def test_the_team_page_shows_the_team_and_nobody_else(cast, as_):
    page = as_(cast.alice).get(url("team"))
    assert page.status_code == 200
    text = page.content.decode()
    for name in ("Alice Admin", "Amir Sales", "Mona Marketing", "Susi Suspended", "Both Sides"):
        assert name in text
    assert "Boris" not in text
    assert "Invite a colleague" in text
    assert "Acting for" in text
    assert page["Cache-Control"].startswith("max-age=0") or "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("who", ["amir", "mona", "tom", "anna"])
def test_other_roles_see_the_team_without_the_buttons(cast, as_, who):
    text = as_(getattr(cast, who)).get(url("team")).content.decode()
    assert "Alice Admin" in text
    assert "Invite a colleague" not in text
    assert "Settings of your company" not in text


@pytest.mark.parametrize("who", ["carla", "dana", "rita"])
def test_staff_have_no_team_of_their_own(cast, as_, who, settings):
    settings.REQUIRE_STAFF_MFA = False
    assert as_(getattr(cast, who)).get(url("team")).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three_rows(cast, as_, rows, django_assert_num_queries):
    for number in range(rows):
        invitation.invite(cast.acme, email=f"new{number}@acme.test", role=Role.SALES, by=cast.alice)
        contact.add_contact(cast.acme, name=f"Contact {number}", email=f"c{number}@acme.test", by=cast.alice)
        person = User.objects.create_user(f"more{number}@acme.test", name=f"More {number}")
        membership.add_member(cast.acme, person, Role.TECHNICAL, by=cast.alice)
    client = as_(cast.alice)
    client.get(url("team"))  # the first of the day notes that she was here
    with django_assert_num_queries(8):
        assert client.get(url("team")).status_code == 200


def test_last_here_is_written_once_a_day(cast, as_):
    client = as_(cast.alice)
    client.get(url("team"))
    assert member(cast.alice, cast.acme).last_seen_on == timezone.localdate()
    Membership.objects.filter(user=cast.alice).update(last_seen_on=timezone.localdate() - dt.timedelta(days=1))
    client.get(url("team"))
    assert member(cast.alice, cast.acme).last_seen_on == timezone.localdate()


# -- every act: wrong method, no right, foreign, works ----------------------------------------------------------------


def acts(cast):
    """(address, data) of every act on Acme's team."""
    sent = invitation.invite(cast.acme, email="new@acme.test", role=Role.SALES, by=cast.alice)
    someone = contact.add_contact(cast.acme, name="Cora Contact", email="cora@acme.test", by=cast.alice)
    amir, susi = member(cast.amir, cast.acme), member(cast.susi, cast.acme)
    return {
        "resend": (url("invitation_resend", sent.ref), {}),
        "revoke": (url("invitation_revoke", sent.ref), {}),
        "role": (url("member_role", amir.ref), {"role": "technical"}),
        "suspend": (url("member_suspend", amir.ref), {}),
        "resume": (url("member_resume", susi.ref), {}),
        "remove": (reverse("people:member_remove", args=[amir.ref]), {"successor": member(cast.alice, cast.acme).ref}),
        "reports": (url("contact_reports", someone.ref), {"wanted": "no"}),
        "contact_remove": (url("contact_remove", someone.ref), {}),
    }


ACTS = ["resend", "revoke", "role", "suspend", "resume", "remove", "reports", "contact_remove"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["amir", "mona", "tom", "anna", "both"])
def test_a_teammate_without_the_right_changes_nothing(cast, as_, act, who, request):
    address, data = acts(cast)[act]
    request.getfixturevalue("nothing_happens")
    expected = {404} if act in ("resend", "revoke") and who != "both" else {403, 404}
    assert as_(getattr(cast, who)).post(address, data).status_code in expected


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["boris", "dieter", "carl"])
def test_a_foreign_company_sees_no_such_page(cast, as_, act, who, request, settings):
    settings.REQUIRE_STAFF_MFA = False
    address, data = acts(cast)[act]
    request.getfixturevalue("nothing_happens")
    foreign = as_(getattr(cast, who)).post(address, data)
    missing = as_(getattr(cast, who)).post(address.replace(address.split("/")[3], "M-00000000"), data)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


@pytest.mark.parametrize("act", [act for act in ACTS if act != "remove"])
def test_acts_are_posts(cast, as_, act):
    address, _data = acts(cast)[act]
    assert as_(cast.alice).get(address).status_code == 405


@pytest.mark.parametrize("who", ["susi", "pat"])
def test_the_suspended_and_the_applicant_reach_no_team(cast, as_, who):
    assert as_(getattr(cast, who)).get(url("team")).status_code == 403


def test_nobody_without_a_sign_in(cast, client):
    assert client.get(url("team")).status_code == 302


def test_the_suspended_member_is_refused_at_the_next_request(cast, as_):
    client = as_(cast.amir)
    assert client.get(url("team")).status_code == 200
    membership.suspend(member(cast.amir, cast.acme), by=cast.alice)
    assert client.get(url("team")).status_code == 403
    membership.resume(member(cast.amir, cast.acme), by=cast.alice)
    assert client.get(url("team")).status_code == 200
    partner.suspend_partner(cast.acme, by=cast.rita)
    assert client.get(url("team")).status_code == 403


@pytest.mark.parametrize("name", ["team_invite", "contact_add", "deal_sight"])
@pytest.mark.parametrize("who", ["amir", "mona", "tom", "anna"])
def test_the_forms_are_for_admins(cast, as_, name, who, request):
    request.getfixturevalue("nothing_happens")
    data = {"email": "x@acme.test", "role": "sales", "name": "X", "deal_sight": "own"}
    assert as_(getattr(cast, who)).post(url(name), data).status_code == 403


# -- what the admin does ------------------------------------------------------------------------------------------------


def test_inviting(cast, as_):
    client = as_(cast.alice)
    assert client.get(url("team_invite")).status_code == 200
    page = client.post(url("team_invite"), {"email": "New@Acme.test", "role": "sales", "name": "Nina New"})
    assert page.status_code == 302
    row = Invitation.objects.get()
    assert (row.email, row.role, row.partner, row.invited_by) == ("new@acme.test", "sales", cast.acme, cast.alice)
    mail = Message.objects.get()
    assert mail.template == "partners.invitation"
    assert mail.secret
    assert "/invitation/" in mail.body.text
    again = client.post(url("team_invite"), {"email": "new@acme.test", "role": "sales"})
    assert again.status_code == 422
    assert "invited already" in again.content.decode()
    assert client.post(url("team_invite"), {"email": "alice.admin@acme.test", "role": "sales"}).status_code == 422
    assert (Invitation.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"email": "nobody", "role": "sales"},
        {"email": "x@acme.test", "role": "emperor"},
        {"email": "x@acme.test", "role": "sales", "name": "a\x00b"},
        {"email": "x" * 10_000 + "@acme.test", "role": "sales"},
        {"email": "x@acme.test", "role": "sales", "name": "ü" * 10_000},
    ],
)
def test_bad_invitations_say_so_and_change_nothing(cast, as_, data, request):
    request.getfixturevalue("nothing_happens")
    page = as_(cast.alice).post(url("team_invite"), data)
    assert page.status_code == 422
    assert "error" in page.content.decode().lower()


def test_sending_again_and_taking_back(cast, as_):
    client = as_(cast.alice)
    address, _ = acts(cast)["resend"]
    before = Invitation.objects.get().token_hash
    client.post(address)
    assert Invitation.objects.get().token_hash != before
    assert Message.objects.count() == 2
    client.post(address.replace("resend", "revoke"))
    assert Invitation.objects.get().status == InvitationStatus.REVOKED
    assert client.post(address).status_code == 403
    assert Message.objects.count() == 2


def test_the_same_role_twice_is_said(cast, as_):
    row = member(cast.amir, cast.acme)
    page = as_(cast.alice).post(url("member_role", row.ref), {"role": "sales"}, follow=True)
    assert "has that role already" in page.content.decode()


def test_changing_a_role(cast, as_):
    row = member(cast.amir, cast.acme)
    as_(cast.alice).post(url("member_role", row.ref), {"role": "technical"})
    assert member(cast.amir, cast.acme).role == "technical"
    assert Event.objects.get(name="partners.membership.role_changed").data == {"from": "sales", "to": "technical"}
    page = as_(cast.alice).post(url("member_role", row.ref), {"role": "emperor"}, follow=True)
    assert "no such role" in page.content.decode()


def test_suspending_and_resuming(cast, as_):
    row = member(cast.amir, cast.acme)
    client = as_(cast.alice)
    assert "Suspend" in client.get(url("member", row.ref)).content.decode()
    client.post(url("member_suspend", row.ref))
    assert member(cast.amir, cast.acme).status == MembershipStatus.SUSPENDED
    client.post(url("member_resume", row.ref))
    assert member(cast.amir, cast.acme).status == MembershipStatus.ACTIVE
    assert client.post(url("member_suspend", member(cast.alice, cast.acme).ref)).status_code == 403


def test_the_last_admin_stays_and_the_page_says_why(cast, as_, request):
    row = member(cast.alice, cast.acme)
    client = as_(cast.alice)
    text = client.get(url("member", row.ref)).content.decode()
    assert "only active admin" in text
    client.get(url("team"))
    request.getfixturevalue("nothing_happens")
    assert client.post(url("member_role", row.ref), {"role": "sales"}).status_code == 403
    assert client.get(reverse("people:member_remove", args=[row.ref])).status_code == 403
    assert (
        client.post(reverse("people:member_remove", args=[row.ref]), {"successor": member(cast.amir, cast.acme).ref}).status_code
        == 403
    )


def test_removing_hands_deals_and_drafts_to_the_colleague(cast, as_):
    deal = Deal.objects.create(partner=cast.acme, registered_by=cast.amir, owner=cast.amir, customer_name="Hooli")
    foreign = Deal.objects.create(partner=cast.globex, registered_by=cast.amir, owner=cast.amir, customer_name="Hooli")
    row = member(cast.amir, cast.acme)
    client = as_(cast.alice)
    address = reverse("people:member_remove", args=[row.ref])
    page = client.get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Both Sides" in text
    assert "Mona" not in text.split("<form", 1)[1]
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"successor": member(cast.boris, cast.globex).ref}).status_code == 422
    assert member(cast.amir, cast.acme).status == MembershipStatus.ACTIVE
    assert client.post(address, {"successor": member(cast.both, cast.acme).ref}).status_code == 302
    assert member(cast.amir, cast.acme).status == MembershipStatus.REMOVED
    assert Deal.objects.get(pk=deal.pk).owner == cast.both
    assert Deal.objects.get(pk=foreign.pk).owner == cast.amir
    assert Message.objects.get().template == "partners.membership_ended"
    assert client.get(address).status_code == 403
    assert "Amir" not in client.get(url("team")).content.decode()


def test_contacts(cast, as_):
    client = as_(cast.alice)
    assert client.get(url("contact_add")).status_code == 200
    data = {"name": "Cora", "email": "cora@acme.test", "wants_reports": "on"}
    assert client.post(url("contact_add"), data).status_code == 302
    row = Contact.objects.get()
    assert row.wants_reports
    assert client.post(url("contact_add"), data).status_code == 422
    client.post(url("contact_reports", row.ref), {"wanted": "no"})
    client.post(url("contact_reports", row.ref), {"wanted": "perhaps"})
    assert not Contact.objects.get().wants_reports
    client.post(url("contact_remove", row.ref))
    assert not Contact.objects.exists()


def test_sales_see_all_or_their_own(cast, as_):
    client = as_(cast.alice)
    client.post(url("deal_sight"), {"deal_sight": "own"})
    assert Partner.objects.get(pk=cast.acme.pk).deal_sight == DealSight.OWN
    client.post(url("deal_sight"), {"deal_sight": "everything"})
    assert Partner.objects.get(pk=cast.acme.pk).deal_sight == DealSight.OWN
    client.post(url("deal_sight"), {"deal_sight": "own"})
    assert Event.objects.filter(name="partners.partner.deal_sight_set").count() == 1
