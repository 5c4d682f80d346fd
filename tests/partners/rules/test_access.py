"""The one table of roles, and every known trap of object permissions."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import connection
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import assign_perm, get_objects_for_user

from partners import queries
from partners.enums import DealSight, Role
from partners.models import Absence, Contact, Partner, PartnerGroup, PartnerGroupObjectPermission, User
from partners.queries import ALL, deal_scope, get_partner, partners_with, scope_for
from partners.queries.team import get_contact
from partners.rules import PERMISSIONS, ROLE_PERMISSIONS, access_of, may
from partners.services import contact, membership, partner
from partners.services.manager import assign_manager, unassign_manager
from partners.services.role_group import refresh_grants
from prm.core.errors import NotVisible

MEMBER_MATRIX = {  # DOMAIN.md section 1, literally: the table under test is not read here
    "alice": {
        "view_partner",
        "change_partner",
        "view_deals",
        "register_deals",
        "view_mdf",
        "request_mdf",
        "manage_team",
        "accept_agreement",
    },
    "amir": {"view_partner", "view_deals", "register_deals"},
    "mona": {"view_partner", "view_mdf", "request_mdf"},
    "tom": {"view_partner", "view_deals"},
    "anna": {"view_partner", "view_deals", "view_mdf", "accept_agreement"},
    "susi": set(),
    "both": {"view_partner", "view_deals", "register_deals"},
    "boris": set(),
    "dieter": set(),
    "pat": set(),
    "carla": {"view_partner", "change_partner", "view_deals", "review_deals", "view_mdf"},
    "carl": set(),
    "leo": {"view_partner", "change_partner", "view_deals", "review_deals", "view_mdf"},
    "dana": {"view_partner", "view_deals", "review_deals"},
    "finn": {"view_partner", "view_mdf"},
    "fay": {"view_partner", "view_mdf"},
    "sam": {"view_partner", "view_deals", "view_mdf"},
    "rita": {"view_partner", "change_partner", "view_deals", "review_deals", "view_mdf"},
}


def fresh(user):
    """The user as the next request loads it."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("who", MEMBER_MATRIX)
def test_who_may_do_what_in_acme(cast, who):
    user = getattr(cast, who)
    assert {perm for perm in PERMISSIONS if may(user, perm, cast.acme)} == MEMBER_MATRIX[who]
    assert {perm for perm in PERMISSIONS if cast.acme.pk in partners_with(user, perm)} == MEMBER_MATRIX[who]


def test_an_unknown_permission_is_a_mistake_not_a_no(cast):
    with pytest.raises(ValueError, match="view_dealz"):
        may(cast.alice, "view_dealz", cast.acme)


def test_the_door(cast):
    assert get_partner(cast.alice, cast.acme.ref) == cast.acme
    for user, ref in (
        (cast.boris, cast.acme.ref),
        (cast.alice, "P-00000000"),
        (cast.alice, ""),
        (cast.alice, "\x00"),
        (cast.pat, cast.hooli.ref),
    ):
        with pytest.raises(NotVisible):
            get_partner(user, ref)


def test_scopes(cast):
    assert scope_for(cast.alice).partner_ids == {cast.acme.pk}
    assert scope_for(cast.both).partner_ids == {cast.acme.pk, cast.globex.pk}
    assert scope_for(cast.carla).partner_ids == {cast.acme.pk}
    assert scope_for(cast.dana).partner_ids is ALL
    assert scope_for(cast.dana, "view_mdf").partner_ids == frozenset()
    assert scope_for(cast.rita).everything
    assert repr(scope_for(cast.rita).partner_ids) == "ALL"
    assert not scope_for(cast.susi).everything
    assert cast.acme in scope_for(cast.alice)
    assert cast.globex not in scope_for(cast.alice)
    assert cast.globex.pk in scope_for(cast.rita)
    assert list(scope_for(cast.alice).narrow(Partner.objects.all(), "pk")) == [cast.acme]
    assert scope_for(cast.rita).narrow(Partner.objects.all(), "pk").count() == 4
    from django.contrib.auth.models import AnonymousUser

    assert scope_for(AnonymousUser()).partner_ids == frozenset()
    assert scope_for(None).partner_ids == frozenset()


def test_a_closed_account_has_nothing(cast):
    User.objects.filter(pk__in=[cast.alice.pk, cast.dana.pk, cast.rita.pk]).update(is_active=False)
    for user in (cast.alice, cast.dana, cast.rita):
        assert scope_for(fresh(user)).partner_ids == frozenset()


def test_suspended_partner_or_member_has_nothing_at_the_next_request_and_gets_it_back(cast):
    partner.suspend_partner(cast.acme, by=cast.rita)
    assert scope_for(fresh(cast.alice)).partner_ids == frozenset()
    assert scope_for(fresh(cast.both)).partner_ids == {cast.globex.pk}
    assert scope_for(fresh(cast.carla)).partner_ids == {cast.acme.pk}
    partner.resume_partner(cast.acme, by=cast.rita)
    assert scope_for(fresh(cast.alice)).partner_ids == {cast.acme.pk}
    row = cast.amir.memberships.get()
    membership.suspend(row, by=cast.alice)
    assert partners_with(fresh(cast.amir), "view_deals") == frozenset()
    assert not cast.amir.groups.exists()
    membership.resume(row, by=cast.alice)
    assert partners_with(fresh(cast.amir), "view_deals") == {cast.acme.pk}


