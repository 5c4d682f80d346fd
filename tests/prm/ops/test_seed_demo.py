"""The demo loads, once; the sign-ins it writes work; what it leaves holds every rule and has something to decide."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from deals.models import AccountCheck, ChangeRequest, CustomerMerge, Deal, IdentityVerdict, MatchModel
from deals.queries import review
from deals.queries.change import changes_asked
from deals.queries.double import look
from deals.queries.home import deal_home
from partners.models import Membership, User
from partners.queries.manager import manager_of
from prm.audit.models import Event
from prm.mail.models import Message
from prm.ops import invariants
from prm.ops.seed.accounts import FILE
from prm.record.models import Comment

COUNTED = (User, Deal, Event, Message)


@pytest.fixture
def var(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "BOOT", replace(settings.BOOT, var=tmp_path))
    return tmp_path


@pytest.mark.django_db
def test_the_demo_is_whole_and_a_second_run_changes_nothing(var, capsys, client):
    call_command("seed_demo", "--small")
    assert "deals that are alive today" in capsys.readouterr().out
    assert MatchModel.objects.get().status == "proposed" and IdentityVerdict.objects.standing().count() >= 3
    assert CustomerMerge.objects.count() == 1 and look(None, 1, 5000).doubles, "a pair of doubles waits"
    before = [model.objects.count() for model in COUNTED]
    accounts = json.loads((var / FILE).read_text())
    (var / FILE).unlink()

    call_command("seed_demo", "--small")

    assert capsys.readouterr().out == ""
    assert [model.objects.count() for model in COUNTED] == before
    assert json.loads((var / FILE).read_text()) == accounts
    assert (var / FILE).stat().st_mode & 0o777 == 0o600
    assert invariants.problems() == []
    _deals_are_their_partners_own()
    _events_stand_on_the_day_they_tell()
    by_role = {account["role"]: account for account in accounts}
    assert {"partner admin", "partner sales", "channel manager", "deal desk", "superuser"} <= by_role.keys()
    admin = by_role["partner admin"]
    assert client.login(email=admin["email"], password=admin["password"])
    _pages_are_alive(User.objects.get(email=by_role["partner sales"]["email"]))
    _has_something_to_decide(User.objects.get(email=by_role["channel manager"]["email"]))


def _has_something_to_decide(manager):
    now = timezone.now()
    rows = [row.deal for row in review.queue_page(manager, "", "", 1, now).rows]
    assert any(row.question_open for row in rows)
    assert any(row.due_at and row.breach_at < now for row in rows), "nothing is late"
    left = sorted(row.due_at for row in rows if row.due_at and row.due_at > now)
    assert len(left) >= 3 and left[0] < left[-1], "something is due before the others"
    assert review.extensions_asked(manager).count() == 1
    assert [row.deal.customer_name for row in changes_asked(manager)] == ["Genossenschaft Migros Ostschweiz"]


def _pages_are_alive(seller):
    """What its people ask, are asked and say."""
    membership = seller.memberships.get()
    assert sorted(ChangeRequest.objects.values_list("status", flat=True)) == ["accepted", "in_review"]
    assert [join.deal.customer_name for join in deal_home(seller, membership.partner, timezone.now()).joins] == [
        "Gebrüder Weiss GmbH"
    ]
    assert {row.answer for row in AccountCheck.objects.filter(user=seller)} >= {"free", "taken"}
    assert seller.free_watches.count() == 1
    assert manager_of(membership.partner).photo_id
    shared, internal = (Comment.objects.filter(internal=flag).count() for flag in (False, True))
    assert shared >= 5 and internal >= 3


def _deals_are_their_partners_own():
    """Nobody owns a deal who is not of the partner; the vendor's people own none, and get no reminders of theirs."""
    members = set(Membership.objects.values_list("partner_id", "user_id"))
    assert {(deal.partner_id, deal.owner_id) for deal in Deal.objects.all()} <= members
    assert {(deal.partner_id, deal.registered_by_id) for deal in Deal.objects.all()} <= members


def _events_stand_on_the_day_they_tell():
    told = defaultdict(list)
    for event in Event.objects.filter(noun="deals.deal").order_by("at", "pk"):
        told[event.object_id].append(event)
    for deal in Deal.objects.exclude(submitted_at=None):
        events = told[str(deal.pk)]
        names = [event.name for event in events]
        at = {event.name: event.at for event in events}
        assert abs(at["deals.deal.submitted"] - deal.submitted_at) < timedelta(minutes=1), deal
        if deal.decided_at and deal.declined_kind != "duplicate":
            verb = "declined" if deal.status == "declined" else "approved" if deal.protected_from else deal.status
            assert abs(at[f"deals.deal.{verb}"] - deal.decided_at) < timedelta(minutes=1), (deal, names)
        assert "deals.deal.drafted" not in names or names[:2] == ["deals.deal.drafted", "deals.deal.submitted"]
