"""Several querysets in one statement give what they give one by one."""

from datetime import time
from decimal import Decimal

import pytest
from django.db.models import Count, DurationField, ExpressionWrapper, F, Subquery
from django.utils import timezone

from deals.models import Activity, Conflict, Deal, DealLine, Policy
from partners.models import Desk, Membership, User
from prm.core.together import keep, together
from tests.deals.material import approved, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(cast) -> Deal:
    Policy.objects.create(version=99, rules={"share": 0.25, "days": 90, "ünï": None}, effective_from=timezone.now())
    Desk.objects.create(key="night", name="Night", time_zone="UTC", opens_at=time(18, 30), closes_at=time(23, 59, 59))
    submitted(cast.globex, cast.boris, 'Quote " and \\ and ü GmbH')
    return approved(cast.acme, cast.amir, cast.carla)


def values_of(rows: list) -> list:
    return [{key: value for key, value in row.__dict__.items() if key != "_state"} for row in rows]


def test_every_kind_of_column_comes_back_as_the_driver_would_give_it(deal, django_assert_num_queries):
    lists = {
        "deals": Deal.objects.order_by("-pk"),
        "lines": DealLine.objects.order_by("pk"),
        "policies": Policy.objects.order_by("version"),
        "desks": Desk.objects.order_by("key"),
        "people": User.objects.order_by("email"),
        "checks": Conflict.objects.order_by("pk"),
    }
    alone = {name: list(rows.all()) for name, rows in lists.items()}
    with django_assert_num_queries(1):
        found = together(lists)
    assert {name: values_of(rows) for name, rows in found.items()} == {name: values_of(rows) for name, rows in alone.items()}
    assert [type(row.amount) for row in found["deals"]] == [Decimal, Decimal]


def test_joined_rows_are_joined_and_those_that_miss_are_none(deal, django_assert_num_queries):
    rows = Deal.objects.select_related("partner", "customer", "decided_by").order_by("pk")
    with django_assert_num_queries(1):
        found = together({"deals": rows})["deals"]
        assert [(row.partner.name, row.customer.name, str(row.decided_by)) for row in found] == [
            (row.partner.name, row.customer.name, str(row.decided_by)) for row in found
        ]
    assert [row.decided_by for row in found] == [row.decided_by for row in rows]
    assert {row.partner for row in found} == {row.partner for row in rows}


def test_values_annotations_slices_and_prefetches(deal, django_assert_num_queries):
    lists = {
        "pairs": Deal.objects.order_by("ref").values_list("ref", "amount"),
        "refs": Deal.objects.order_by("ref").values_list("ref", flat=True)[:1],
        "counted": Deal.objects.values_list("status").annotate(n=Count("pk")).order_by("status"),
        "noted": Deal.objects.annotate(rule=Subquery(Conflict.objects.filter(rule="x").values("rule")[:1])).order_by("ref"),
        "parted": Deal.objects.order_by("ref").prefetch_related("participants"),
        "none": Deal.objects.none(),
        "empty": Activity.objects.all(),
    }
    alone = {name: list(rows.all()) for name, rows in lists.items()}
    with django_assert_num_queries(2):
        found = together(lists)
        assert sum(len(row.participants.all()) for row in found["parted"]) == 2
    assert found == alone
    assert [row.rule for row in found["noted"]] == [None, None]


def test_nothing_asked_is_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert together({"none": Membership.objects.none()}) == {"none": []}
        assert together({}) == {}


def test_what_json_does_not_carry_is_refused(deal):
    age = ExpressionWrapper(timezone.now() - F("created_at"), output_field=DurationField())
    with pytest.raises(TypeError):
        together({"deals": Deal.objects.annotate(age=age)})


def test_kept_rows_are_used_once_and_filtered_in_the_database(deal, django_assert_num_queries):
    keep(deal, "activities", [])
    with django_assert_num_queries(0):
        assert list(deal.activities.all()) == []
    with django_assert_num_queries(1):
        assert list(deal.activities.filter(kind="call")) == []
