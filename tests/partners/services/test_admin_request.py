"""A new admin: two people and two business days."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from partners.enums import AdminRequestStatus
from partners.models import AdminRequest, DeskClosing, Membership
from partners.queries.team import team_of
from partners.rules.team import why_not_ask_for_admin
from partners.services import admin_request, membership
from partners.services.manager import unassign_manager
from partners.tasks import grant_admins
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.mail.models import Message

FRIDAY = dt.datetime(2026, 5, 15, 15, 0, tzinfo=dt.UTC)


def member(user, company):
    return Membership.objects.get(user=user, partner=company)


@pytest.fixture
def asked(cast):
    return admin_request.ask(cast.acme, candidate=member(cast.amir, cast.acme), reason="Alice left.", by=cast.mona)


def test_asking_tells_the_manager(cast, asked):
    mail = Message.objects.get()
    assert (mail.template, mail.recipient_id) == ("partners.admin_request_asked", cast.carla.pk)
    assert "Amir Sales" in mail.body.text
    assert "Mona Marketing" in mail.body.html
    with pytest.raises(DomainError, match="still open"):
        admin_request.ask(cast.acme, candidate=member(cast.tom, cast.acme), reason="Again", by=cast.tom)


def test_asking_without_a_manager(cast):
    unassign_manager(cast.acme, by=cast.rita)
    admin_request.ask(cast.acme, candidate=member(cast.amir, cast.acme), reason="Alice left.", by=cast.amir)
    assert not Message.objects.exists()


@pytest.mark.parametrize("who", ["alice", "susi"])
def test_only_an_active_member_who_is_no_admin(cast, who):
    with pytest.raises(DomainError, match="active member"):
        admin_request.ask(cast.acme, candidate=member(getattr(cast, who), cast.acme), reason="x", by=cast.mona)


def test_not_somebody_of_another_company_and_not_without_a_reason(cast):
    with pytest.raises(DomainError, match="active member"):
        admin_request.ask(cast.globex, candidate=member(cast.amir, cast.acme), reason="x", by=cast.boris)
    with pytest.raises(DomainError):
        admin_request.ask(cast.acme, candidate=member(cast.amir, cast.acme), reason=" ", by=cast.mona)
    assert not AdminRequest.objects.exists()


def test_confirmed_by_another_person_it_counts_after_two_business_days(cast, asked):
    DeskClosing.objects.create(desk=cast.desk, day=dt.date(2026, 5, 18))
    admin_request.confirm(asked, by=cast.carla, now=FRIDAY)
    assert asked.effective_at == dt.datetime(2026, 5, 20, 15, 0, tzinfo=dt.UTC)  # Friday, not Monday, Tuesday, Wednesday
    told = set(Message.objects.filter(template="partners.admin_request_confirmed").values_list("recipient_id", flat=True))
    assert told == {user.pk for user in (cast.alice, cast.amir, cast.mona, cast.tom, cast.anna, cast.both)}
    with pytest.raises(DomainError, match="not over"):
        admin_request.grant(asked, now=asked.effective_at - dt.timedelta(seconds=1))
    with time_machine.travel(asked.effective_at - dt.timedelta(minutes=1), tick=False):
        grant_admins()
    assert member(cast.amir, cast.acme).role == "sales"
    with time_machine.travel(asked.effective_at, tick=False):
        grant_admins()
        grant_admins()
    assert member(cast.amir, cast.acme).role == "admin"
    assert cast.amir.groups.get().partner_group.role == "admin"
    assert Message.objects.get(template="partners.admin_request_granted").recipient_id == cast.amir.pk
    with pytest.raises(StaleState):
        admin_request.grant(asked, now=timezone.now() + dt.timedelta(days=9999))


@pytest.mark.parametrize("who", ["mona", "amir", "alice", "dana", "carl"])
def test_who_may_not_confirm(cast, asked, who):
    with pytest.raises(NotAllowed):
        admin_request.confirm(asked, by=getattr(cast, who))
    with pytest.raises(NotAllowed):
        admin_request.refuse(asked, by=getattr(cast, who))
    asked.refresh_from_db()
    assert asked.status == AdminRequestStatus.ASKED


def test_the_manager_who_asked_does_not_confirm_but_the_lead_does(cast):
    row = admin_request.ask(cast.acme, candidate=member(cast.amir, cast.acme), reason="Alice left.", by=cast.carla)
    with pytest.raises(NotAllowed, match="another person"):
        admin_request.confirm(row, by=cast.carla)
    admin_request.confirm(row, by=cast.leo)


def test_refusing_tells_the_one_who_asked_also_within_the_two_days(cast, asked):
    admin_request.confirm(asked, by=cast.carla)
    admin_request.refuse(asked, by=cast.carla)
    mail = Message.objects.get(template="partners.admin_request_refused")
    assert mail.recipient_id == cast.mona.pk
    grant_admins()
    assert member(cast.amir, cast.acme).role == "sales"


def test_who_left_meanwhile_does_not_become_admin(cast, asked):
    admin_request.confirm(asked, by=cast.carla, now=FRIDAY - dt.timedelta(days=3650))
    membership.remove(member(cast.amir, cast.acme), by=cast.alice)
    grant_admins()
    asked.refresh_from_db()
    assert asked.status == AdminRequestStatus.REFUSED


def test_who_became_admin_meanwhile_stays_one(cast, asked):
    admin_request.confirm(asked, by=cast.carla, now=FRIDAY - dt.timedelta(days=3650))
    membership.change_role(member(cast.amir, cast.acme), "admin", by=cast.alice)
    grant_admins()
    asked.refresh_from_db()
    assert (asked.status, member(cast.amir, cast.acme).role) == (AdminRequestStatus.GRANTED, "admin")


def test_members_ask_only_when_no_admin_was_here_for_two_weeks(cast):
    today = timezone.localdate()

    def why(user, days_ago):
        seen = today - dt.timedelta(days=days_ago) if days_ago is not None else None
        Membership.objects.filter(user=cast.alice).update(last_seen_on=seen)
        return [reason.key for reason in why_not_ask_for_admin(user, cast.acme, team_of(cast.acme).admin_last_seen_on, today)]

    assert why(cast.amir, 13) == ["admin_request.admin_here"]
    assert why(cast.amir, 14) == []
    assert why(cast.amir, None) == []
    assert why(cast.carla, 0) == []
    assert why(cast.boris, None) == ["admin_request.not_yours"]
    assert why(cast.dana, None) == ["admin_request.not_yours"]
