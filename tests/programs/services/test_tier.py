"""A person assigns a tier: from, until, reason."""

from datetime import date, timedelta

import pytest

from prm.core.errors import DomainError
from programs.models import Tier, TierAssignment
from programs.queries.tier import tier_of
from programs.services.tier import assign_tier

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture
def tiers(db):
    return [Tier.objects.update_or_create(key=key, defaults={"name": key.title(), "rank": rank})[0] for key, rank in
            (("one", 91), ("two", 92))]  # fmt: skip


def test_the_next_one_ends_the_one_before(cast, tiers):
    first, second = tiers
    assign_tier(cast.acme, first, by=cast.rita, starts_on=MARCH, reason="Sold well")
    assign_tier(cast.acme, second, by=cast.rita, starts_on=APRIL, reason="Sold better")
    assert [tier_of(cast.acme, day) for day in (MARCH - timedelta(days=1), MARCH, APRIL - timedelta(days=1), APRIL)] == [
        None, first, first, second
    ]  # fmt: skip
    rows = TierAssignment.objects.order_by("starts_on").values_list("ends_on", "assigned_by", "reason")
    assert list(rows) == [(date(2026, 3, 31), cast.rita.pk, "Sold well"), (None, cast.rita.pk, "Sold better")]


@pytest.mark.parametrize("start", [MARCH, MARCH - timedelta(days=1)])
def test_it_starts_after_the_present_one(cast, tiers, start):
    assign_tier(cast.acme, tiers[0], by=cast.rita, starts_on=MARCH, reason="Sold well")
    with pytest.raises(DomainError) as refused:
        assign_tier(cast.acme, tiers[1], by=cast.rita, starts_on=start, reason="Sold better")
    assert refused.value.field == "starts_on"
    assert TierAssignment.objects.count() == 1


def test_a_reason_is_needed(cast, tiers):
    with pytest.raises(DomainError) as refused:
        assign_tier(cast.acme, tiers[0], by=cast.rita, starts_on=MARCH, reason=" ")
    assert refused.value.field == "reason"
    assert not TierAssignment.objects.exists()
