import pytest
from django.utils import translation

from prm.catalog.models import Product
from prm.web import counts

pytestmark = pytest.mark.django_db


def make(number):
    Product.objects.bulk_create([Product(key=str(n), name=str(n), active=n % 2 == 0) for n in range(number)])


def test_counting_stops_at_the_limit(django_assert_num_queries):
    make(7)
    with django_assert_num_queries(1):
        assert counts.bounded(Product.objects.all(), limit=5) == counts.Bounded(5, True)
    assert counts.bounded(Product.objects.order_by("name"), limit=7) == counts.Bounded(7)


def test_many_counts_are_one_query(django_assert_num_queries):
    make(7)
    sets = {
        "all": Product.objects.order_by("name"),
        "active": Product.objects.filter(active=True, name__contains="%"),
        "even": Product.objects.filter(active=True),
        "none": Product.objects.none(),
    }
    with django_assert_num_queries(1):
        found = counts.many(sets, limit=5)
    assert found == {
        "all": counts.Bounded(5, True),
        "active": counts.Bounded(0),
        "even": counts.Bounded(4),
        "none": counts.Bounded(0),
    }
    assert counts.many({"none": Product.objects.none()}) == {"none": counts.Bounded(0)}


def test_a_bounded_count_reads_like_a_number():
    assert str(counts.Bounded(1000, True)) == "1,000+"
    with translation.override("de"):
        assert str(counts.Bounded(1000, True)) == "1.000+"
    assert int(counts.Bounded(3)) == 3 and not counts.Bounded(0)
