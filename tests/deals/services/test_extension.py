"""More time on a protection: who may ask, who decides, and that it is given once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from deals.enums import ExtensionStatus
from deals.models import Extension
from deals.services.activity import log_activity
from deals.services.extension import ask_extension, grant_extension, refuse_extension, withdraw_extension
from deals.services.protection import release_deal
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.mail.models import Message
from tests.deals.material import approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(cast):
    row = approved(cast.acme, cast.amir, cast.carla)
    log_activity(row, by=cast.amir, kind="demo", line="Showed it")
    return row


def asked(deal, cast):
    return ask_extension(deal, by=cast.amir, reason="They decide in May")


def said(name):
    return Event.objects.filter(name=f"deals.extension.{name}").count(), Message.objects.filter(
        template__contains="extension"
    ).count()


def test_granted_days_are_added_once(cast, deal):
    until = deal.protected_until
    extension = asked(deal, cast)
    assert (extension.days, extension.status, said("asked")) == (30, "asked", (1, 0))
    grant_extension(extension, by=cast.carla)
    deal.refresh_from_db()
    assert (deal.protected_until, extension.status, extension.decided_by) == (until + timedelta(days=30), "granted", cast.carla)
    assert said("granted") == (1, 1)
    with pytest.raises(StaleState):
        grant_extension(Extension.objects.get(), by=cast.dana)
    with pytest.raises(DomainError) as refused:
        asked(deal, cast)
    assert refused.value.key == "used_up"


def test_refused_leaves_the_window_and_may_be_asked_again(cast, deal):
    until, extension = deal.protected_until, asked(deal, cast)
    with pytest.raises(DomainError) as refused:
        refuse_extension(extension, by=cast.carla, text=" ")
    assert refused.value.field == "text"
    refuse_extension(extension, by=cast.carla, text="Nothing happened so far")
    deal.refresh_from_db()
    assert (deal.protected_until, extension.status, said("refused")) == (until, "refused", (1, 1))
    assert asked(deal, cast).status == ExtensionStatus.ASKED


def test_taken_back_without_a_mail(cast, deal):
    extension = withdraw_extension(asked(deal, cast), by=cast.amir)
    assert (extension.status, said("withdrawn")) == ("withdrawn", (1, 0))


def test_one_waits_at_a_time(cast, deal):
    asked(deal, cast)
    with pytest.raises(DomainError) as refused:
        asked(deal, cast)
    assert refused.value.key == "pending"
    with pytest.raises(IntegrityError), transaction.atomic():
        Extension.objects.create(deal=deal, reason="past the service", asked_by=cast.amir)
    assert Extension.objects.count() == 1


def test_it_needs_activity_and_a_running_protection(cast):
    bare = approved(cast.acme, cast.amir, cast.carla)
    with pytest.raises(DomainError) as refused:
        asked(bare, cast)
    assert refused.value.key == "no_activity"
    release_deal(bare, by=cast.amir)
    with pytest.raises(DomainError) as refused:
        asked(bare, cast)
    assert refused.value.key == "not_now"
    assert not Extension.objects.exists()


@pytest.mark.parametrize("who", ["carl", "finn", "amir", "boris"])
def test_nobody_else_decides(cast, deal, who):
    extension = asked(deal, cast)
    with pytest.raises(NotAllowed):
        grant_extension(extension, by=getattr(cast, who))
    assert Extension.objects.get().status == ExtensionStatus.ASKED


def test_who_asked_does_not_decide_not_even_past_the_service(cast, deal):
    extension = asked(deal, cast)
    Extension.objects.filter(pk=extension.pk).update(asked_by=cast.dana)
    with pytest.raises(NotAllowed) as refused:
        grant_extension(Extension.objects.get(), by=cast.dana)
    assert [reason.key for reason in refused.value.reasons] == ["own_request"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Extension.objects.update(status="granted", decided_by=cast.dana, decided_at=timezone.now())
