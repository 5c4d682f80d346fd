"""The step table, `take`, and the guards the database holds, on a table made for these tests."""

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps

from prm.core.errors import StaleState
from prm.core.models import RefRow
from prm.core.states import Step, StepTable, fsm_triggers, take


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    DONE = "done", "Done"


STEPS = StepTable(
    "thing",
    starts=[Status.DRAFT],
    steps=[
        Step("send", [Status.DRAFT], Status.SENT, "core.thing.sent"),
        Step("finish", [Status.SENT, Status.DRAFT], Status.DONE),
        Step("note", [Status.SENT], None),
    ],
)
LEGAL = {("draft", "sent"), ("sent", "done"), ("draft", "done")}
PAIRS = [(a, b) for a in Status.values for b in Status.values if a != b]


@pytest.fixture(scope="module")
def thing_model():
    with isolate_apps("prm.core"):

        class Thing(RefRow):
            REF_PREFIX = "T"
            status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
            note = models.CharField(max_length=20, blank=True)
            count = models.IntegerField(default=0)
            parent = models.ForeignKey("self", models.CASCADE, null=True)

            class Meta:
                app_label = "core"

        yield Thing


@pytest.fixture
def thing(db, thing_model):
    with connection.schema_editor() as editor:
        editor.create_model(thing_model)
    for trigger in fsm_triggers(STEPS):
        with connection.cursor() as cursor:
            cursor.execute(trigger.compile(thing_model).install_sql)
    return thing_model.objects.create(note="as made")


def in_status(thing, status):
    """Put there behind the guards' back."""
    guards = ",".join(trigger.get_pgid(type(thing)) for trigger in fsm_triggers(STEPS))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{guards}}}"])
        cursor.execute("UPDATE core_thing SET status = %s", [status])
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")
    thing.status = status
    return thing


def test_the_table_knows_its_pairs_and_statuses():
    assert STEPS.pairs() == [("draft", "done"), ("draft", "sent"), ("sent", "done"), ("sent", "sent")]
    assert STEPS.statuses == ("done", "draft", "sent")
    assert STEPS.sources == {"send": ("draft",), "finish": ("draft", "sent"), "note": ("sent",)}
    assert [step.name for step in STEPS.open_from(Status.DRAFT)] == ["send", "finish"]
    assert len(STEPS) == 3
    assert STEPS["send"].noun == "thing"
    assert STEPS["send"].target == "sent"


def test_a_table_refuses_two_steps_of_one_name_and_steps_from_nowhere():
    with pytest.raises(ValueError, match="two steps"):
        StepTable("thing", [Step("a", ["x"], "y"), Step("a", ["y"], "x")], ["x"])
    with pytest.raises(ValueError, match="no source"):
        Step("a", [], "y")


def test_one_status_may_be_given_plainly():
    assert Step("a", "draft", "sent").sources == ("draft",)


def test_take_moves_the_row_and_the_object(thing):
    type(thing).objects.filter(pk=thing.pk).update(note="changed meanwhile")
    take(STEPS["send"], thing, count=models.F("count") + 3)
    assert (thing.status, thing.count, thing.note) == ("sent", 3, "changed meanwhile")
    assert type(thing).objects.values_list("status", "count").get(pk=thing.pk) == ("sent", 3)


def test_take_is_two_queries(thing, django_assert_num_queries):
    with django_assert_num_queries(2):
        take(STEPS["send"], thing, note="x")


def test_a_step_that_stays_still_checks(thing):
    with pytest.raises(StaleState):
        take(STEPS["note"], thing)
    take(STEPS["send"], thing)
    take(STEPS["note"], thing)
    take(STEPS["note"], thing, note="y")
    assert (thing.status, thing.note) == ("sent", "y")


def test_somebody_was_faster(thing):
    late = type(thing).objects.get(pk=thing.pk)
    take(STEPS["finish"], thing)
    with pytest.raises(StaleState, match="the status is now “Done”") as refusal:
        take(STEPS["send"], late, note="lost")
    assert refusal.value.key == "stale"
    assert late.status == "draft"
    thing.refresh_from_db()
    assert (thing.status, thing.note) == ("done", "as made")


