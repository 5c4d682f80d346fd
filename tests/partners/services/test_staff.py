"""Vendor staff: roles, accounts, and the doors to what staff share."""

import pytest
from django.contrib.auth.models import Permission

from partners.enums import StaffRole
from partners.models import Partner, StaffMember, User
from partners.queries.desk import get_absence, get_desk
from partners.queries.manager import managers_of
from partners.queries.partner import get_link, get_partner_by_id
from partners.queries.staff import count_admin_requests, get_staff, roles_of
from partners.rules import may
from partners.rules.staff import can_configure, can_enter_absence, has_staff_role
from partners.rules.team import why_not_step
from partners.services import membership, staff
from partners.services.role_group import make_role_groups
from prm.audit.models import Event
from prm.core.errors import DomainError, NotVisible


def test_nobody_stands_on_both_sides(cast):
    with pytest.raises(DomainError, match="same account"):
        staff.make_staff(cast.alice, desk=cast.desk, roles=[], by=cast.rita)
    membership.remove(cast.amir.memberships.get(), by=cast.alice)
    staff.make_staff(cast.amir, desk=cast.desk, roles=["support"], by=cast.rita)
    assert may(cast.amir, "view_deals", cast.globex)


def test_a_lead_is_another_colleague(cast):
    for lead in (cast.sam, cast.alice):
        with pytest.raises(DomainError, match="colleague"):
            staff.make_staff(cast.sam, desk=cast.desk, roles=[], lead=lead, by=cast.rita)


def test_roles_count_at_once_and_no_change_is_no_event(cast):
    row = StaffMember.objects.get(user=cast.sam)
    assert may(cast.sam, "view_deals", cast.acme)
    staff.set_staff_roles(row, ["finance"], by=cast.rita)
    assert roles_of(row) == ["finance"]
    assert not may(User.objects.get(pk=cast.sam.pk), "view_deals", cast.acme)
    before = Event.objects.count()
    staff.set_staff_roles(row, ["finance"], by=cast.rita)
    assert Event.objects.count() == before


def test_an_existing_account_is_made_staff(cast):
    person = User.objects.create_user("known@vendor.test", name="Known")
    row = staff.add_staff(email="Known@Vendor.test", name="Other", desk=cast.desk, roles=[], by=cast.rita)
    assert (row.user, row.user.name) == (person, "Known")
    assert may(row.user, "view_partner", cast.acme) is False


def test_accounts_are_closed_and_opened_by_somebody_else(cast):
    with pytest.raises(DomainError, match="your own"):
        staff.set_account(cast.rita, open_=False, by=cast.rita)
    staff.set_account(cast.sam, open_=False, by=cast.rita)
    events = Event.objects.count()
    staff.set_account(cast.sam, open_=False, by=cast.rita)
    assert Event.objects.count() == events
    assert not may(User.objects.get(pk=cast.sam.pk), "view_deals", cast.acme)
    staff.set_account(cast.sam, open_=True, by=cast.rita)
    assert User.objects.get(pk=cast.sam.pk).is_active


def test_who_configures(cast):
    assert can_configure(cast.rita)
    for user in (cast.alice, cast.carla, cast.leo, cast.dana, cast.sam):
        assert not can_configure(user)
    assert has_staff_role(cast.dana, StaffRole.DEAL_DESK)
    assert not has_staff_role(cast.alice, StaffRole.DEAL_DESK)


def test_whose_absence(cast):
    assert can_enter_absence(cast.carla, cast.carla)
    assert can_enter_absence(cast.leo, cast.carla)
    assert can_enter_absence(cast.rita, cast.carla)
    assert not can_enter_absence(cast.carla, cast.leo)
    assert not can_enter_absence(cast.alice, cast.alice)
    assert not can_enter_absence(cast.rita, cast.alice)


@pytest.mark.parametrize("door", [get_staff, get_desk, get_absence, get_partner_by_id, get_link])
def test_the_doors_of_staff_are_closed_to_partners(cast, door):
    keys = {get_staff: StaffMember.objects.get(user=cast.sam).pk, get_desk: cast.desk.pk, get_partner_by_id: cast.acme.pk}
    with pytest.raises(NotVisible):
        door(cast.alice, keys.get(door, cast.acme.pk))
    with pytest.raises(NotVisible):
        door(cast.rita, cast.rita.pk)


def test_who_is_shown_the_queue(cast):
    assert count_admin_requests(cast.carla) == count_admin_requests(cast.rita) == 0
    assert count_admin_requests(cast.dana) is None
    assert count_admin_requests(cast.finn) is None


def test_managers_of_many(cast, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = managers_of([cast.acme.pk, cast.globex.pk, cast.initech.pk])
    assert found == {cast.acme.pk: cast.carla, cast.globex.pk: cast.carl}


def test_an_admin_does_not_suspend_themselves(cast):
    row = cast.alice.memberships.get()
    assert [reason.key for reason in why_not_step(cast.alice, "suspend", row, 0)] == ["team.last_admin"]
    assert [reason.key for reason in why_not_step(cast.alice, "suspend", row, 1)] == ["team.self"]
    assert why_not_step(cast.alice, "remove", row, 1) == []
    assert [reason.key for reason in why_not_step(cast.alice, "resume", row, 1)] == ["team.status"]


def test_groups_need_the_permissions_of_the_migrations(cast):
    Permission.objects.filter(codename="manage_team").delete()
    with pytest.raises(LookupError, match="migrate"):
        make_role_groups([Partner.objects.create(name="X", sort_name="x", partner_type=cast.acme.partner_type)])
