"""Declined because the earlier one was approved: page and mail say so, and when it may become free, never for whom."""

from datetime import timedelta

import pytest
from django.urls import reverse

from deals.models import ConflictCandidate
from deals.queries.detail import last_conflict
from deals.services import decision
from prm.mail.models import Message
from tests.deals.material import submitted
from tests.mailed import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def declined(cast):
    first = submitted(cast.globex, cast.boris, "Gasser Ofenbau", website="gasser-ofen.at")
    second = submitted(cast.acme, cast.amir, "Gasser Ofenbau", website="gasser-ofen.at")
    assert second.status == "waiting"
    decision.approve_deal(first, by=cast.carl)
    second.refresh_from_db()
    return first, second


def test_the_check_on_record_is_the_one_that_declined(declined):
    first, second = declined
    found = last_conflict(second)
    assert (found.rule, found.outcome, second.reason) == ("earlier_approved", "decline", "earlier_approved")
    assert found.frees_up_on == first.protected_until + timedelta(days=1)
    assert "domain" in found.matched_fields
    assert [row.deal for row in found.candidates.all()] == [first]


def test_page_and_mail_give_the_reason_and_the_date_and_not_the_holder(client, cast, declined):
    first, second = declined
    client.force_login(cast.amir)
    page = client.get(reverse("deals:detail", args=[second.ref])).content.decode()
    mail = words(Message.objects.get(template="deals.deal_declined").body.text)
    for text in (page, mail):
        assert "that registration was approved" in text
        assert "not decided yet" not in text
        assert "It may become free about" in text
        assert "Globex" not in text
        assert first.ref not in text


def test_a_check_without_that_candidate_gives_no_fields(cast):
    first = submitted(cast.globex, cast.boris, "Gasser Ofenbau", website="gasser-ofen.at")
    second = submitted(cast.acme, cast.amir, "Gasser Ofenbau", website="gasser-ofen.at")
    ConflictCandidate.objects.filter(conflict__deal=second).delete()
    decision.approve_deal(first, by=cast.carl)
    found = last_conflict(second)
    assert (found.rule, found.matched_fields, list(found.candidates.all())) == ("earlier_approved", [], [])
