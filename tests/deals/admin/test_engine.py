"""The duplicate engine's pages: the report, a model, its steps, the records."""

from __future__ import annotations

import copy
import json

import pytest
from django.utils import timezone, translation

from deals.enums import Judged, ModelStatus
from deals.models import IdentityVerdict, MatchModel
from deals.queries.match_model import proposed_size, table_of
from deals.queries.refit import refit
from deals.services.customer import resolve_customer
from deals.services.match_model import propose_model, publish_model
from deals.services.merge import merge_customers
from deals.services.verdict import judge_candidate, record_pair
from partners.enums import StaffRole
from prm.audit.models import Event
from prm.matching import Identity
from prm.matching.score import MODEL
from tests.cast import make_staff
from tests.deals.admin.test_verdicts import candidate
from tests.deals.material import opportunity, submitted

pytestmark = pytest.mark.django_db
HOME = "/admin/deals/engine/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def paula(cast):
    return make_staff("Paula Program", cast.desk, StaffRole.PROGRAM_MANAGER)


def judged(cast, asked="Doppelmayr Seilbahnen GmbH", known="Doppelmayr Seilbahn AG", word=Judged.DIFFERENT):
    customer, _new = resolve_customer(Identity(known, country="AT"), by=None)
    one, two = Identity(asked, country="AT", city="Wien"), Identity(known, country="AT")
    return record_pair(one, two, customer, word, by=cast.dana, now=timezone.now(), source="review")[0]


def test_an_empty_report_says_where_words_come_from(client, cast):
    client.force_login(cast.dana)
    page = client.get(HOME).content.decode()
    assert "Nobody has judged a pair yet" in page and "The shipped model is in use" in page


def test_the_report_and_its_links(client, cast, paula):
    row = judged(cast)
    propose_model(refit(), by=None)
    opportunity("Zumtobel Lighting Systems GmbH")
    deal = submitted(cast.acme, cast.amir)
    judge_candidate(candidate(deal), Judged.DIFFERENT, by=cast.carla)
    client.force_login(paula)
    page = client.get(HOME).content.decode()
    assert "Doppelmayr Seilbahnen GmbH" in page and "Where people say otherwise" in page and "Version 3" in page
    assert f"/admin/deals/identityverdict/{row.pk}/change/" in page and f"/admin/deals/review/{deal.ref}/" in page
    assert str(proposed_size(paula)) == "1" and proposed_size(cast.dana) is None
    assert "Duplicate engine" in client.get("/admin/").content.decode()
    assert "Doppelmayr Seilbahnen GmbH" in client.get("/admin/deals/identityverdict/").content.decode()


def test_a_judged_pair_is_told_in_words(client, cast):
    row = judged(cast)
    client.force_login(cast.dana)
    listed = client.get("/admin/deals/identityverdict/").content.decode()
    assert "Judged by" in listed and 'field-shown_certainty">Likely<' in listed and "Dana Desk" in listed
    page = client.get(f"/admin/deals/identityverdict/{row.pk}/change/").content.decode()
    assert "<dt>Judged by</dt><dd>Dana Desk</dd>" in page and "<dd>Likely</dd>" in page
    assert "<dt>Rule</dt><dd>the score reaches the threshold</dd>" in page
    asked = "<li>name: Doppelmayr Seilbahnen GmbH</li><li>country: Austria</li><li>city or site: Wien</li>"
    assert f'<dt>Asked</dt><dd><ul class="plain">{asked}</ul></dd>' in page
    assert "<li>same country: 100 %</li>" in page and "<li>alike in spelling: " in page
    assert " 0 %" not in page and "<pre>" not in page and "shared_words" not in page


def test_a_pair_of_which_little_is_known_is_shown_too(client, cast):
    row = judged(cast)
    IdentityVerdict.objects.filter(pk=row.pk).update(features={"horoscope": 0.5, "spelling": 0.001}, known={}, rule="stars")
    client.force_login(cast.dana)
    page = client.get(f"/admin/deals/identityverdict/{row.pk}/change/").content.decode()
    assert "<li>horoscope: 50 %</li></ul>" in page and "<dt>Known</dt><dd>–</dd>" in page and "<dd>stars</dd>" in page


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_at_any_length(client, cast, count, django_assert_max_num_queries):
    for number in range(count):
        judged(cast, f"Doppelmayr Seilbahnen {number} GmbH", f"Doppelmayr Seilbahn {number} AG")
        propose_model(refit(), by=None)
    client.force_login(cast.dana)
    client.get(HOME)
    with django_assert_max_num_queries(10):
        client.get(HOME)
    with django_assert_max_num_queries(10):
        client.get("/admin/deals/identityverdict/")