def test_leaving_people_still_reach_their_partner_until_the_end(cast):
    partner.leave_partner(cast.acme, by=cast.rita, ends_on=dt.date.max)
    assert cast.acme in scope_for(fresh(cast.alice))
    partner.end_partner(cast.acme, by=None)
    assert cast.acme not in scope_for(fresh(cast.alice))


# -- deals ----------------------------------------------------------------------------------------------------------


def test_sales_see_all_or_only_their_own_deals(cast):
    assert deal_scope(cast.amir).own_only == frozenset()
    partner.set_deal_sight(cast.acme, DealSight.OWN, by=cast.alice)
    scope = deal_scope(fresh(cast.amir))
    assert (scope.partner_ids, scope.own_only, scope.user_id) == ({cast.acme.pk}, {cast.acme.pk}, cast.amir.pk)
    both = deal_scope(fresh(cast.both))
    assert (both.partner_ids, both.own_only) == ({cast.acme.pk, cast.globex.pk}, {cast.acme.pk})
    for user in (cast.alice, cast.tom, cast.anna, cast.carla, cast.dana, cast.rita):
        assert deal_scope(fresh(user)).own_only == frozenset()
    assert deal_scope(cast.mona).partner_ids == frozenset()
    assert deal_scope(cast.dana).partner_ids is ALL


# -- staff ----------------------------------------------------------------------------------------------------------


def test_the_manager_changes_and_the_old_one_sees_nothing_more(cast):
    assign_manager(cast.acme, cast.carl, by=cast.rita)
    assert scope_for(fresh(cast.carla)).partner_ids == frozenset()
    assert scope_for(fresh(cast.leo)).partner_ids == frozenset()
    assert scope_for(fresh(cast.carl)).partner_ids == {cast.acme.pk, cast.globex.pk}
    unassign_manager(cast.acme, by=cast.rita)
    assert scope_for(fresh(cast.carl)).partner_ids == {cast.globex.pk}


def test_a_deputy_sees_what_the_absent_colleague_sees_and_only_then(cast):
    today = dt.date.today()
    day = dt.timedelta(days=1)
    Absence.objects.create(user=cast.carla, deputy=cast.carl, starts_on=today + day, ends_on=today + 3 * day)
    assert scope_for(fresh(cast.carl)).partner_ids == {cast.globex.pk}
    Absence.objects.update(starts_on=today)
    assert scope_for(fresh(cast.carl)).partner_ids == {cast.acme.pk, cast.globex.pk}
    Absence.objects.create(user=cast.carl, deputy=cast.sam, starts_on=today, ends_on=today)
    assert may(fresh(cast.sam), "review_deals", cast.acme)
    assert may(fresh(cast.sam), "review_deals", cast.globex)
    assert not may(fresh(cast.sam), "review_deals", cast.initech)
    Absence.objects.create(user=cast.sam, deputy=cast.carla, starts_on=today, ends_on=today)  # a circle: nobody is left
    assert scope_for(fresh(cast.carla)).partner_ids == {cast.acme.pk}


def test_a_deputy_decides_the_absent_desks_queue(cast):
    today = dt.date.today()
    Absence.objects.create(user=cast.dana, deputy=cast.carla, starts_on=today, ends_on=today)
    carla = fresh(cast.carla)
    assert partners_with(carla, "review_deals") is ALL
    assert partners_with(carla, "change_partner") == {cast.acme.pk}


def test_staff_roles_without_a_staff_account_open_nothing(cast):
    User.objects.filter(pk=cast.dana.pk).update(is_staff=False)
    assert scope_for(fresh(cast.dana)).partner_ids == frozenset()


# -- guardian's traps -----------------------------------------------------------------------------------------------


def test_groups_and_grants_are_the_table_and_nothing_else(cast):
    for row in PartnerGroup.objects.filter(partner=cast.acme):
        held = PartnerGroupObjectPermission.objects.filter(group=row.group)
        assert set(held.values_list("permission__codename", flat=True)) == ROLE_PERMISSIONS[row.role]
        assert set(held.values_list("content_object", flat=True)) == {cast.acme.pk}
    assert PartnerGroup.objects.filter(partner=cast.acme).count() == len(Role)
    assert not UserObjectPermission.objects.exists()
    assert not GroupObjectPermission.objects.exists()


def test_permission_rows_grow_with_partners_not_with_members(cast):
    before = PartnerGroupObjectPermission.objects.count()
    person = User.objects.create_user("one.more@acme.test")
    membership.add_member(cast.acme, person, Role.ADMIN, by=None)
    assert PartnerGroupObjectPermission.objects.count() == before