def test_the_row_is_gone(thing):
    copy = type(thing).objects.get(pk=thing.pk)
    thing.delete()
    with pytest.raises(StaleState, match="no longer exists"):
        take(STEPS["send"], copy)


def test_related_objects_stay_loaded_and_deferred_columns_stay_away(thing, django_assert_num_queries):
    child = type(thing).objects.create(parent=thing)
    loaded = type(thing).objects.select_related("parent").defer("note", "parent__note").get(pk=child.pk)
    take(STEPS["send"], loaded)
    with django_assert_num_queries(0):
        assert loaded.parent.pk == thing.pk
    assert "note" in loaded.get_deferred_fields()


@pytest.mark.parametrize("name", list(STEPS))
@pytest.mark.parametrize("status", Status.values)
def test_every_step_from_every_status(thing, name, status):
    in_status(thing, status)
    assert STEPS.allows(name, thing) is (status in STEPS[name].sources)
    if status in STEPS[name].sources:
        take(STEPS[name], thing)
        assert thing.status == (STEPS[name].target or status)
    else:
        with pytest.raises(StaleState):
            take(STEPS[name], thing)


def by_save(thing, status):
    thing.status = status
    thing.save()


def by_update(thing, status):
    type(thing).objects.filter(pk=thing.pk).update(status=status)


def by_bulk(thing, status):
    thing.status = status
    type(thing).objects.bulk_update([thing], ["status"])


def by_sql(thing, status):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_thing SET status = %s WHERE id = %s", [status, thing.pk])


@pytest.mark.parametrize("way", [by_save, by_update, by_bulk, by_sql])
@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_database_knows_the_table(thing, way, before, after):
    in_status(thing, before)
    if (before, after) in LEGAL:
        way(thing, after)
    else:
        with pytest.raises(IntegrityError, match=f"thing: step refused: {before} to {after}"), transaction.atomic():
            way(thing, after)


@pytest.mark.parametrize("status", ["sent", "done", "nonsense"])
def test_rows_are_born_where_the_table_starts(thing, status):
    with pytest.raises(IntegrityError, match=f"start in {status}"), transaction.atomic():
        type(thing).objects.create(status=status)
    with pytest.raises(IntegrityError, match=f"start in {status}"), transaction.atomic():
        type(thing).objects.bulk_create([type(thing)(status=status)])


def test_only_drafts_are_deleted(thing):
    for status in ("sent", "done"):
        in_status(thing, status)
        with pytest.raises(IntegrityError, match=f"delete in {status}"), transaction.atomic():
            type(thing).objects.filter(pk=thing.pk).delete()
    in_status(thing, "draft")
    assert thing.delete()[0] == 1


def test_a_table_without_moves_or_drafts_refuses_everything(thing, thing_model):
    frozen = StepTable("frozen", steps=[], starts=["draft"], deletable=[])
    with connection.cursor() as cursor:
        for trigger in fsm_triggers(frozen):
            cursor.execute(trigger.compile(thing_model).install_sql)
    for change in (lambda: by_update(thing, "sent"), thing.delete):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            change()


def test_the_same_table_makes_the_same_sql_whatever_the_order(thing_model):
    turned = StepTable("thing", starts=["draft"], steps=[STEPS["note"], STEPS["finish"], STEPS["send"]])
    hashes = [[trigger.compile(thing_model).hash for trigger in fsm_triggers(table)] for table in (STEPS, turned)]
    assert hashes[0] == hashes[1]


def test_rows_made_in_bulk_have_refs_of_their_own(thing):
    made = type(thing).objects.bulk_create([type(thing)() for _ in range(50)])
    assert len({row.ref for row in made}) == 50
    assert all(row.ref.startswith("T-") and len(row.ref) == 10 for row in made)
    assert type(thing).objects.get(ref=made[0].ref).ref == made[0].ref
