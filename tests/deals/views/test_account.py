""" "Tell me when it is free" from a registration that was declined as a duplicate."""

import pytest
from django.test import Client
from django.urls import reverse

from deals.enums import DealStatus
from deals.models import FreeWatch
from prm.audit.models import Event
from tests.deals.material import approved, submitted

pytestmark = pytest.mark.django_db


def post(user, deal_ref):
    client = Client()
    client.force_login(user)
    return client.post(reverse("deals:watch"), {"deal": deal_ref})


@pytest.fixture
def declined(cast):
    approved(cast.globex, cast.boris, cast.carl, "Gasser Ofenbau")
    deal = submitted(cast.acme, cast.amir, "Gasser Ofenbau")
    assert deal.status == DealStatus.DECLINED
    return deal


def test_the_wish_is_kept_once(cast, declined):
    for _again in range(2):
        answer = post(cast.amir, declined.ref)
        assert (answer.status_code, answer["Location"]) == (302, reverse("deals:detail", args=[declined.ref]))
    watch = FreeWatch.objects.get()
    assert (watch.user, watch.partner, watch.customer_id) == (cast.amir, cast.acme, declined.customer_id)
    assert Event.objects.filter(name="deals.watch.set").count() == 1


@pytest.mark.parametrize(("who", "status"), [("boris", 404), ("anna", 403), ("mona", 404)])
def test_nobody_else_may(cast, declined, who, status):
    assert post(getattr(cast, who), declined.ref).status_code == status
    assert not FreeWatch.objects.exists()


def test_not_for_a_registration_that_was_not_declined(cast):
    deal = submitted(cast.acme, cast.amir, "Ulmer Mühle")
    assert post(cast.amir, deal.ref).status_code == 403
    assert not FreeWatch.objects.exists()
