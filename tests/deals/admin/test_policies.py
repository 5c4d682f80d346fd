"""The policy: versions are published, never edited."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from deals.models import Policy
from deals.queries.policy import rules_at
from deals.rules.policy import PolicyRules
from deals.services.policy import publish_policy, values_of
from partners.enums import StaffRole
from prm.core.errors import DomainError, NotAllowed
from tests.cast import make_staff

pytestmark = pytest.mark.django_db
LIST = "/admin/deals/policy/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def paula(cast):
    return make_staff("Paula Program", cast.desk, StaffRole.PROGRAM_MANAGER)


def form_data(**changes):
    values = {key: "" if value is None else value for key, value in values_of(PolicyRules()).items()}
    values["reminder_days"] = "30, 14, 7"
    del values["auto_approve"]
    return {**values, "text": "Be fair.", "effective_from": "", **changes}


def test_the_program_manager_publishes(client, cast, paula):
    client.force_login(paula)
    assert b"Publish a new version" in client.get(LIST).content
    assert client.post(f"{LIST}publish/", form_data(protection_days=60, auto_approve="on")).status_code == 302
    policy = Policy.objects.get()
    assert (policy.version, policy.published_by, policy.text) == (1, paula, "Be fair.")
    rules = rules_at(timezone.now())
    assert (rules.protection_days, rules.auto_approve, rules.auto_approve_below) == (60, True, Decimal(50000))
    assert b'value="60"' in client.get(f"{LIST}publish/").content
    page = client.get(f"{LIST}{policy.pk}/change/").content.decode()
    assert "Days of protection" in page and "Be fair." in page


@pytest.mark.parametrize("who", ["carla", "dana", "sam"])
def test_others_read(client, cast, paula, who):
    policy = publish_policy("Be fair.", PolicyRules(), None, by=paula)
    client.force_login(getattr(cast, who))
    page = client.get(LIST)
    assert page.status_code == 200 and b"Publish a new version" not in page.content
    assert client.get(f"{LIST}{policy.pk}/change/").status_code == 200
    assert client.get(f"{LIST}publish/").status_code == 403
    assert client.post(f"{LIST}publish/", form_data()).status_code == 403
    with pytest.raises(NotAllowed):
        publish_policy("Mine", PolicyRules(), None, by=getattr(cast, who))
    assert Policy.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"protection_days": "0"}, "greater than or equal"),
        ({"reminder_days": "x"}, "commas between"),
        ({"reminder_days": "400"}, "1 to 365"),
        ({"reminder_days": "99"}, "before the protection begins"),
        ({"target_business_days": "5"}, "breach cannot come before"),
        ({"auto_approve_below": "-1"}, "between 0 and"),
        ({"auto_approve_below": "9" * 30}, "between 0 and"),
        ({"minimum_amount": "viel"}, "not a number"),
        ({"effective_from": "2020-01-01T00:00"}, "in the past"),
        ({"effective_from": "nonsense"}, "valid date"),
        ({"text": "a\x00b"}, "cannot be stored"),
    ],
)
def test_bad_values_publish_nothing(client, paula, changes, said):
    client.force_login(paula)
    answer = client.post(f"{LIST}publish/", form_data(**changes))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Policy.objects.exists()


def test_versions_are_in_order_and_stay_as_they_are(paula):
    later = timezone.now() + timedelta(days=5)
    first = publish_policy("One", PolicyRules(), later, by=paula)
    with pytest.raises(DomainError, match="Version 1 begins later"):
        publish_policy("Two", PolicyRules(), None, by=paula)
    assert publish_policy("Two", PolicyRules(), later, by=paula).version == 2
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Policy.objects.filter(pk=first.pk).update(text="Other")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        first.delete()
