"""Members: the last admin stays, groups follow, and races end well."""

import pytest
from django.db import IntegrityError, connection, transaction

from partners.enums import MEMBERSHIP_STEPS, MembershipStatus, Role
from partners.models import Membership, User
from partners.services import invitation, membership
from partners.services.team_lock import lock_team
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.mail.models import Recipient
from prm.people.services import remove_member
from tests.at_once import together


def member(user, company):
    return Membership.objects.get(user=user, partner=company)


def groups(user):
    return sorted(group.partner_group.role for group in user.groups.all())


def test_adding_twice_says_so(cast):
    with pytest.raises(DomainError, match="already"):
        membership.add_member(cast.acme, cast.amir, Role.ADMIN, by=cast.alice)


def test_coming_back_keeps_the_row_and_its_history(cast):
    row = member(cast.amir, cast.acme)
    membership.remove(row, by=cast.alice)
    assert groups(cast.amir) == []
    again = membership.add_member(cast.acme, cast.amir, Role.TECHNICAL, by=cast.alice)
    assert again.pk == row.pk
    assert groups(cast.amir) == ["technical"]
    names = Event.objects.filter(object_id=str(row.pk)).order_by("at", "pk").values_list("name", flat=True)
    assert list(names)[-2:] == ["partners.membership.removed", "partners.membership.returned"]


def test_an_unknown_role_is_refused(cast):
    with pytest.raises(ValueError, match="emperor"):
        membership.add_member(cast.globex, cast.amir, "emperor", by=None)
    for role in ("emperor", "sales"):
        with pytest.raises(DomainError):
            membership.change_role(member(cast.amir, cast.acme), role, by=cast.alice)


@pytest.mark.parametrize("act", ["change_role", "suspend", "remove"])
def test_the_last_admin_stays(cast, act):
    row = member(cast.alice, cast.acme)
    args = ["sales"] if act == "change_role" else []
    events = Event.objects.count()
    with pytest.raises(NotAllowed, match="only active admin"):
        getattr(membership, act)(row, *args, by=cast.alice)
    assert (member(cast.alice, cast.acme).role, member(cast.alice, cast.acme).status) == ("admin", "active")
    assert Event.objects.count() == events