def test_trap_a_global_permission_shows_everything_to_guardian_and_nothing_to_us(cast):
    assign_perm("partners.view_deals", cast.boris)
    assign_perm("partners.view_deals", Group.objects.get(partner_group__partner=cast.globex, partner_group__role="admin"))
    boris = fresh(cast.boris)
    assert get_objects_for_user(boris, "partners.view_deals").count() == 4
    assert partners_with(boris, "view_deals") == {cast.globex.pk}
    assert not may(boris, "view_deals", cast.acme)
    with pytest.raises(NotVisible):
        get_partner(boris, cast.acme.ref)


def test_trap_has_perm_with_an_object_is_false_for_a_model_level_grant(cast):
    cast.dana.user_permissions.add(Permission.objects.get(codename="manage_team"))
    dana = fresh(cast.dana)
    assert dana.has_perm("partners.manage_team")
    assert not dana.has_perm("partners.manage_team", cast.acme)
    assert not may(dana, "manage_team", cast.acme)


def test_trap_guardian_lets_a_superuser_do_what_only_a_partner_does_for_itself(cast):
    assert cast.rita.has_perm("partners.register_deals", cast.acme)
    assert not may(cast.rita, "register_deals", cast.acme)


def test_trap_no_anonymous_user_row(db):
    assert settings.ANONYMOUS_USER_NAME is None
    assert not User.objects.exists()


def test_trap_a_member_moved_to_another_group_keeps_nothing_of_the_old_one(cast):
    membership.change_role(cast.amir.memberships.get(), Role.MARKETING, by=cast.alice)
    assert cast.amir.groups.get().partner_group.role == Role.MARKETING
    assert partners_with(fresh(cast.amir), "view_deals") == frozenset()
    assert partners_with(fresh(cast.amir), "request_mdf") == {cast.acme.pk}


def test_trap_a_group_without_a_live_membership_opens_nothing(cast):
    cast.boris.groups.add(Group.objects.get(partner_group__partner=cast.acme, partner_group__role="admin"))
    assert may(fresh(cast.boris), "view_deals", cast.globex)
    assert not may(fresh(cast.boris), "view_deals", cast.acme)


def test_trap_one_look_per_request_and_no_guardian_subquery_in_lists(cast, django_assert_num_queries):
    with django_assert_num_queries(2):
        access_of(fresh_quietly(cast.alice))
    user = fresh(cast.carla)
    with django_assert_num_queries(5):
        for perm in PERMISSIONS:
            partners_with(user, perm)
        may(user, "view_deals", cast.acme)
        deal_scope(user)
    sql = str(queries.access.visible_partners(cast.alice).query).lower()
    assert "guardian" not in sql
    assert "partnergroupobjectpermission" not in sql


def fresh_quietly(user):
    return User(pk=user.pk, email=user.email, is_active=True)


def test_the_grants_follow_the_table_after_a_release(cast):
    admins = PartnerGroup.objects.get(partner=cast.acme, role="admin").group
    held = PartnerGroupObjectPermission.objects.filter(group=admins)
    held.filter(permission__codename="manage_team").delete()
    assign_perm("review_deals", admins, cast.acme)
    assert not may(fresh(cast.alice), "manage_team", cast.acme)
    assert refresh_grants([cast.acme, cast.globex]) == 2
    assert set(held.values_list("permission__codename", flat=True)) == ROLE_PERMISSIONS["admin"]
    assert refresh_grants([cast.acme]) == 0


def test_the_direct_rows_have_foreign_keys(db):
    with connection.cursor() as cursor:
        columns = {
            column.name
            for column in connection.introspection.get_table_description(cursor, "partners_partnergroupobjectpermission")
        }
    assert "content_object_id" in columns
    assert "object_pk" not in columns


def test_trap_a_row_moved_to_another_partner_loses_its_old_viewers_at_once(cast):
    row = contact.add_contact(cast.acme, name="Cora", email="cora@acme.test", by=cast.alice)
    assert get_contact(cast.alice, row.ref) == row
    Contact.objects.filter(pk=row.pk).update(partner=cast.globex)
    with pytest.raises(NotVisible):
        get_contact(cast.alice, row.ref)
    assert get_contact(cast.boris, row.ref) == row


def test_nobody_else_asks_guardian():
    """`may` and `partners_with` are the only questions; besides them only the models name the library."""
    root = Path(settings.BASE_DIR)
    files = [path for top in ("partners", "programs", "deals", "mdf", "prm") for path in (root / top).rglob("*.py")]
    importing = re.compile(r"^\s*(from guardian|import guardian)", re.MULTILINE)
    asking = re.compile(r"\.has_perm\([^)]*,|\bget_objects_for_user\b|PartnerGroupObjectPermission\.objects")
    text = {str(path.relative_to(root)): path.read_text() for path in files if "migrations" not in path.parts}
    assert [name for name, code in text.items() if importing.search(code)] == ["partners/models/partner.py"]
    assert sorted(name for name, code in text.items() if asking.search(code)) == [
        "partners/rules/access.py",
        "partners/services/role_group.py",
    ]
