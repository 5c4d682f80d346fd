"""Large files in small: the ways an import takes only beyond some size, with the sizes made small."""

import pytest
from django.db import transaction

from deals.models import Customer, Opportunity, TokenCount
from deals.services import resolution
from deals.services.imports import cells, import_opportunities, staging
from prm.core import bulk
from tests.deals.services.test_imports_opportunities import counts, row, table

pytestmark = pytest.mark.django_db


def test_a_file_of_many_chunks_is_loaded_like_a_small_one(monkeypatch):
    for name, size in {"CHUNK": 3, "SAMPLE": 4, "ANALYSE_FROM": 3, "BUCKETS": 2}.items():
        monkeypatch.setattr(staging, name, size)
    rows = [row(number) for number in range(1, 12)]
    assert counts(import_opportunities(table(*rows), source="sap")) == ("loaded", 11, 0, 0)
    assert (Opportunity.objects.count(), Customer.objects.count()) == (11, 11)
    assert len(set(Opportunity.objects.values_list("ref", flat=True))) == 11
    assert counts(import_opportunities(table(*rows), source="sap")) == ("loaded", 0, 0, 11)


def test_refs_that_two_chunks_share_by_chance_are_parted():
    with transaction.atomic():
        bulk.temp_table("import_rows", "line int PRIMARY KEY, customer_id uuid, id uuid, ref text")
        bulk.run("INSERT INTO import_rows (line, ref) VALUES (1, 'O-SAME'), (2, 'O-SAME'), (3, 'O-OTHER')")
        staging._part_refs("O")
        refs = dict(bulk.rows("SELECT line, ref FROM import_rows"))
    assert (refs[1], refs[3], len(set(refs.values()))) == ("O-SAME", "O-OTHER", 3)
    assert refs[2].startswith("O-")


def test_the_memory_of_product_lists_is_bounded():
    read = cells.ProductList()
    for number in range(20_002):
        assert read(f"P{number}") == (f"p{number}",)
    assert len(read._read) == 1 and len(read.names) == 20_002


def test_words_of_many_names_are_counted_before_the_end(monkeypatch):
    monkeypatch.setattr(resolution, "PENDING_TOKENS", 1)
    rows = [row(number) for number in range(1, 4)]
    assert counts(import_opportunities(table(*rows), source="sap")) == ("loaded", 3, 0, 0)
    assert TokenCount.objects.get(token="").names == 3
