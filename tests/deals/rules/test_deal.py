"""Who may do what with a deal, and the reason when not."""

import pytest

from deals.models import Deal
from deals.rules import deal as rules
from deals.rules.review import can_publish_policy, can_see_queue, can_see_records, sees_partners_deals
from partners.enums import Role
from partners.models import Partner
from partners.rules import forget_access
from tests.cast import make_member
from tests.deals.material import approved, draft, submitted

pytestmark = pytest.mark.django_db


def keys(reasons):
    return [reason.key for reason in reasons]


@pytest.mark.parametrize(
    ("who", "why"),
    [("amir", []), ("alice", []), ("mona", ["no_right"]), ("tom", ["no_right"]), ("anna", ["no_right"]), ("boris", ["no_right"]),
     ("susi", ["no_right"]), ("carla", ["no_right"]), ("rita", ["no_right"])],
)  # fmt: skip
def test_who_registers(cast, who, why):
    assert keys(rules.why_not_register(getattr(cast, who), cast.acme)) == why
    assert rules.can_register(getattr(cast, who), cast.acme) is (not why)


def test_a_leaving_partner_registers_nothing_new_but_works_on_what_it_has(cast):
    mine, deal = draft(cast.acme, cast.amir), approved(cast.acme, cast.amir, cast.carla, "Swarovski KG")
    assert rules.can_submit_deal(cast.amir, mine)
    Partner.objects.filter(pk=cast.acme.pk).update(status="leaving")
    mine, deal = Deal.objects.get(pk=mine.pk), Deal.objects.get(pk=deal.pk)
    forget_access(cast.amir)
    assert keys(rules.why_not_register(cast.amir, mine.partner)) == ["partner_not_active"]
    assert not rules.can_submit_deal(cast.amir, mine)
    assert rules.can_win_deal(cast.amir, deal) and rules.can_log_activity(cast.amir, deal)


def test_where_sales_see_only_their_own_they_work_only_on_their_own(cast):
    deal, colleague = draft(cast.acme, cast.amir), make_member("Nina New", cast.acme, Role.SALES)
    assert rules.can_edit_deal(colleague, deal)
    Partner.objects.filter(pk=cast.acme.pk).update(deal_sight="own")
    deal = Deal.objects.get()
    assert keys(rules.why_not_work_on(colleague, deal)) == ["not_yours"]
    assert rules.can_edit_deal(cast.amir, deal) and rules.can_edit_deal(cast.alice, deal)


def test_the_status_is_a_reason_too(cast):
    deal = submitted(cast.acme, cast.amir)
    assert keys(rules.why_not_work_on(cast.amir, deal, "win")) == ["not_now"]
    assert keys(rules.why_not_review(cast.carla, deal, "book")) == ["not_now"]
    assert rules.why_not_review(cast.carla, deal, "approve") == []
    assert (rules.can_review_deal(cast.carla, deal), rules.can_confirm_booking(cast.carla, deal)) == (True, False)


def test_what_each_side_sees(cast):
    deal = submitted(cast.acme, cast.amir, distributor=cast.initech)
    owner, seller = rules.fields_seen(cast.amir, deal), rules.fields_seen(cast.dieter, deal)
    assert owner == rules.FIELDS_SEEN["owner"]
    assert seller == rules.FIELDS_SEEN["distributor"] < owner
    assert rules.fields_seen(cast.carla, deal) == rules.EVERYTHING
    assert rules.fields_seen(cast.boris, deal) == rules.fields_seen(cast.mona, deal) == frozenset()


@pytest.mark.parametrize(
    ("who", "queue", "records", "page", "policy"),
    [
        ("carla", True, True, True, False),
        ("carl", True, True, False, False),
        ("dana", True, True, True, False),
        ("sam", False, True, True, False),
        ("finn", False, False, False, False),
        ("rita", True, True, True, True),
        ("amir", False, False, False, False),
    ],
)
def test_the_staffs_side(cast, who, queue, records, page, policy):
    user, deal = getattr(cast, who), submitted(cast.acme, cast.amir)
    assert (can_see_queue(user), can_see_records(user)) == (queue, records)
    assert (sees_partners_deals(user, deal.partner), can_publish_policy(user)) == (page, policy)
