"""The deal's life cycle: every step from every status, and every illegal pair against the database itself."""

from __future__ import annotations

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from deals.enums import DEAL_STEPS, MERGE_STEPS, OPEN, UNDECIDED, VERDICT_STEPS, DealStatus
from deals.models import CustomerMerge, Deal, IdentityVerdict, MatchModel
from deals.services.customer import resolve_customer
from deals.services.merge import merge_customers
from deals.services.verdict import keep_customers_apart
from prm.core.errors import StaleState
from prm.core.states import take
from prm.matching import Identity
from tests.deals.material import draft, submitted

pytestmark = pytest.mark.django_db
STATUSES = list(DealStatus.values)


@pytest.fixture
def deal(cast) -> Deal:
    """A deal with all the columns that one status or another asks for."""
    other, row = submitted(cast.globex, cast.boris, "Swarovski KG"), submitted(cast.acme, cast.amir)
    Deal.objects.filter(pk=row.pk).update(waits_for=other, declined_kind="person", protected_from=timezone.localdate())
    row.refresh_from_db()
    return row


def put(deal: Deal, status: str) -> None:
    """Into any status, past the guards: what the tests start from."""
    with pgtrigger.ignore("deals.Deal:status_steps"):
        Deal.objects.filter(pk=deal.pk).update(status=status)
    deal.status = status


def refused(call) -> bool:
    try:
        with transaction.atomic():
            call()
    except IntegrityError:
        return True
    return False


def test_the_table_knows_every_status_and_the_groups_are_its_own():
    assert set(DEAL_STEPS.statuses) == set(STATUSES)
    assert UNDECIDED < OPEN < set(STATUSES)


@pytest.mark.parametrize("name", list(DEAL_STEPS))
def test_each_step_starts_where_the_table_says_and_nowhere_else(deal, name):
    step = DEAL_STEPS[name]
    for status in STATUSES:
        put(deal, status)
        if status in step.sources:
            take(step, deal)
            assert deal.status == (step.target or status)
        else:
            with pytest.raises(StaleState):
                take(step, deal)
            assert Deal.objects.get(pk=deal.pk).status == status


@pytest.mark.parametrize("source", STATUSES)
def test_the_database_refuses_every_other_pair_by_orm_save_update_bulk_and_sql(deal, source):
    legal = set(DEAL_STEPS.pairs())
    for target in STATUSES:
        if target == source or (source, target) in legal:
            continue
        put(deal, source)

        def by_save(target=target):
            row = Deal.objects.get(pk=deal.pk)
            row.__dict__["status"] = target
            row.save()

        def by_bulk(target=target):
            row = Deal.objects.get(pk=deal.pk)
            row.__dict__["status"] = target
            Deal.objects.bulk_update([row], ["status"])

        def by_sql(target=target):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE deals_deal SET status = %s WHERE id = %s", [target, deal.pk])

        assert refused(lambda target=target: Deal.objects.filter(pk=deal.pk).update(status=target)), (source, target)
        assert refused(by_save), (source, target)
        assert refused(by_bulk), (source, target)
        assert refused(by_sql), (source, target)
        assert Deal.objects.get(pk=deal.pk).status == source


def test_a_deal_is_born_a_draft_and_only_drafts_die(cast, deal):
    fields = {"partner": cast.acme, "registered_by": cast.amir, "owner": cast.amir, "customer": deal.customer}
    more = {"waits_for": deal, "declined_kind": "person", "protected_from": timezone.localdate()}
    for status in STATUSES:
        born = refused(lambda status=status: Deal.objects.create(status=status, **fields, **more))
        assert born is (status != DealStatus.DRAFT), status
    unsent = draft(cast.acme, cast.amir, "Andritz AG")
    unsent.participants.all().delete()
    unsent.lines.all().delete()
    Deal.objects.filter(pk=unsent.pk).update(**more, customer=deal.customer)
    for status in [*(status for status in STATUSES if status != DealStatus.DRAFT), DealStatus.DRAFT]:
        put(unsent, status)
        dead = not refused(lambda: Deal.objects.filter(pk=unsent.pk)._raw_delete(using="default"))
        assert dead is (status == DealStatus.DRAFT), status


@pytest.fixture
def verdict(cast):
    one, two = (resolve_customer(Identity(name, country="AT"), by=None)[0] for name in ("Swarovski KG", "Andritz AG"))
    return keep_customers_apart(one, two, by=cast.dana)


@pytest.fixture
def merged(cast):
    one, two = (resolve_customer(Identity(name, country="AT"), by=None)[0] for name in ("Swarovski KG", "Andritz AG"))
    return merge_customers(one, two, by=cast.dana, reason="One")


def test_verdicts_and_merges_go_only_as_their_tables_say(cast, verdict):
    ended = {"ended_by": cast.dana, "ended_at": timezone.now()}
    for target in VERDICT_STEPS.statuses:
        values = _copy(verdict, status=target, pair="x", **ended)
        assert refused(lambda values=values: IdentityVerdict.objects.create(**values)) is (target != "standing")
    IdentityVerdict.objects.filter(pk=verdict.pk).update(status="withdrawn", **ended)
    for target in ("standing", "superseded"):
        assert refused(lambda target=target: IdentityVerdict.objects.filter(pk=verdict.pk).update(status=target))
    for step in VERDICT_STEPS.values():
        with pytest.raises(StaleState):
            take(step, verdict)
    assert refused(lambda: IdentityVerdict.objects.filter(pk=verdict.pk)._raw_delete(using="default"))


def test_a_merge_is_undone_once_and_never_deleted(merged):
    assert refused(lambda: CustomerMerge.objects.create(**_copy(merged, status="undone")))
    take(MERGE_STEPS["undo"], merged)
    with pytest.raises(StaleState):
        take(MERGE_STEPS["undo"], merged)
    assert refused(lambda: CustomerMerge.objects.filter(pk=merged.pk).update(status="done"))
    assert refused(lambda: CustomerMerge.objects.filter(pk=merged.pk)._raw_delete(using="default"))


def test_models_go_only_as_their_table_says(cast):
    row = MatchModel.objects.create(version="2", data={})
    for status in ("published", "retired"):
        assert refused(lambda status=status: MatchModel.objects.create(version="3", data={}, status=status))
    assert refused(lambda: MatchModel.objects.filter(pk=row.pk).update(status="published")), "by a person"
    MatchModel.objects.filter(pk=row.pk).update(status="published", published_by=cast.rita)
    assert refused(lambda: MatchModel.objects.filter(pk=row.pk).update(status="proposed"))
    assert refused(lambda: MatchModel.objects.filter(pk=row.pk)._raw_delete(using="default"))


def _copy(row, **changes):
    values = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields}
    return {**{name: value for name, value in values.items() if name not in ("id", "ref", "created_at")}, **changes}
