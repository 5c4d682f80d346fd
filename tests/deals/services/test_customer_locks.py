"""What a registration is told when the register is busy, and what is no business of its own."""

import pytest
from django.db import OperationalError, connection, transaction

from deals.services.customer import LOCK_CLASS, lock_buckets
from prm.core.errors import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """Somebody else's connection holds bucket 5."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 5)", [LOCK_CLASS])
    yield
    other.close()


def test_who_waits_too_long_is_told_to_try_again(held):
    with pytest.raises(DomainError) as refused, transaction.atomic():
        lock_buckets([4, 5], wait_seconds=1)
    assert refused.value.key == "register_busy"


def test_any_other_trouble_of_the_database_is_not_explained_away(held):
    with pytest.raises(OperationalError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '200ms'")
        lock_buckets([5], wait_seconds=20)


def test_no_bucket_no_lock(django_assert_num_queries):
    with django_assert_num_queries(0):
        lock_buckets([])
