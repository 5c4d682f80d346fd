"""Whose queues hold what."""

import pytest

from deals.models import ConflictCandidate, Deal
from deals.queries import change as changes
from deals.queries import evidence, review
from deals.services.activity import log_activity
from deals.services.extension import ask_extension
from prm.core.errors import NotVisible
from tests.deals.material import approved, draft, submitted

pytestmark = pytest.mark.django_db
STAFF = {"carla": {"acme"}, "carl": {"globex"}, "leo": {"acme"}, "dana": {"acme", "globex"}, "rita": {"acme", "globex"}}


@pytest.fixture
def rows(cast):
    draft(cast.acme, cast.amir, "Alpha Werke")
    return {"acme": submitted(cast.acme, cast.amir), "globex": submitted(cast.globex, cast.boris, "Swarovski KG")}


@pytest.mark.parametrize("who", [*STAFF, "sam", "amir", "boris", "finn"])
def test_staff_see_the_deals_of_their_partners_and_no_drafts(cast, rows, who):
    seen = {"sam": {"acme", "globex"}, **STAFF}.get(who, set())
    assert set(review.staff_deals(getattr(cast, who))) == {rows[name] for name in seen}
    for name, row in rows.items():
        if name in seen:
            assert review.get_deal_for_staff(getattr(cast, who), row.ref) == row
        else:
            with pytest.raises(NotVisible):
                review.get_deal_for_staff(getattr(cast, who), row.ref)


@pytest.mark.parametrize("who", [*STAFF, "sam", "amir", "boris", "finn"])
def test_extensions_and_changes_wait_with_those_who_decide_them(cast, who):
    deal = approved(cast.acme, cast.amir, cast.carla)
    log_activity(deal, by=cast.amir, kind="demo", line="Showed it")
    extension, user = ask_extension(deal, by=cast.amir, reason="They decide in May"), getattr(cast, who)
    decides = "acme" in STAFF.get(who, set())
    assert set(review.extensions_asked(user)) == ({extension} if decides else set())
    assert set(changes.changes_asked(user)) == set()
    if decides:
        assert review.get_extension(user, extension.ref) == extension
    else:
        with pytest.raises(NotVisible):
            review.get_extension(user, extension.ref)
        with pytest.raises(NotVisible):
            changes.get_change_for_staff(user, "H-NOTHING")


def test_partners_have_no_queue_and_open_no_request_of_the_staff(cast, rows):
    assert not review.review_queue(cast.alice).exists()
    with pytest.raises(NotVisible):
        review.get_extension(cast.alice, "EX-00000000")


def test_a_deal_without_a_customer_has_no_history(cast):
    known = evidence.history_of_customer(Deal(customer=None))
    assert {name: list(found) for name, found in known.items()} == {"past": [], "sales": [], "opportunities": []}
    assert evidence._of_candidate(ConflictCandidate()) == {}