def test_publishing_and_taking_back(client, cast, paula):
    judged(cast)
    row = propose_model(refit(), by=None)
    client.force_login(paula)
    url = f"{HOME}{row.ref}/"
    page = client.get(url).content.decode()
    assert "Use this model" in page and "Before and after" in page and "Goes on with a telling word" in page
    assert client.post(f"{url}publish/", {"reason": ""}).status_code == 422
    assert client.post(f"{url}publish/", {"reason": "Fewer false alarms"}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.reason) == (ModelStatus.PUBLISHED, "Fewer false alarms")
    shown = client.get(url).content.decode()
    assert "Fewer false alarms" in shown and "Use this model" not in shown
    assert b"not possible any more" in client.post(f"{url}publish/", {"reason": "Again"}, follow=True).content
    client.post(f"{url}retire/", {"reason": "As shipped"})
    row.refresh_from_db()
    assert row.status == ModelStatus.RETIRED
    assert client.post(f"{url}burn/", {"reason": "x"}).status_code == 404
    assert client.get(f"{url}publish/").status_code == 405


def test_the_columns_say_whose_they_are_and_what_was_overtaken(client, cast, paula):
    judged(cast)
    older, newer = propose_model(refit(), by=None), propose_model(refit(), by=None)
    client.force_login(paula)
    url = f"{HOME}{older.ref}/"
    page = client.get(url).content.decode()
    assert ">Before<br>Version 2<" in page and ">After<br>Version 3<" in page and "was in use when" not in page
    publish_model(newer, by=paula, reason="Better")
    page = client.get(url).content.decode()
    assert "“Before” is version 2, which was in use when this model was fitted. Version 4 is in use now." in page
    assert "was in use when" not in client.get(f"{HOME}{newer.ref}/").content.decode(), "the one in use replaced it itself"


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [(54.5, "54.5", "54,5"), (0.32904, "0.329", "0,329"), (6.0, "6", "6"), (100.0, "100", "100"), (-0.0001, "0", "0"),
     (None, "–", "–"), (-1234.5678, "-1,234.568", "-1.234,568")],
)  # fmt: skip
def test_figures_have_three_decimals_at_most(value, english, german):
    row = MatchModel(version="9", comparison={"before": {"bias": value}, "after": {"bias": 1}})
    [figure] = table_of(row)["figures"]
    assert (figure.before, figure.after) == (english, "1")
    with translation.override("de"):
        assert table_of(row)["figures"][0].before == german


def test_what_differs_too_little_to_be_seen_is_not_marked():
    row = MatchModel(comparison={"before": {"likely": 0.32901}, "after": {"likely": 0.32949}})
    assert [line.moved for line in table_of(row)["figures"]] == [False]


def test_a_bad_model_is_refused_on_the_page(client, cast, paula):
    data = {**copy.deepcopy(json.loads(MODEL.read_text())), "weights": {"horoscope": 1.0}}
    row = MatchModel.objects.create(version="9", data=data, comparison={"after": {"weights": {"horoscope": 1.0}}})
    client.force_login(paula)
    answer = client.post(f"{HOME}{row.ref}/publish/", {"reason": "Stars"})
    assert answer.status_code == 422 and "horoscope" in answer.content.decode() and "cannot be used" in answer.content.decode()
    row.refresh_from_db()
    assert row.status == ModelStatus.PROPOSED


@pytest.mark.parametrize(
    ("who", "home", "model", "step"),
    [("dana", 200, 200, 403), ("carla", 403, 404, 404), ("sam", 403, 404, 404), ("amir", 302, 302, 302), ("finn", 403, 404, 404)],
)
def test_who_sees_what(client, cast, who, home, model, step):
    judged(cast)
    row = propose_model(refit(), by=None)
    client.force_login(getattr(cast, who))
    assert client.get(HOME).status_code == home
    assert client.get(f"{HOME}{row.ref}/").status_code == model
    assert client.post(f"{HOME}{row.ref}/publish/", {"reason": "Mine"}).status_code == step
    row.refresh_from_db()
    assert row.status == ModelStatus.PROPOSED
    assert not Event.objects.filter(name__in=["deals.model.published", "deals.model.retired"]).exists()


def test_a_folder_s_figures_are_shown(client, cast, paula):
    row = MatchModel.objects.create(
        version="3",
        data=json.loads(MODEL.read_text()),
        comparison={
            "pairs": 3,
            "folder": "names",
            "before": {"registrar": {"caught": 97.0}, "weights": {}},
            "after": {"registrar": {"caught": 98.0}, "weights": {}},
        },
    )
    client.force_login(paula)
    page = client.get(f"{HOME}{row.ref}/").content.decode()
    assert "Known duplicates found" in page and "98" in page and "“names”" in page


def test_merges_have_a_list_whose_rows_lead_to_the_merge(client, cast):
    one, two = (resolve_customer(Identity(name, country="AT"), by=None)[0] for name in ("Swarovski KG", "Swarovsky KG"))
    row = merge_customers(one, two, by=cast.dana, reason="One")
    client.force_login(cast.dana)
    page = client.get("/admin/deals/customermerge/").content.decode()
    assert row.ref in page and "Merged by" in page and "Dana Desk" in page
    answer = client.get(f"/admin/deals/customermerge/{row.pk}/change/")
    assert answer["Location"] == f"/admin/deals/merges/{row.ref}/"
    client.force_login(cast.carla)
    assert client.get("/admin/deals/customermerge/").status_code == 403
    assert client.get(f"/admin/deals/customermerge/{row.pk}/change/").status_code == 404
