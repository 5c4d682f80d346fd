"""Events on partners, the tenant root every installation has."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from prm.audit import queries, services
from prm.audit.models import Event
from prm.core.triggers import append_only_models, truncate_allowed

pytestmark = pytest.mark.django_db


def somebody(**values):
    return get_user_model()(pk=uuid.uuid4(), **values)


def some_row():
    return apps.get_model("audit", "event")(pk=uuid.uuid4())


def test_an_event_holds_ids_and_facts():
    by, row, partner = somebody(), some_row(), uuid.uuid4()
    data = {
        "fields": {"name", "domain"},
        "amount": Decimal("1.50"),
        "on": date(2026, 1, 2),
        "ids": [by.pk],
        "nested": {"old": None},
    }
    event = services.record("deals.deal.approved", row, by=by, partner=partner, data=data, internal=True)
    event.refresh_from_db()
    assert (event.name, event.noun, event.object_id) == ("deals.deal.approved", "audit.event", str(row.pk))
    assert (event.partner_id, event.actor_id, event.actor_kind, event.internal) == (partner, str(by.pk), "person", True)
    assert event.data == {
        "fields": ["domain", "name"],
        "amount": "1.50",
        "on": "2026-01-02",
        "ids": [str(by.pk)],
        "nested": {"old": None},
    }


def test_nobody_is_the_system():
    event = services.record("deals.deal.expired", some_row(), by=None)
    assert (event.actor_kind, event.actor_id, event.partner_id) == ("system", "", None)
    assert str(event) == f"deals.deal.expired {event.object_id}"


def test_a_service_user_is_told_apart():
    by = somebody()
    by.kind = "service"
    assert services.record("x.y.z", some_row(), by=by).actor_kind == "service"


@pytest.mark.parametrize(
    "data",
    [
        {"email": "1"},
        {"customer_name": "1"},
        {"Phone": 1},
        {"addresses": []},
        {"note": "1"},
        {"nested": {"street": "1"}},
        {"who": "a@b.example"},
        {"why": "x" * 81},
        {"why": "two\nlines"},
        {"ratio": 0.5},
        {"what": object()},
    ],
)
def test_what_may_be_personal_is_refused(data):
    with pytest.raises(ValueError, match="audit data"):
        services.record("x.y.z", some_row(), by=None, data=data)
    assert not Event.objects.exists()


def test_many_at_once():
    row = some_row()
    assert services.record_many([{"event": "x.y.a", "obj": row}, {"event": "x.y.b", "obj": row, "by": somebody()}]) == 2
    assert {event.name for event in queries.events_of(row, include_internal=True)} == {"x.y.a", "x.y.b"}


def test_timelines_are_newest_first_and_keep_internal_things_inside():
    row, other, partner = some_row(), some_row(), uuid.uuid4()
    for number in range(3):
        services.record(f"x.y.{number}", row, by=None, partner=partner, internal=number == 1)
    services.record("x.y.other", other, by=None)
    assert [event.name for event in queries.events_of(row, include_internal=False)] == ["x.y.2", "x.y.0"]
    assert [event.name for event in queries.events_of(row, include_internal=True)] == ["x.y.2", "x.y.1", "x.y.0"]
    assert [event.name for event in queries.events_of_partner(partner, include_internal=False)] == ["x.y.2", "x.y.0"]
    assert not queries.events_of_partner(partner, include_internal=True, since=datetime(2999, 1, 1, tzinfo=UTC))
    assert queries.events_of_many([row, other], include_internal=True).count() == 4
    assert queries.events_of_many([], include_internal=True).count() == 0
    assert queries.last_event(row, "x.y.1").internal
    assert queries.last_event(row, "x.y.9") is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET name = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "SET LOCAL pgtrigger.ignore = '{}'; DELETE FROM audit_event",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_event",
    ],
)
def test_events_stay_as_written(statement):
    services.record("x.y.z", some_row(), by=None)
    triggers = ",".join(trigger.get_pgid(Event) for trigger in Event._meta.triggers)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.replace("{}", "{" + triggers + "}"))
    assert Event.objects.count() == 1


def test_the_orm_cannot_change_them_either():
    event = services.record("x.y.z", some_row(), by=None)
    for change in (event.save, event.delete, lambda: Event.objects.update(name="x"), lambda: Event.objects.all().delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_a_test_database_can_be_flushed_and_is_guarded_again():
    services.record("x.y.z", some_row(), by=None)
    with truncate_allowed():
        call_command("flush", interactive=False, verbosity=0)
    assert not Event.objects.exists()
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_event")


def test_the_event_table_is_among_the_append_only_ones():
    assert Event in append_only_models()
