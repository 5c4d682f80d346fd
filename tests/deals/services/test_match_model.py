"""Weights are proposed by a refit and published by a person; the check goes by them."""

from __future__ import annotations

import copy
import json

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from deals.enums import MODEL_STEPS, Judged, ModelStatus
from deals.models import Conflict, IdentityVerdict, MatchModel
from deals.queries.learned import current_model, next_version
from deals.queries.refit import judged_pairs, refit
from deals.services import match_model as services
from deals.services.customer import resolve_customer
from deals.services.verdict import record_pair, withdraw_verdict
from partners.enums import StaffRole
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.matching import Identity, load_model
from prm.matching.score import MODEL
from tests.cast import make_staff
from tests.deals.material import opportunity, submitted

pytestmark = pytest.mark.django_db
SHIPPED = json.loads(MODEL.read_text())


@pytest.fixture
def paula(cast):
    return make_staff("Paula Program", cast.desk, StaffRole.PROGRAM_MANAGER)


def stored(version: str = "3", **changes) -> MatchModel:
    data = {**copy.deepcopy(SHIPPED), "version": version, **changes}
    return MatchModel.objects.create(version=version, data=data)


def judged(cast, *pairs):
    """(asked, known, same) as labelled pairs."""
    for asked, known, same in pairs:
        customer, _new = resolve_customer(Identity(known, country="AT"), by=None)
        word = Judged.SAME if same else Judged.DIFFERENT
        one, two = Identity(asked, country="AT"), Identity(known, country="AT")
        record_pair(one, two, customer, word, by=cast.dana, now=timezone.now(), source="review")


def test_without_a_row_the_shipped_model_holds():
    assert current_model() == load_model() and next_version() == "3"


def test_publishing_changes_the_next_check_and_its_record(cast, paula):
    opportunity("Zumtobel Lighting Systems GmbH")
    assert Conflict.objects.get(deal=submitted(cast.acme, cast.amir)).rule == "likely_same"
    row = services.publish_model(stored(likely=0.95), by=paula, reason="Fewer to look at")
    check = Conflict.objects.get(deal=submitted(cast.globex, cast.boris, "Zumtobel Lightning GmbH"))
    assert check.engine_version == "3"
    assert (row.status, row.published_by, row.reason) == (ModelStatus.PUBLISHED, paula, "Fewer to look at")
    assert current_model().likely == 0.95
    event = Event.objects.get(name="deals.model.published")
    assert (event.data, event.internal) == ({"version": "3"}, True)


def test_one_is_published_and_an_older_one_may_be_again(paula):
    one, two = stored("3"), stored("4")
    services.publish_model(one, by=paula, reason="First")
    services.publish_model(two, by=paula, reason="Second")
    one.refresh_from_db()
    assert (one.status, one.retired_by, two.status) == (ModelStatus.RETIRED, paula, ModelStatus.PUBLISHED)
    services.publish_model(one, by=paula, reason="Back")
    assert (current_model().version, next_version()) == ("3", "5")
    two.refresh_from_db()
    with pytest.raises(IntegrityError, match="one_published"), transaction.atomic():
        MatchModel.objects.filter(pk=two.pk).update(status=ModelStatus.PUBLISHED)
    services.retire_model(one, by=paula, reason="As shipped")
    assert current_model() == load_model()


def test_a_proposal_can_be_put_aside(paula):
    row = services.retire_model(stored(), by=paula, reason="Too few pairs")
    assert (row.status, row.retired_by) == (ModelStatus.RETIRED, paula)
    with pytest.raises(StaleState):
        services.retire_model(row, by=paula, reason="Again")


@pytest.mark.parametrize("name", list(MODEL_STEPS))
@pytest.mark.parametrize("status", ModelStatus.values)
def test_each_step_starts_where_the_table_says(paula, name, status):
    row = stored()
    if status != ModelStatus.PROPOSED:
        services.publish_model(row, by=paula, reason="One")
    if status == ModelStatus.RETIRED:
        services.retire_model(row, by=paula, reason="Two")
    call = {"publish": services.publish_model, "retire": services.retire_model}[name]
    if status in MODEL_STEPS[name].sources:
        assert call(row, by=paula, reason="Three").status == MODEL_STEPS[name].target
    else:
        with pytest.raises(StaleState):
            call(row, by=paula, reason="Three")


@pytest.mark.parametrize("who", ["carla", "dana", "sam", "amir", "leo"])
def test_only_who_answers_for_the_programme_publishes(cast, paula, who):
    row = stored()
    for call in (services.publish_model, services.retire_model):
        with pytest.raises(NotAllowed):
            call(row, by=getattr(cast, who), reason="Mine")
    with pytest.raises(DomainError, match="fill this in"):
        services.publish_model(row, by=paula, reason="")
    row.refresh_from_db()
    assert row.status == ModelStatus.PROPOSED and not Event.objects.filter(name__startswith="deals.model").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": {"spelling": -1.0}}, "the wrong way"),
        ({"weights": {"other_domain": 2.0}}, "the wrong way"),
        ({"weights": {"horoscope": 1.0}}, "unknown"),
        ({"weights": None}, "cannot be used"),
        ({"bias": "many"}, "cannot be used"),
        ({"bias": float("inf")}, "every weight must be a number"),
        ({"likely": 1.5}, "between 0 and 1"),
    ],
)
def test_a_bad_model_is_refused(paula, changes, said):
    with pytest.raises(DomainError, match=said):
        services.require_usable({**SHIPPED, **changes})
    if "bias" not in changes:
        row = stored(**changes)
        with pytest.raises(DomainError, match=said):
            services.publish_model(row, by=paula, reason="Try")
        row.refresh_from_db()
        assert row.status == ModelStatus.PROPOSED


