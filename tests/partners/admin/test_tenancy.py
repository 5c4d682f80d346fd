"""The staff's side of tenancy: only what one looks after, every change by a service, nobody grants themselves more."""

import datetime as dt

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from guardian.admin import GuardedModelAdmin

from partners.enums import AdminRequestStatus, PartnerStatus, StaffRole
from partners.models import (
    Absence,
    AdminRequest,
    Desk,
    Invitation,
    ManagerAssignment,
    Membership,
    Partner,
    PartnerLink,
    StaffMember,
    User,
)
from partners.services import admin_request, link, staff
from prm.audit.models import Event
from prm.mail.models import Message
from prm.web.admin_site import site
from tests.cast import make_member, make_partner, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def as_(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def nothing_happens():
    models = (Event, Message, Invitation, AdminRequest, Absence, PartnerLink, ManagerAssignment, Partner, StaffMember, User, Desk)

    def state():
        return [list(model.objects.order_by("pk").values()) for model in models if model is not User]

    before = state()
    yield
    assert state() == before


def url(name, *args):
    return reverse(f"admin:partners_{name}", args=args)


def member(user, company):
    return Membership.objects.get(user=user, partner=company)


def ask(cast, by=None):
    return admin_request.ask(cast.acme, candidate=member(cast.amir, cast.acme), reason="She left.", by=by or cast.amir)


def test_trap_guardians_object_permission_pages_do_not_exist():
    assert not [model for model, page in site._registry.items() if isinstance(page, GuardedModelAdmin)]
    for name in ("partners_partner_permissions", "partners_partner_permissions_manage_user"):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{name}", args=["x"])
    for label in (
        "auth.Group",
        "auth.Permission",
        "partners.PartnerGroup",
        "partners.PartnerGroupObjectPermission",
        "partners.User",
    ):
        assert label.lower() not in {model._meta.label_lower for model in site._registry}, label


@pytest.mark.parametrize(
    ("who", "sees"),
    [("carla", {"Acme"}), ("carl", {"Globex"}), ("leo", {"Acme"}), ("dana", {"Acme", "Globex", "Initech", "Hooli"})],
)
def test_each_sees_their_partners(cast, as_, who, sees):
    client = as_(getattr(cast, who))
    text = client.get(url("partner_changelist")).content.decode()
    for partner in (cast.acme, cast.globex, cast.initech, cast.hooli):
        assert (partner.ref in text) == (partner.name in sees), partner
        expected = 200 if partner.name in sees else 404
        assert client.get(url("partner_change", partner.pk)).status_code == expected, partner
    people = client.get(url("membership_changelist")).content.decode()
    assert ("Alice Admin" in people) == ("Acme" in sees)


@pytest.mark.parametrize("who", ["alice", "boris"])
@pytest.mark.parametrize(
    "name", ["partner_changelist", "staffmember_changelist", "absence_changelist", "adminrequest_changelist"]
)
def test_partners_people_have_no_business_here(cast, as_, who, name):
    assert as_(getattr(cast, who)).get(url(name)).status_code in (302, 403)


COSTS = {"partner": 8, "membership": 7, "staffmember": 8, "desk": 7, "absence": 7, "adminrequest": 7}


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_one_and_three_rows(cast, as_, name, rows, django_assert_num_queries):
    for number in range(rows):
        day = timezone.localdate() + dt.timedelta(days=100 + number)
        Absence.objects.create(user=cast.carl, deputy=cast.carla, starts_on=day, ends_on=day)
        company = make_partner(f"More {number}", cast.acme.partner_type)
        person = make_member(f"Max More{number}", company, "sales")
        admin_request.ask(company, candidate=member(person, company), reason="Gone", by=person)
        make_staff(f"Staff {number}", Desk.objects.create(key=f"desk-{number}", name=f"Desk {number}"), "finance")
    client = as_(cast.rita)
    client.get(url(f"{name}_changelist"))
    with django_assert_num_queries(COSTS[name]):
        assert client.get(url(f"{name}_changelist")).status_code == 200


# -- partners -------------------------------------------------------------------------------------------------------


def test_a_new_partner_and_its_first_admin(cast, as_):
    staff.make_staff(cast.sam, desk=cast.desk, roles=[StaffRole.PROGRAM_MANAGER], by=cast.rita)
    client = as_(cast.sam)
    assert client.get(url("partner_add")).status_code == 200
    kind = cast.acme.partner_type.pk
    data = {"name": "Umbrella", "partner_type": kind, "time_zone": "Europe/Berlin", "country": "DE"}
    page = client.post(url("partner_add"), data)
    made = Partner.objects.get(name="Umbrella")
    assert page.url == url("partner_change", made.pk)
    assert (made.status, made.role_groups.count()) == (PartnerStatus.ACTIVE, 5)
    assert "Invite the first admin" in client.get(page.url).content.decode()
    client.post(url("partner_first_admin", made.pk), {"email": "first@umbrella.test"})
    assert Invitation.objects.get().role == "admin"
    assert client.post(url("partner_first_admin", cast.acme.pk), {"email": "mole@acme.test"}).status_code == 403
    assert client.post(url("partner_add"), {**data, "time_zone": "Mars"}).status_code == 422
    assert client.post(url("partner_add"), {**data, "name": "\x00"}).status_code == 422


def test_the_profile_is_edited_by_those_who_look_after_it(cast, as_):
    client = as_(cast.carla)
    data = {"name": "Acme Ltd", "partner_type": cast.acme.partner_type.pk, "time_zone": "UTC", "country": "GB"}
    assert client.get(url("partner_edit", cast.acme.pk)).status_code == 200
    assert client.post(url("partner_edit", cast.acme.pk), data).status_code == 302
    row = Partner.objects.get(pk=cast.acme.pk)
    assert (row.name, row.sort_name, row.country) == ("Acme Ltd", "acme ltd", "GB")
    assert Event.objects.get(name="partners.partner.changed").data == {"field_names": ["country", "name"]}
    client.post(url("partner_edit", cast.acme.pk), {**data, "status": "suspended"})
    assert Partner.objects.get(pk=cast.acme.pk).status == PartnerStatus.ACTIVE


def test_suspend_and_resume(cast, as_):
    client = as_(cast.rita)
    asked = client.get(url("partner_change", cast.acme.pk)).content.decode()
    assert "refused at once" in asked and "mails to them stop" in asked and "stay as they are" in asked
    client.post(url("partner_suspend", cast.acme.pk))
    assert Partner.objects.get(pk=cast.acme.pk).suspended_at
    assert client.post(url("partner_suspend", cast.acme.pk)).status_code == 403
    client.post(url("partner_resume", cast.acme.pk))
    assert Partner.objects.get(pk=cast.acme.pk).status == PartnerStatus.ACTIVE
    assert client.get(url("partner_suspend", cast.acme.pk)).status_code == 405
    assert client.post(url("partner_leave", cast.acme.pk), {"ends_on": "2000-01-01"}).status_code == 422
    client.post(url("partner_leave", cast.acme.pk), {"ends_on": "2999-01-01"})
    assert Partner.objects.get(pk=cast.acme.pk).status == PartnerStatus.LEAVING


PARTNER_ACTS = ["edit", "suspend", "leave", "manager", "distributor", "first_admin", "ask_admin"]
DATA = {"ends_on": "2999-01-01", "manager": "", "distributor": "P-00000000", "starts_on": "2030-01-01", "email": "x@y.test"}


@pytest.mark.parametrize("act", PARTNER_ACTS)
@pytest.mark.parametrize("who", ["dana", "sam", "finn"])
def test_staff_who_only_look_change_nothing(cast, as_, act, who, request):
    request.getfixturevalue("nothing_happens")
    assert as_(getattr(cast, who)).post(url(f"partner_{act}", cast.acme.pk), DATA).status_code == 403


@pytest.mark.parametrize("act", PARTNER_ACTS)
def test_another_managers_partner_does_not_exist(cast, as_, act, request):
    request.getfixturevalue("nothing_happens")
    client = as_(cast.carl)
    foreign = client.post(url(f"partner_{act}", cast.acme.pk), DATA)
    missing = client.post(url(f"partner_{act}", cast.desk.pk), DATA)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_assigning_a_manager(cast, as_):
    client = as_(cast.rita)
    assert "Carl Other" in client.get(url("partner_manager", cast.acme.pk)).content.decode()
    client.post(url("partner_manager", cast.acme.pk), {"manager": cast.carl.pk})
    assert ManagerAssignment.objects.get(partner=cast.acme, ends_on=None).manager == cast.carl
    assert client.post(url("partner_manager", cast.acme.pk), {"manager": cast.carl.pk}).status_code == 422
    assert client.post(url("partner_manager", cast.acme.pk), {"manager": cast.dana.pk}).status_code == 422
    client.post(url("partner_manager", cast.acme.pk), {"manager": ""})
    assert not ManagerAssignment.objects.filter(partner=cast.acme).exists()
    assert as_(cast.carla).post(url("partner_manager", cast.acme.pk), {"manager": ""}).status_code == 404


def test_links(cast, as_):
    client = as_(cast.rita)
    first = PartnerLink.objects.get()
    data = {"distributor": cast.initech.ref.lower(), "starts_on": "2030-01-01"}
    assert client.post(url("partner_distributor", cast.acme.pk), data).status_code == 422  # they are linked already
    assert client.post(url("partner_link_end", first.pk), {"ends_on": "1999-01-01"}).status_code == 422
    client.post(url("partner_link_end", first.pk), {"ends_on": "2029-12-31"})
    assert client.post(url("partner_link_end", first.pk), {"ends_on": "2029-12-31"}).status_code == 422
    assert client.post(url("partner_distributor", cast.acme.pk), data).status_code == 302
    assert client.post(url("partner_distributor", cast.acme.pk), {**data, "distributor": "P-00000000"}).status_code == 422
    assert client.post(url("partner_distributor", cast.initech.pk), data).status_code == 422
    assert PartnerLink.objects.count() == 2
    assert "buys from" in client.get(url("partner_change", cast.acme.pk)).content.decode()
    with pytest.raises(Exception, match="last day"):
        link.link_partners(cast.initech, cast.globex, starts_on=dt.date(2030, 1, 2), ends_on=dt.date(2030, 1, 1), by=None)


# -- a new admin ----------------------------------------------------------------------------------------------------


def test_the_manager_confirms_what_a_member_asked(cast, as_):
    row = ask(cast)
    client = as_(cast.carla)
    assert row.ref in client.get(url("adminrequest_changelist")).content.decode()
    assert "Confirm" in client.get(url("adminrequest_change", row.pk)).content.decode()
    client.post(url("adminrequest_confirm", row.ref))
    row.refresh_from_db()
    assert (row.status, row.confirmed_by) == (AdminRequestStatus.CONFIRMED, cast.carla)
    assert member(cast.amir, cast.acme).role == "sales"
    client.post(url("adminrequest_refuse", row.ref))
    row.refresh_from_db()
    assert row.status == AdminRequestStatus.REFUSED


def test_nobody_confirms_their_own_request(cast, as_, request):
    client = as_(cast.carla)
    member_ref = member(cast.amir, cast.acme).ref
    assert client.post(url("partner_ask_admin", cast.acme.pk), {"member": member_ref, "reason": "Gone"}).status_code == 302
    row = AdminRequest.objects.get()
    assert row.asked_by == cast.carla
    assert "another person" in client.get(url("adminrequest_change", row.pk)).content.decode()
    request.getfixturevalue("nothing_happens")
    assert client.post(url("adminrequest_confirm", row.ref)).status_code == 403


@pytest.mark.parametrize(("who", "status"), [("dana", 403), ("sam", 403), ("carl", 404)])
def test_who_does_not_look_after_it_does_not_decide_it(cast, as_, who, status, request):
    row = ask(cast)
    request.getfixturevalue("nothing_happens")
    assert as_(getattr(cast, who)).post(url("adminrequest_confirm", row.ref)).status_code == status


# -- colleagues, desks, absences --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["carla", "leo", "dana", "sam"])
def test_nobody_but_a_superuser_gives_roles(cast, as_, who, request):
    user = getattr(cast, who)
    pk = StaffMember.objects.get(user=user).pk
    client = as_(user)
    assert client.get(url("staffmember_change", pk)).status_code == 200
    request.getfixturevalue("nothing_happens")
    data = {"desk": cast.desk.pk, "roles": ["deal_desk"], "email": "new@vendor.test", "name": "New"}
    assert client.post(url("staffmember_edit", pk), data).status_code == 403
    assert client.post(url("staffmember_add"), data).status_code == 403
    assert client.post(url("staffmember_close", pk)).status_code == 403


def test_a_superuser_gives_roles(cast, as_):
    client = as_(cast.rita)
    data = {"email": "new@vendor.test", "name": "Nora New", "desk": cast.desk.pk, "roles": ["deal_desk", "finance"]}
    assert client.post(url("staffmember_add"), data).status_code == 302
    row = StaffMember.objects.get(user__email="new@vendor.test")
    assert row.user.is_staff
    assert not row.user.has_usable_password()
    assert sorted(row.role_grants.values_list("role", flat=True)) == ["deal_desk", "finance"]
    client.post(url("staffmember_edit", row.pk), {"desk": cast.desk.pk, "lead": cast.leo.pk, "roles": ["finance"]})
    row.refresh_from_db()
    assert (row.lead, list(row.role_grants.values_list("role", flat=True))) == (cast.leo, ["finance"])
    assert client.post(url("staffmember_add"), {**data, "email": cast.alice.email}).status_code == 422
    assert not User.objects.get(pk=cast.alice.pk).is_staff
    client.post(url("staffmember_close", row.pk))
    assert not User.objects.get(pk=row.user_id).is_active
    client.post(url("staffmember_open", row.pk))
    assert User.objects.get(pk=row.user_id).is_active


def test_desk_hours_and_closing_days(cast, as_):
    client = as_(cast.rita)
    data = {
        "name": "Channel desk",
        "time_zone": "Europe/Berlin",
        "weekdays": ["0", "1", "2", "3"],
        "opens_at": "08:00",
        "closes_at": "16:00",
        "holiday_country": "de",
        "holiday_subdivision": "BE",
    }
    assert client.get(url("desk_edit", cast.desk.pk)).status_code == 200
    assert client.post(url("desk_edit", cast.desk.pk), data).status_code == 302
    cast.desk.refresh_from_db()
    assert (cast.desk.weekdays, cast.desk.holiday_country) == ("0123", "DE")
    for bad in ({"closes_at": "07:00"}, {"time_zone": "Mars"}, {"holiday_country": "XX"}, {"weekdays": []}, {"name": "\x00"}):
        assert client.post(url("desk_edit", cast.desk.pk), {**data, **bad}).status_code == 422, bad
    client.post(url("desk_closing", cast.desk.pk), {"day": "2030-12-24", "why": "Party"})
    assert client.post(url("desk_closing", cast.desk.pk), {"day": "2030-12-24"}).status_code == 422
    assert "2030-12-24 Party" in client.get(url("desk_change", cast.desk.pk)).content.decode()
    assert as_(cast.carla).post(url("desk_edit", cast.desk.pk), data).status_code == 403


def test_absences(cast, as_):
    client = as_(cast.carla)
    data = {"user": cast.carla.pk, "deputy": cast.carl.pk, "starts_on": "2030-01-01", "ends_on": "2030-01-10"}
    assert client.get(url("absence_add")).status_code == 200
    assert client.post(url("absence_add"), data).status_code == 302
    for bad in ({"ends_on": "2029-01-01"}, {"deputy": cast.carla.pk, "starts_on": "2031-01-01", "ends_on": "2031-01-02"}, {}):
        assert client.post(url("absence_add"), {**data, **bad}).status_code == 422, bad
    assert client.post(url("absence_add"), {**data, "user": cast.dana.pk}).status_code == 422  # not one of hers
    row = Absence.objects.get()
    assert as_(cast.dana).post(url("absence_end", row.pk)).status_code == 403
    assert as_(cast.leo).post(url("absence_end", row.pk)).status_code == 302
    assert not Absence.objects.exists()


def test_what_a_service_refuses_is_said_on_the_page(cast, as_):
    own = staff.make_staff(cast.rita, desk=cast.desk, roles=[], by=cast.rita)
    client = as_(cast.rita)
    assert "Close the account" in client.get(url("staffmember_change", own.pk)).content.decode()
    page = client.post(url("staffmember_close", own.pk), follow=True)
    assert "cannot close your own account" in page.content.decode()
    sam = StaffMember.objects.get(user=cast.sam)
    client.post(url("staffmember_close", sam.pk))
    assert "Open the account" in client.get(url("staffmember_change", sam.pk)).content.decode()
    row = Absence.objects.create(user=cast.sam, deputy=cast.carl, starts_on=timezone.localdate(), ends_on=timezone.localdate())
    assert "Take out of the calendar" in client.get(url("absence_change", row.pk)).content.decode()
    assert "Take out of the calendar" not in as_(cast.dana).get(url("absence_change", row.pk)).content.decode()
