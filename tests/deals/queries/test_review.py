"""Whose queues hold what."""

import pytest

from deals.models import ConflictCandidate, Deal, OpportunityProduct
from deals.queries import change as changes
from deals.queries import evidence, review
from deals.services.activity import log_activity
from deals.services.extension import ask_extension
from prm.core.errors import NotVisible
from tests.deals.material import approved, draft, opportunity, product, submitted

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


def states(user, deal) -> dict[str, str]:
    known = evidence.evidence_of(user, deal, deal.conflicts.first())
    return {line.label: line.state for line in known.candidates[0].lines}


@pytest.mark.parametrize(
    ("theirs", "state"),
    [(("GTX Pro", "GTX"), "same"), (("GTX Plus Pro", "GTX"), "same"), (("MG Special", "MG"), "differs")],
)
def test_products_are_marked_as_the_policy_compares_them(cast, theirs, state):
    opportunity(product=product(*theirs))
    assert states(cast.carla, submitted(cast.acme, cast.amir))["products"] == state


def test_products_that_one_side_does_not_name_are_not_marked(cast):
    OpportunityProduct.objects.filter(opportunity=opportunity()).delete()
    assert states(cast.carla, submitted(cast.acme, cast.amir))["products"] == ""


@pytest.mark.parametrize(
    ("ours", "theirs", "state"),
    [("Neubau Süd", "neubau süd", "same"), ("Neubau Süd", "Umbau Nord", "differs"), ("Neubau Süd", "", "")],
)
def test_projects_are_marked_where_both_sides_name_one(cast, ours, theirs, state):
    approved(cast.globex, cast.boris, cast.carl, project=theirs)
    assert states(cast.dana, submitted(cast.acme, cast.amir, project=ours))["project"] == state


def test_a_deal_without_a_customer_has_no_history(cast):
    known = evidence.history_of_customer(Deal(customer=None))
    assert {name: list(found) for name, found in known.items()} == {"past": [], "sales": [], "opportunities": []}
    assert evidence._of_candidate(ConflictCandidate()) == {}
