"""A registration that was rewritten while somebody submitted it."""

import pytest

from deals.enums import DealStatus
from deals.models import Deal
from deals.services.deal import save_draft, submit_deal
from prm.audit.models import Event
from prm.core.errors import StaleState
from prm.mail.models import Message
from tests.deals.material import draft, facts, submitted

pytestmark = pytest.mark.django_db


def test_the_checked_customer_is_the_one_submitted(cast):
    deal = draft(cast.acme, cast.amir)
    save_draft(Deal.objects.get(), facts("Swarovski KG"), by=cast.alice)
    before = Event.objects.count()
    with pytest.raises(StaleState):
        submit_deal(deal, by=cast.amir)
    row = Deal.objects.get()
    assert (row.status, row.customer_name, row.submitted_at) == (DealStatus.DRAFT, "Swarovski KG", None)
    assert (Event.objects.count(), Message.objects.count()) == (before, 0)


def test_a_rewrite_after_the_submission_is_refused(cast):
    deal = draft(cast.acme, cast.amir)
    submit_deal(Deal.objects.get(), by=cast.alice)
    with pytest.raises(StaleState):
        save_draft(deal, facts("Swarovski KG"), by=cast.amir)
    assert Deal.objects.get().customer_name == "Zumtobel Lighting GmbH"


def test_rewriting_a_draft_replaces_its_parts(cast):
    deal = draft(cast.acme, cast.amir, contact_name="Otto Kunde", distributor=cast.initech)
    save_draft(deal, facts("Swarovski KG", lines=[]), by=cast.amir)
    assert (deal.customer_name, deal.lines.count(), deal.participants.count()) == ("Swarovski KG", 0, 1)
    assert not hasattr(Deal.objects.get(), "customer_contact")
    assert submitted(cast.acme, cast.amir).status == DealStatus.IN_REVIEW
