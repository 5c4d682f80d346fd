"""Tiers on the staff's side."""

import pytest
from django.utils import timezone

from partners.enums import StaffRole
from partners.queries.fact import value_of
from programs.models import Tier, TierAssignment
from tests.cast import make_staff

pytestmark = pytest.mark.django_db
ASSIGN = "/admin/programs/tierassignment/assign/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def gold(db):
    return Tier.objects.create(key="gold", name="Gold", rank=2)


@pytest.fixture
def paula(client, cast):
    person = make_staff("Paula Program", cast.desk, StaffRole.PROGRAM_MANAGER)
    client.force_login(person)
    return person


def data(gold, **changes):
    return {"partner": "acme", "tier": gold.pk, "starts_on": timezone.localdate().isoformat(), "reason": "Revenue", **changes}


def test_the_program_manager_assigns_by_name_or_number(client, cast, gold, paula):
    assert client.post(ASSIGN, data(gold)).status_code == 302
    assert client.post(ASSIGN, data(gold, partner=cast.globex.ref.lower())).status_code == 302
    assert set(TierAssignment.objects.values_list("partner__name", "assigned_by__name")) == {
        ("Acme", "Paula Program"),
        ("Globex", "Paula Program"),
    }
    assert value_of(cast.acme, "tier") == "gold"
    assert b"Acme" in client.get("/admin/programs/tierassignment/").content


@pytest.mark.parametrize(
    "changes",
    [
        {"partner": "nobody"},
        {"partner": "\x00"},
        {"reason": ""},
        {"reason": "x" * 301},
        {"starts_on": "x"},
        {"ends_on": "2020-01-01"},
        {"tier": "x"},
    ],
)
def test_bad_input_assigns_nothing(client, gold, paula, changes):
    assert client.post(ASSIGN, data(gold, **changes)).status_code == 422
    assert not TierAssignment.objects.exists()


@pytest.mark.parametrize("who", ["carla", "dana", "sam", "boris"])
def test_others_do_not(client, cast, gold, who):
    client.force_login(getattr(cast, who))
    assert client.get(ASSIGN).status_code in (302, 403)
    assert client.post(ASSIGN, data(gold)).status_code in (302, 403)
    assert not TierAssignment.objects.exists()


def test_a_manager_reads_assignments_of_own_partners(client, cast, gold, paula):
    for name in ("Acme", "Globex"):
        client.post(ASSIGN, data(gold, partner=name))
    client.force_login(cast.carla)
    page = client.get("/admin/programs/tierassignment/").content.decode()
    assert ">Acme<" in page and ">Globex<" not in page
    assert client.get("/admin/programs/tier/").status_code == 200
