"""Who may take part in a deal, and joining that of a linked company."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deals.enums import ParticipantRole
from deals.models import JoinRequest, Participant
from deals.queries.participant import deal_to_join, linked_role, roles_open_to
from deals.services.deal import withdraw_deal
from deals.services.join_request import accept_join, ask_join, withdraw_join
from deals.services.participant import add_participant, remove_participant
from deals.services.protection import release_deal
from partners.models import PartnerLink
from prm.core.errors import DomainError, NotAllowed
from tests.deals.material import approved, draft, submitted

pytestmark = pytest.mark.django_db


def key_of(call):
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.key or refused.value.field


def test_the_roles_that_a_link_gives(cast):
    today = timezone.localdate()
    assert linked_role(cast.acme, cast.initech.pk, today) == ParticipantRole.DISTRIBUTOR
    assert linked_role(cast.initech, cast.acme.pk, today) == ParticipantRole.RESELLER
    assert linked_role(cast.acme, cast.globex.pk, today) is None
    assert roles_open_to(cast.acme, cast.globex.pk, today) == ()
    PartnerLink.objects.update(ends_on=today - timedelta(days=1))
    assert linked_role(cast.acme, cast.initech.pk, today) is None


def test_only_a_linked_company_in_a_fitting_role_once_while_it_is_open(cast):
    deal = approved(cast.acme, cast.amir, cast.carla)
    assert key_of(lambda: add_participant(deal, cast.globex, "reseller", by=cast.amir)) == "partner"
    assert key_of(lambda: add_participant(deal, cast.initech, "reseller", by=cast.amir)) == "role"
    part = add_participant(deal, cast.initech, "distributor", by=cast.amir)
    assert (part.status, part.owner_id, part.protected_until) == (deal.status, deal.owner_id, deal.protected_until)
    assert key_of(lambda: add_participant(deal, cast.initech, "distributor", by=cast.amir)) == "already"
    assert key_of(lambda: remove_participant(deal.participants.get(role="owner"), by=cast.amir)) == "owner"
    remove_participant(part, by=cast.amir)
    release_deal(deal, by=cast.amir)
    for closed in (deal, draft(cast.acme, cast.amir, "Swarovski KG")):
        with pytest.raises(NotAllowed):
            add_participant(closed, cast.initech, "distributor", by=cast.amir)
    assert set(Participant.objects.values_list("role", flat=True)) == {"owner"}


@pytest.fixture
def declined(cast):
    submitted(cast.initech, cast.dieter)
    row = submitted(cast.acme, cast.amir)
    assert row.reason == "linked_deal"
    return row


def test_joining_the_deal_of_a_linked_company(cast, declined):
    join = ask_join(declined, by=cast.amir)
    assert key_of(lambda: ask_join(declined, by=cast.alice)) == "already"
    withdraw_join(join, by=cast.amir)
    accept_join(ask_join(declined, by=cast.amir), by=cast.dieter)
    assert Participant.objects.get(partner=cast.acme, deal=deal_to_join(declined)).role == ParticipantRole.RESELLER
    assert key_of(lambda: ask_join(declined, by=cast.amir)) == "already"
    assert list(JoinRequest.objects.order_by("created_at").values_list("status", flat=True)) == ["withdrawn", "accepted"]


def test_there_is_nothing_to_join_any_more(cast, declined):
    other = submitted(cast.acme, cast.amir, "Swarovski KG")
    assert deal_to_join(other) is None
    withdraw_deal(deal_to_join(declined), by=cast.dieter)
    assert deal_to_join(declined) is None
    assert key_of(lambda: ask_join(declined, by=cast.amir)) == "gone"


def test_a_declined_one_without_its_check_has_nothing_to_join(cast, declined):
    declined.conflicts.all().delete()
    assert deal_to_join(declined) is None
