import json
from pathlib import Path

import pytest

from prm.matching import Frequency, Identity, load_model, normalise_name
from prm.matching import fit as fitting
from prm.matching.keys import MAX_CANDIDATES
from prm.matching.quality import Protocol, half_of, main, read_protocol, run_protocol
from prm.matching.recall import measure_recall
from prm.matching.register import Register
from prm.matching.variants import recombine

SAMPLE = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def names():
    return [name for _, name in read_protocol(SAMPLE).registered]


def test_registrar_protocol_keeps_its_floor():
    """Floors for a fifth of the data; the figures of the whole stand in `data/model.json`."""
    figures = run_protocol(read_protocol(SAMPLE))
    assert figures["caught"] >= 96.5
    assert figures["caught_certain"] >= 90
    assert figures["new_to_review"] <= 2.5
    assert figures["new_declined"] <= 0.2
    for name, known in figures["wrong_declines"]:  # nothing but namesakes
        assert normalise_name(name).joined == normalise_name(known).joined


def test_halves_share_no_entity_and_are_told_apart():
    fit, test = read_protocol(SAMPLE, "fit"), read_protocol(SAMPLE, "test")
    asked = [{entity for entity, _ in half.duplicates + half.new} for half in (fit, test)]
    assert not asked[0] & asked[1]
    assert {half_of(entity) for entity in asked[0]} == {"fit"}
    assert not {entity for entity, _ in fit.new} & {entity for entity, _ in fit.registered}


def test_candidate_recall_keeps_its_floor(names):
    figures = measure_recall(list(recombine(names, 20_000)), asked=600)
    assert figures["recall_all"] >= 0.985
    assert min(figures["recall"].values()) >= 0.95
    assert figures["keys_per_name"] <= 20
    assert figures["candidates_p95"] <= MAX_CANDIDATES


def test_candidates_stay_bounded_when_everybody_has_the_same_name():
    register = Register([Identity(f"Acme {word} Group") for word in ("Trading", "Holding") for _ in range(2_000)])
    assert len(register.candidates(Identity("Acme Trading Group"))) <= MAX_CANDIDATES
    assert len(register.check(Identity("Acme Tradng Group"))) <= 20
    assert register.check(Identity("Acme Trading Group"))[0][1].rule == "common_name"


def test_frequency_counts_names_not_words():
    frequency = Frequency.of([normalise_name("Acme Acme Trading"), normalise_name("Acme Ltd")])
    assert (frequency.count("acme"), frequency.count("trading"), frequency.total) == (2, 1, 2)
    assert frequency.weight("nobody") == 1
    assert 0.05 <= frequency.weight("acme") < frequency.weight("trading")


def test_fitting_gives_a_usable_model_again_and_again():
    train = read_protocol(SAMPLE, "fit")
    pairs = fitting.labelled_pairs(Protocol(train.registered[:150], train.duplicates[:80], train.new[:40]))
    assert {label for _, label in pairs} == {0, 1}
    bias, weights = fitting.fit_weights(pairs, rounds=40)
    assert (bias, weights) == fitting.fit_weights(list(reversed(pairs)), rounds=40)
    assert bias < 0 < weights["spelling"]
    assert weights["both_extra"] <= 0
    assert fitting.log_loss(load_model(), pairs) < 0.3
    assert fitting.threshold([0.9, 0.5, 0.2, 0.1], 0.25) == pytest.approx(0.5, abs=0.001)


def test_the_shipped_model_says_what_it_was_fitted_with():
    figures = load_model().figures
    assert figures["mean"]["caught"] >= 97.5
    assert figures["mean"]["caught_certain"] >= 90
    assert figures["mean"]["new_to_review"] <= 2
    assert figures["mean"]["new_declined"] <= 0.2
    assert figures["pairs of a draw"] > 10_000


def test_commands_write_json(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "names"
    folder.mkdir()
    rows = (SAMPLE / "records.csv").read_text("utf-8").splitlines()
    (folder / "records.csv").write_text("\n".join(rows[:300]), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["quality", str(folder), "test"])
    main()
    assert json.loads(capsys.readouterr().out)["half"] == "test"
    monkeypatch.setattr("sys.argv", ["fit", str(folder), str(tmp_path / "model.json")])
    fitting.main()
    model = json.loads((tmp_path / "model.json").read_text("utf-8"))
    assert model["version"] != load_model().version
    assert set(model["weights"]) == set(load_model().weights)
