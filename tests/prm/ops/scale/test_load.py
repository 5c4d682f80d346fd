"""The large database is made of rows that hold every rule, and nothing that was switched off stays off."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from deals.models import Deal, Opportunity, Participant
from partners.models import Partner
from prm.core import bulk
from prm.core.errors import DomainError
from prm.ops import invariants
from prm.ops.scale.load import load
from prm.ops.scale.loading import ref_of, sql_ref

pytestmark = pytest.mark.django_db
GUARDS = """
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL
SELECT tgname || tgenabled::text FROM pg_trigger UNION ALL SELECT current_setting('session_replication_role') ORDER BY 1
"""


def test_the_rows_hold_every_rule_and_the_guards_are_back(client):
    before, told = bulk.rows(GUARDS), []
    network = load(400, 60, told.append, partners=20)
    assert bulk.rows(GUARDS) == before
    assert invariants.problems() == []
    assert (Deal.objects.count(), Opportunity.objects.count(), Partner.objects.count()) == (400, 60, 20)
    assert set(Deal.objects.values_list("status", flat=True).distinct()) >= {"approved", "declined", "booked", "lost"}
    assert Participant.objects.filter(role="distributor").exists()
    assert told[-1] == "indexes and statistics"
    assert network.people.keys() == {"small", "largest", "desk"}
    client.force_login(network.people["largest"])
    page = client.get(reverse("deals:list"))
    assert page.status_code == 200
    assert len(page.context["page"].rows) > 5, "the largest partner has most"


def test_a_database_in_use_is_left_alone(cast):
    with pytest.raises(DomainError, match="holds partners already"):
        load(10)
    with pytest.raises(CommandError, match="holds partners already"):
        call_command("seed_scale", "--deals", "10")
    with pytest.raises(CommandError, match="not negative"):
        call_command("seed_scale", "--deals", "-1")
    assert Deal.objects.count() == 0


def test_refs_never_repeat_and_sql_makes_the_same_ones():
    refs = {ref_of("D", number) for number in range(50_000)}
    assert len(refs) == 50_000
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql_ref('D', 'n::bigint')} FROM generate_series(0, 9) AS n")
        assert [row[0] for row in cursor.fetchall()] == [ref_of("D", number) for number in range(10)]