@pytest.mark.parametrize(
    "weights",
    [{"horoscope": 1.0}, {name: weight for name, weight in SHIPPED["weights"].items() if name != "everyday_word"}],
)
def test_a_stored_model_this_release_cannot_read_is_left_alone(paula, caplog, weights):
    """One with a feature that is gone, and one from before a feature that is new: its weights do not fit the others."""
    row = stored(weights=weights)
    MatchModel.objects.filter(pk=row.pk).update(status=ModelStatus.PUBLISHED, published_by=paula)
    assert current_model() == load_model()
    assert "cannot be read" in caplog.text


def test_what_was_proposed_stays(paula):
    row = stored()
    with pytest.raises(Exception, match="stays_as_proposed|[Rr]ead.?only|Cannot update"), transaction.atomic():
        MatchModel.objects.filter(pk=row.pk).update(data={})


def test_nothing_to_learn_from():
    with pytest.raises(DomainError, match="nothing to learn"):
        refit()


def test_a_few_words_move_the_weights_a_little(cast):
    judged(
        cast,
        ("Zumtobel Lighting GmbH", "Zumtobel Lighting Systems GmbH", False),
        ("Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn AG", True),
    )
    found = refit()
    before, after = found.comparison["before"], found.comparison["after"]
    assert (found.comparison["pairs"], found.comparison["same"], found.comparison["different"]) == (2, 1, 1)
    assert (before["version"], after["version"]) == ("2", "3")
    assert after["likely"] == before["likely"] and after["weights"]["same_domain"] == before["weights"]["same_domain"]
    assert after["weights"]["after_extra"] != before["weights"]["after_extra"]
    moves = [abs(after["weights"][name] - weight) for name, weight in before["weights"].items()]
    assert 0 < max(moves) < 1 and after["log_loss"] <= before["log_loss"]
    services.require_usable(found.data)
    assert not MatchModel.objects.exists(), "a refit writes nothing"


def test_pairs_found_by_rule_do_not_hang_on_the_weights(cast):
    judged(cast, ("Zumtobel Lighting GmbH", "Zumtobel Lighting", True))
    assert judged_pairs()[0].by_rule
    found = refit().comparison
    assert (found["after"]["precision"], found["after"]["recall"]) == (100.0, 100.0)


def test_pairs_of_which_nothing_is_found(cast):
    judged(cast, ("Zumtobel Lighting GmbH", "Andritz Hydro AG", False))
    found = refit().comparison["before"]
    assert (found["precision"], found["recall"], found["found"]) == (None, None, 0)


@pytest.fixture
def folder(tmp_path):
    """Sixty organisations, each with a second spelling."""
    words = ["Nordlicht", "Seewind", "Bergkamm", "Talblick", "Waldquell", "Steinbruch"]
    goods = ["Optik", "Mechanik", "Glaswerk", "Brauerei", "Spedition", "Elektronik", "Papier", "Keramik", "Textil", "Kabel"]
    names = [f"{word}{place} {thing}" for place, thing in enumerate(goods) for word in words]
    rows = ["entity_id,name"]
    for number, name in enumerate(names):
        rows += [f"E{number},{name} GmbH", f"E{number},{name[:-1]} AG"]
    (tmp_path / "records.csv").write_text("\n".join(rows))
    return tmp_path


def test_a_folder_of_known_names_sets_the_threshold_too(cast, folder):
    judged(cast, ("Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn AG", True))
    found = refit(folder)
    assert found.comparison["folder"] == folder.name
    for side in ("before", "after"):
        assert found.comparison[side]["registrar"]["registered"] > 30
    services.require_usable(found.data)
    assert refit(folder).data == found.data, "the same again"


def test_a_folder_alone_is_enough(folder):
    assert "log_loss" not in refit(folder).comparison["after"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "entity_id|name"),
        ("a,b\n1,2\n", "entity_id|name"),
        ("entity_id,name\n", "too few"),
        ("entity_id,name\nE1,Acme\n", "too few"),
    ],
)
def test_a_folder_with_nothing_to_learn_from_says_so(tmp_path, text, said):
    (tmp_path / "records.csv").write_text(text)
    with pytest.raises(DomainError, match=said):
        refit(tmp_path)


def test_a_folder_that_cannot_be_read(tmp_path):
    with pytest.raises(DomainError, match=r"records\.csv"):
        refit(tmp_path)
    (tmp_path / "records.csv").write_text("name\nZumtobel")
    with pytest.raises(DomainError, match="entity_id"):
        refit(tmp_path)


def test_proposing_keeps_the_table(cast, paula):
    judged(cast, ("Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn AG", True))
    found = refit()
    one, two = services.propose_model(found, by=cast.rita), services.propose_model(found, by=None)
    assert (one.version, two.version, one.status) == ("3", "4", ModelStatus.PROPOSED)
    assert two.comparison["after"]["version"] == two.data["version"] == "4"
    assert Event.objects.filter(name="deals.model.proposed").count() == 2
    services.publish_model(two, by=paula, reason="Learned")
    assert current_model().version == "4"
    assert refit().comparison["before"]["version"] == "4"


def test_words_taken_back_teach_nothing(cast):
    judged(cast, ("Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn AG", True))
    row = IdentityVerdict.objects.select_related("customer").get()
    withdraw_verdict(row, by=cast.dana)
    assert judged_pairs() == []
