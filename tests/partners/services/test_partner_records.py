"""Partners, managers, desks, contacts, links and facts."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from partners.enums import PARTNER_STEPS, FactType, PartnerStatus
from partners.models import Contact, Desk, DeskClosing, Fact, ManagerAssignment, Membership, Partner, PartnerLink
from partners.queries import fact as fact_queries
from partners.queries.desk import calendar_of, default_desk, deputies_for, desk_of
from partners.queries.link import are_linked, distributors_of, resellers_of
from partners.queries.manager import decider_of, lead_of, manager_of
from partners.rules import fact as fact_rules
from partners.services import contact, desk, fact, link, manager, partner
from partners.tasks import end_leaving
from prm.audit.models import Event
from prm.core.errors import DomainError, StaleState
from prm.mail.models import Recipient

DAY = dt.timedelta(days=1)
TODAY = dt.date.today()


# -- partner --------------------------------------------------------------------------------------------------------


def test_a_new_partner_is_clean_and_sorted(cast):
    made = partner.create_partner("  Ünïcorn \n GmbH ", cast.acme.partner_type, by=cast.rita, country="DE")
    assert (made.name, made.sort_name) == ("Ünïcorn GmbH", "ünïcorn gmbh")
    assert Event.objects.get(name="partners.partner.created", object_id=str(made.pk)).actor_id == str(cast.rita.pk)
    for bad in ("", "\x00", "x" * 201):
        with pytest.raises(DomainError):
            partner.create_partner(bad, cast.acme.partner_type, by=None)
    with pytest.raises(TypeError, match="status_of"):
        partner.create_partner("X", cast.acme.partner_type, by=None, status_of="x")
    with pytest.raises(TypeError, match="status"):
        partner.change_partner(made, by=None, status="ended")


def test_changing_nothing_records_nothing(cast):
    before = Event.objects.count()
    partner.change_partner(cast.acme, by=cast.rita, name="Acme")
    assert Event.objects.count() == before


RUN = {
    "suspend": lambda row, cast: partner.suspend_partner(row, by=cast.rita),
    "resume": lambda row, cast: partner.resume_partner(row, by=cast.rita),
    "leave": lambda row, cast: partner.leave_partner(row, by=cast.rita, ends_on=dt.date.max),
    "end": lambda row, cast: partner.end_partner(row, by=None),
}
PATHS = {
    "applicant": [],
    "active": [],
    "suspended": ["suspend"],
    "leaving": ["leave"],
    "ended": ["leave", "end"],
}


@pytest.mark.parametrize("status", PATHS)
@pytest.mark.parametrize("step", RUN)
def test_every_step_from_every_status(cast, step, status):
    row = cast.hooli if status == "applicant" else cast.acme
    for before in PATHS[status]:
        RUN[before](row, cast)
    assert row.status == status
    events = Event.objects.filter(object_id=str(row.pk)).count()
    if status in PARTNER_STEPS.sources[step]:
        RUN[step](row, cast)
        assert row.status == PARTNER_STEPS[step].target
    else:
        with pytest.raises(StaleState):
            RUN[step](row, cast)
        assert Partner.objects.get(pk=row.pk).status == status
        assert Event.objects.filter(object_id=str(row.pk)).count() == events


def test_raw_sql_makes_no_illegal_step(cast):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE partners_partner SET status = 'ended' WHERE id = %s", [cast.acme.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        Partner.objects.create(name="X", partner_type=cast.acme.partner_type, status="ended")


def test_mails_stop_and_go_on_with_the_partner(cast):
    def status():
        return Recipient.objects.get(kind="partner", object_id=cast.acme.pk).status

    partner.suspend_partner(cast.acme, by=cast.rita)
    assert status() == "suspended"
    partner.resume_partner(cast.acme, by=cast.rita)
    assert status() == "ok"


def test_the_last_day_is_still_theirs(cast):
    with pytest.raises(DomainError, match="past"):
        partner.leave_partner(cast.acme, by=cast.rita, ends_on=TODAY - DAY)
    partner.leave_partner(cast.acme, by=cast.rita, ends_on=TODAY)
    end_leaving()
    assert Partner.objects.get(pk=cast.acme.pk).status == PartnerStatus.LEAVING
    Partner.objects.filter(pk=cast.acme.pk).update(ends_on=TODAY - DAY)
    end_leaving()
    end_leaving()
    assert Partner.objects.get(pk=cast.acme.pk).status == PartnerStatus.ENDED


def test_sight_is_one_of_two(cast):
    with pytest.raises(DomainError):
        partner.set_deal_sight(cast.acme, "everything", by=cast.alice)


# -- managers and desks ---------------------------------------------------------------------------------------------


def test_the_history_of_managers_has_no_gap_and_no_overlap(cast):
    ManagerAssignment.objects.filter(partner=cast.acme).update(starts_on=TODAY - 10 * DAY)
    manager.assign_manager(cast.acme, cast.carl, by=cast.rita, on=TODAY)
    rows = ManagerAssignment.objects.filter(partner=cast.acme).order_by("starts_on")
    assert [(row.manager, row.ends_on) for row in rows] == [(cast.carla, TODAY - DAY), (cast.carl, None)]
    assert manager_of(cast.acme, TODAY - DAY) == cast.carla
    assert manager_of(cast.acme) == cast.carl
    manager.assign_manager(cast.acme, cast.leo, by=cast.rita, on=TODAY)
    assert [row.manager for row in rows.all()] == [cast.carla, cast.leo]
    manager.unassign_manager(cast.acme, by=cast.rita)
    assert manager_of(cast.acme) is None
    assert decider_of(cast.acme) is None
    with pytest.raises(DomainError, match="no manager"):
        manager.unassign_manager(cast.acme, by=cast.rita)


@pytest.mark.parametrize("who", ["dana", "alice", "carla"])
def test_not_everybody_can_be_the_manager(cast, who):
    with pytest.raises(DomainError):
        manager.assign_manager(cast.acme, getattr(cast, who), by=cast.rita)


def test_who_decides_while_the_manager_is_away(cast):
    assert decider_of(cast.acme, TODAY) == cast.carla
    desk.add_absence(cast.carla, deputy=cast.carl, starts_on=TODAY, ends_on=TODAY, by=cast.carla)
    assert deputies_for(cast.carla.pk, TODAY) == cast.carl
    assert deputies_for(cast.carla.pk, TODAY + DAY) is None
    assert decider_of(cast.acme, TODAY) == cast.carl
    desk.add_absence(cast.carl, deputy=cast.carla, starts_on=TODAY, ends_on=TODAY, by=cast.carl)
    assert deputies_for(cast.carla.pk, TODAY) is None
    assert decider_of(cast.acme, TODAY) == cast.leo == lead_of(cast.carla)


def test_absences_are_sound(cast):
    bad = [
        {"deputy": cast.carla},
        {"deputy": cast.alice},
        {"ends_on": TODAY - DAY},
        {"starts_on": dt.date.min},
        {"ends_on": dt.date.max},
        {"starts_on": TODAY - 400 * DAY},
        {"ends_on": TODAY + 2000 * DAY},
    ]
    for values in bad:
        with pytest.raises(DomainError):
            desk.add_absence(
                cast.carla, **{"deputy": cast.carl, "starts_on": TODAY, "ends_on": TODAY, "by": cast.carla, **values}
            )
    row = desk.add_absence(cast.carla, deputy=cast.carl, starts_on=TODAY, ends_on=TODAY + DAY, by=cast.carla)
    with pytest.raises(DomainError, match="already"):
        desk.add_absence(cast.carla, deputy=cast.carl, starts_on=TODAY + DAY, ends_on=TODAY + 2 * DAY, by=cast.carla)
    desk.end_absence(row, by=cast.carla)
    assert deputies_for(cast.carla.pk, TODAY) is None


def test_a_desks_calendar(cast):
    cast.desk.weekdays, cast.desk.holiday_country = "01", "US"
    cast.desk.save()
    DeskClosing.objects.create(desk=cast.desk, day=dt.date(2026, 7, 6))
    calendar = calendar_of(Desk.objects.prefetch_related("closings").get())
    assert calendar.is_open_on(dt.date(2026, 7, 7))
    assert not calendar.is_open_on(dt.date(2026, 7, 6))
    assert not calendar.is_open_on(dt.date(2026, 7, 8))
    assert not calendar.is_open_on(dt.date(2026, 5, 25))  # Memorial Day
    other = Desk.objects.create(key="other", name="Other")
    assert desk_of(cast.carla) == cast.desk
    assert desk_of(None) == cast.desk == default_desk()
    Desk.objects.filter(pk=cast.desk.pk).update(key="renamed")
    assert default_desk() == cast.desk
    with pytest.raises(TypeError, match="key"):
        desk.change_desk(other, by=cast.rita, key="x")
    before = Event.objects.count()
    desk.change_desk(other, by=cast.rita, name="Other")
    assert Event.objects.count() == before


# -- contacts and links ---------------------------------------------------------------------------------------------


def test_contacts_are_clean_and_once(cast):
    row = contact.add_contact(cast.acme, name=" Cora ", email="Cora@Acme.test", by=cast.alice)
    assert (row.name, row.email) == ("Cora", "cora@acme.test")
    for values in ({"email": "CORA@acme.test"}, {"email": "nobody"}, {"name": ""}, {"title": "x" * 101}):
        with pytest.raises(DomainError):
            contact.add_contact(cast.acme, **{"name": "Cora", "email": "other@acme.test", "by": cast.alice, **values})
    contact.add_contact(cast.globex, name="Cora", email="cora@acme.test", by=cast.boris)
    before = Event.objects.count()
    contact.set_wants_reports(row, True, by=cast.alice)
    assert Event.objects.count() == before
    contact.remove_contact(row, by=cast.alice)
    assert Contact.objects.count() == 1
    assert "Cora" not in str(list(Event.objects.values()))


def test_links_are_dated(cast):
    PartnerLink.objects.all().delete()
    first = link.link_partners(cast.initech, cast.acme, starts_on=TODAY, ends_on=TODAY + 5 * DAY, by=cast.rita)
    assert are_linked(cast.initech.pk, cast.acme.pk, TODAY)
    assert not are_linked(cast.initech.pk, cast.acme.pk, TODAY - DAY)
    assert not are_linked(cast.initech.pk, cast.globex.pk, TODAY)
    assert list(distributors_of(cast.acme, TODAY)) == [cast.initech]
    assert list(resellers_of(cast.initech, TODAY + 5 * DAY)) == [cast.acme]
    assert list(resellers_of(cast.initech, TODAY + 6 * DAY)) == []
    with pytest.raises(DomainError, match="already"):
        link.link_partners(cast.initech, cast.acme, starts_on=TODAY + 5 * DAY, by=cast.rita)
    with pytest.raises(DomainError, match="own distributor"):
        link.link_partners(cast.acme, cast.acme, starts_on=TODAY, by=cast.rita)
    link.link_partners(cast.initech, cast.acme, starts_on=TODAY + 6 * DAY, by=cast.rita)
    with pytest.raises(DomainError, match="end already"):
        link.end_link(first, by=cast.rita, on=TODAY)


# -- facts ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(monkeypatch):
    monkeypatch.setattr(fact_rules, "_keys", {})
    fact_rules.declare(
        fact_rules.FactKey("score", FactType.NUMBER, "Score"),
        fact_rules.FactKey("grade", FactType.TEXT, "Grade"),
        fact_rules.FactKey("last_on", FactType.DATE, "Last on"),
        fact_rules.FactKey("keen", FactType.FLAG, "Keen"),
        fact_rules.FactKey("courses", FactType.NUMBER, "Courses", of_member=True),
    )


def test_facts_are_put_and_read(cast, keys):
    fact.put(cast.acme, "score", Decimal("1.5"))
    fact.put(cast.acme, "score", 2)
    fact.put(cast.acme.pk, "grade", "gold")
    fact.put(cast.acme, "last_on", TODAY)
    fact.put(cast.acme, "keen", False)
    row = Membership.objects.get(user=cast.amir)
    fact.put(cast.acme, "courses", 3, member=row)
    fact.put(cast.acme, "courses", 4, member=row)
    assert fact_queries.facts_of(cast.acme) == {"score": Decimal(2), "grade": "gold", "last_on": TODAY, "keen": False}
    assert fact_queries.value_of(cast.acme, "grade") == "gold"
    assert fact_queries.value_of(cast.globex, "grade") is None
    assert Fact.objects.count() == 5
    fact.put(cast.acme, "grade", None)
    assert fact_queries.value_of(cast.acme, "grade") is None
    assert [known.key for known in fact_rules.known_keys()] == ["courses", "grade", "keen", "last_on", "score"]


def test_an_older_fact_does_not_undo_a_newer_one(cast, keys):
    fact.put(cast.acme, "score", 2)
    fact.put(cast.acme, "score", 1, as_of=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert fact_queries.value_of(cast.acme, "score") == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("score", "2"),
        ("score", True),
        ("score", 1.5),
        ("score", Decimal("1e30")),
        ("grade", 1),
        ("last_on", "2020-01-01"),
        ("keen", 1),
    ],
)
def test_facts_have_types(cast, keys, key, value):
    with pytest.raises(TypeError):
        fact.put(cast.acme, key, value)
    assert not Fact.objects.exists()


def test_facts_are_declared(cast, keys):
    with pytest.raises(LookupError):
        fact.put(cast.acme, "unheard_of", 1)
    with pytest.raises(TypeError, match="member"):
        fact.put(cast.acme, "courses", 1)
    with pytest.raises(TypeError, match="partner"):
        fact.put(cast.acme, "score", 1, member=Membership.objects.get(user=cast.amir))
    with pytest.raises(ValueError, match="twice"):
        fact_rules.declare(fact_rules.FactKey("score", FactType.TEXT, "Score"))


def test_changing_the_city_leaves_the_name(cast):
    assert partner.change_partner(cast.acme, by=cast.rita, city="Bern").sort_name == "acme"
