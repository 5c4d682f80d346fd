"""The door to deals: whose rows a list begins with, and what opens for whom."""

from uuid import uuid4

import pytest

from deals.models import Deal
from deals.queries.deal import deal_by_key, get_deal, pipeline_deals, visible_deals, visible_participants
from partners.enums import Role
from partners.models import Partner, User
from partners.services.membership import add_member
from prm.core.errors import NotVisible
from tests.deals.material import approved, draft, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(cast):
    """Acme's draft with a distributor, its registration, its protected deal; one of Globex."""
    return {
        "draft": draft(cast.acme, cast.amir, distributor=cast.initech),
        "review": submitted(cast.acme, cast.amir, "Swarovski KG", distributor=cast.initech),
        "approved": approved(cast.acme, cast.alice, cast.carla, "Doppelmayr AG"),
        "other": submitted(cast.globex, cast.boris, "Red Bull GmbH"),
    }


SEEN = {
    "amir": {"draft", "review", "approved"},
    "alice": {"draft", "review", "approved"},
    "tom": {"draft", "review", "approved"},
    "mona": set(),
    "susi": set(),
    "boris": {"other"},
    "both": {"draft", "review", "approved", "other"},
    "dieter": {"review"},
    "pat": set(),
}


@pytest.mark.parametrize("who", SEEN)
def test_a_list_begins_at_the_rows_of_ones_own_partners(cast, rows, who):
    user = getattr(cast, who)
    found = {row.pk for row in rows.values() if row.pk in set(visible_participants(user).values_list("deal", flat=True))}
    assert found == {rows[name].pk for name in SEEN[who]}
    assert set(visible_deals(user)) == {rows[name] for name in SEEN[who]}


@pytest.mark.parametrize("who", SEEN)
def test_the_door_opens_for_what_is_listed_and_for_nothing_else(cast, rows, who):
    for name, row in rows.items():
        if name in SEEN[who]:
            assert get_deal(getattr(cast, who), row.ref) == row
        else:
            with pytest.raises(NotVisible):
                get_deal(getattr(cast, who), row.ref)


def test_staff_see_what_was_sent_in_and_no_drafts(cast, rows):
    sent = {rows["review"], rows["approved"], rows["other"]}
    for user, seen in [(cast.rita, sent), (cast.dana, sent), (cast.carla, sent - {rows["other"]})]:
        assert set(visible_deals(user)) == seen, user
        listed = visible_participants(user).values_list("deal", flat=True)
        assert set(listed) == {row.pk for row in seen}, user
        with pytest.raises(NotVisible):
            get_deal(user, rows["draft"].ref)


@pytest.mark.parametrize("who", ["carla", "dana"])
def test_staff_who_belong_to_a_partner_see_its_drafts(cast, rows, who):
    add_member(cast.acme, getattr(cast, who), Role.SALES, by=cast.rita)
    user = User.objects.get(pk=getattr(cast, who).pk)  # as the next request loads it
    assert get_deal(user, rows["draft"].ref) == rows["draft"]
    assert rows["draft"].pk in set(visible_participants(user).values_list("deal", flat=True))


def test_where_each_sees_their_own_a_colleagues_deal_is_not_there(cast, rows):
    Partner.objects.filter(pk=cast.acme.pk).update(deal_sight="own")
    assert set(visible_deals(cast.amir)) == {rows["draft"], rows["review"]}
    assert set(visible_deals(cast.alice)) == {rows["draft"], rows["review"], rows["approved"]}, "admins see all"
    assert set(visible_deals(cast.both)) == {rows["other"]}


def test_a_forms_key_finds_only_what_its_sender_may_see(cast, rows):
    mine = rows["draft"]
    assert deal_by_key(cast.amir, cast.acme, mine.pk) == mine
    assert deal_by_key(cast.boris, cast.acme, mine.pk) is None
    assert deal_by_key(cast.both, cast.globex, mine.pk) is None
    assert deal_by_key(cast.amir, cast.acme, uuid4()) is None


def test_the_pipeline_is_what_is_approved_the_next_to_close_first(cast, rows):
    later = approved(cast.acme, cast.amir, cast.carla, "Fronius GmbH")
    Deal.objects.filter(pk=later.pk).update(expected_close=None)
    assert pipeline_deals(cast.amir, cast.acme) == [rows["approved"], later]
    assert pipeline_deals(cast.boris, cast.acme) == []