def test_a_suspended_admin_or_a_closed_account_is_no_admin_left(cast):
    second = member(cast.amir, cast.acme)
    membership.change_role(second, Role.ADMIN, by=cast.alice)
    membership.suspend(second, by=cast.alice)
    with pytest.raises(NotAllowed):
        membership.remove(member(cast.alice, cast.acme), by=cast.alice)
    membership.resume(second, by=cast.alice)
    User.objects.filter(pk=cast.amir.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        membership.remove(member(cast.alice, cast.acme), by=cast.alice)
    User.objects.filter(pk=cast.amir.pk).update(is_active=True)
    membership.remove(member(cast.alice, cast.acme), by=cast.alice)
    membership.remove(member(cast.boris, cast.globex), by=None)  # Both Sides is an admin there too


def test_a_suspended_admin_may_be_removed(cast):
    second = member(cast.amir, cast.acme)
    membership.change_role(second, Role.ADMIN, by=cast.alice)
    membership.suspend(second, by=cast.alice)
    membership.change_role(second, Role.SALES, by=cast.alice)
    assert groups(cast.amir) == []
    membership.remove(second, by=cast.alice)
    assert member(cast.amir, cast.acme).status == MembershipStatus.REMOVED


def test_who_lost_the_right_meanwhile_changes_nothing(cast):
    membership.change_role(member(cast.amir, cast.acme), Role.ADMIN, by=cast.alice)
    membership.change_role(member(cast.alice, cast.acme), Role.SALES, by=cast.amir)
    with pytest.raises(NotAllowed):
        membership.suspend(member(cast.mona, cast.acme), by=cast.alice)
    assert member(cast.mona, cast.acme).status == MembershipStatus.ACTIVE


def test_mails_stop_with_the_membership(cast):
    row = member(cast.amir, cast.acme)

    def status():
        return Recipient.objects.get(object_id=cast.amir.pk, partner_id=cast.acme.pk).status

    assert status() == "ok"
    membership.suspend(row, by=cast.alice)
    assert status() == "suspended"
    membership.resume(row, by=cast.alice)
    assert status() == "ok"
    membership.remove(row, by=cast.alice)
    assert status() == "left"


SERVICES = {"suspend": membership.suspend, "resume": membership.resume, "remove": membership.remove}


@pytest.mark.parametrize("status", MembershipStatus.values)
@pytest.mark.parametrize("step", [*SERVICES, "change_role"])
def test_every_step_from_every_status(cast, step, status):
    row = member(cast.amir, cast.acme)
    if status != MembershipStatus.ACTIVE:
        {"suspended": membership.suspend, "removed": membership.remove}[status](row, by=None)
    row.refresh_from_db()

    def run():
        if step == "change_role":
            return membership.change_role(row, Role.TECHNICAL, by=cast.alice)
        return SERVICES[step](row, by=cast.alice)

    if status in MEMBERSHIP_STEPS.sources[step]:
        run()
    else:
        with pytest.raises(StaleState):
            run()
        assert member(cast.amir, cast.acme).status == status


def test_the_database_refuses_what_the_table_does_not_know(cast):
    row = member(cast.amir, cast.acme)
    membership.remove(row, by=cast.alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=row.pk).update(status="suspended")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM partners_membership WHERE id = %s", [row.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(partner=cast.initech, user=cast.amir, role="sales", status="suspended")


def test_handing_over_needs_an_able_active_colleague_of_the_same_team(cast):
    row = member(cast.amir, cast.acme)
    for who in (cast.mona, cast.susi, cast.amir):
        with pytest.raises(DomainError, match="colleague"):
            remove_member(row, by=cast.alice, successor=member(who, cast.acme))
    with pytest.raises(DomainError, match="colleague"):
        remove_member(row, by=cast.alice, successor=member(cast.boris, cast.globex))
    assert member(cast.amir, cast.acme).status == MembershipStatus.ACTIVE


# -- races ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_admins_removing_each_other_leave_one(cast):
    membership.change_role(member(cast.amir, cast.acme), Role.ADMIN, by=cast.alice)
    alice, amir, heir = member(cast.alice, cast.acme), member(cast.amir, cast.acme), member(cast.both, cast.acme)
    results = together(
        lambda: remove_member(alice, by=cast.amir, successor=heir),
        lambda: remove_member(amir, by=cast.alice, successor=heir),
    )
    assert sum(isinstance(result, NotAllowed) for result in results) == 1, results
    left = Membership.objects.filter(partner=cast.acme, role="admin", status="active")
    assert left.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_invitation_is_used_once(cast):
    sent = invitation.invite(cast.acme, email="twice@acme.test", role=Role.SALES, by=cast.alice)
    person = User.objects.create_user("twice@acme.test")
    copies = [type(sent).objects.get(pk=sent.pk) for _ in range(2)]
    results = together(*(lambda row=row: invitation.accept(row, user=person) for row in copies))
    assert sum(isinstance(result, Membership) for result in results) == 1, results
    assert sum(isinstance(result, DomainError) for result in results) == 1, results
    assert Membership.objects.filter(user=person).count() == 1
    assert person.groups.count() == 1


@pytest.mark.django_db(transaction=True)
def test_taking_back_against_accepting(cast):
    sent = invitation.invite(cast.acme, email="race@acme.test", role=Role.SALES, by=cast.alice)
    person = User.objects.create_user("race@acme.test")
    mine, theirs = (type(sent).objects.get(pk=sent.pk) for _ in range(2))
    results = together(lambda: invitation.accept(mine, user=person), lambda: invitation.revoke(theirs, by=cast.alice))
    assert sum(isinstance(result, StaleState) for result in results) == 1, results
    accepted = Membership.objects.filter(user=person).exists()
    assert accepted == (type(sent).objects.get(pk=sent.pk).status == "accepted")


def test_the_lock_is_a_lock(cast, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        lock_team(cast.acme.pk)
    assert "FOR NO KEY UPDATE" in captured.captured_queries[0]["sql"]
