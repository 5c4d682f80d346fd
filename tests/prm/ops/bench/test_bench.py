"""Each measurement measures the real thing, at a small size; the command as a whole is tried in the soak."""

import json
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from deals.models import Conflict, Opportunity
from prm.mail.models import Message
from prm.matching import fit as fitting
from prm.matching import load_model
from prm.matching.quality import DRAWS, Protocol
from prm.ops.bench import duplicates, imports, mail, measure, pages, rivals
from prm.ops.bench.sink import sink
from prm.ops.scale.load import load

NAMES = Path(__file__).parents[2] / "matching" / "data" / "records.csv"


def test_percentiles_growth_and_ratios():
    assert measure.percentile([5.0, 1.0, 3.0], 50) == 3.0
    assert measure.percentile([float(n) for n in range(1, 101)], 95) == 95.0
    assert measure.percentile([7.0], 95) == 7.0
    assert measure.summary([1.0, 2.0, 9.0]) == {"p50_ms": 2.0, "p95_ms": 9.0}
    assert measure.growth({10: 2.0, 100: 3.0, 1000: 9.0}) == {"10->100": 1.5, "100->1000": 3.0}
    assert measure.ratio(1.0, 0.0) == 0.0


@pytest.mark.django_db
def test_every_case_runs_in_every_round():
    calls = count()
    found = measure.rounds({"one": lambda: next(calls), "two": lambda: next(calls)}, count=3, warm=1)
    assert {name: (len(times.wall), len(times.work)) for name, times in found.items()} == {"one": (3, 3), "two": (3, 3)}
    assert next(calls) == 8


@pytest.mark.django_db
def test_pages_and_duplicate_checks_are_measured_beside_their_floors(monkeypatch):
    network = load(400, 60, partners=20)
    with pages._as_served():
        found = {role: pages._measure(role, user, 1) for role, user in network.people.items()}
    assert set(found["small"]["pages"]) == set(found["largest"]["pages"])
    assert {"list first", "list deep", "list chip won", "list search word", "list sort -until", "detail"} <= set(
        found["largest"]["pages"]
    )
    assert {"queue first", "queue overdue", "review page"} <= set(found["desk"]["pages"])
    assert {"records first", "records search word"} <= set(found["desk"]["pages"])
    for role in found.values():
        assert {name: page["queries"] for name, page in role["pages"].items() if page["queries"] > pages.QUERIES_AT_MOST} == {}
        assert role["floor"]["queries"] <= 7
    assert found["largest"]["pages"]["list first"]["rows"] > found["largest"]["pages"]["list search nothing"]["rows"] == 0
    report = json.loads(json.dumps(pages._report({400: found, 4000: found}, 1, True)))
    assert report["growth_p50_work"]["desk"]["queue first"] == {"400->4000": 1.0}
    monkeypatch.setattr(duplicates, "_settle", lambda: None)  # no VACUUM inside a test's transaction
    checked = duplicates._measure(duplicates.Options(queries=12, recall=24, trigrams=3), lambda text: None)
    assert checked["check"]["p95_ms"] > checked["floor"]["p50_ms"] > 0
    found = checked["in_the_evidence"]
    assert found.get("form", 1) == 1, "a name without its legal form finds its customer"
    assert sum(found.values()) >= len(found) / 2, (
        "most misspelt names do (the ids are drawn anew each time, and so are the names)"
    )
    recall = checked["candidate_recall"]
    assert sum(recall.values()) >= 0.8 * len(recall)
    assert checked["pg_trgm"]["queries"] == 3
    assert Conflict.objects.filter(candidates__isnull=False).exists(), "the evidence is written"


def test_a_slower_page_than_the_target_is_named():
    page = {"p50_ms": 10.0, "p95_ms": 12.0, "queries": 8, "x_floor": 1.2, "rows": 26}
    slow = {"p50_ms": 50.0, "p95_ms": 60.0, "queries": 13, "x_floor": 6.0, "rows": 26}
    floor = {"p50_ms": 9.0, "p95_ms": 10.0, "queries": 5}
    found = list(
        pages._missed(
            {
                10: {"small": {"floor": floor, "pages": {"list": page, "deep": page}}},
                100: {"small": {"floor": floor, "pages": {"list": page, "deep": slow}}},
            },
            quiet=True,
        )
    )
    assert found == [
        "small: deep: 13 queries",
        "small: deep: p95 is 6.0 times the floor",
        "small: deep: p95 12.0 ms at 10, 60.0 ms at 100",
    ]


@pytest.mark.parametrize(("rows", "after", "slower"), [(5, 12.0, True), (10, 14.0, False), (10, 20.0, True), (4, 12.0, True)])
def test_a_page_that_is_only_fuller_is_judged_by_the_row(rows, after, slower):
    """Five rows took 5 ms beyond the floor: ten may take ten, not sixteen; and as many rows as before take no longer."""
    floor = {"p95_ms": 4.0}
    before = {"p95_ms": 9.0, "queries": 8, "x_floor": 2.25, "rows": 5}
    later = {"p95_ms": after, "queries": 8, "x_floor": 3.0, "rows": rows}
    results = {
        10: {"small": {"floor": floor, "pages": {"list": before}}},
        100: {"small": {"floor": floor, "pages": {"list": later}}},
    }
    assert bool(list(pages._missed(results, quiet=True))) is slower


@pytest.mark.django_db
def test_the_import_that_is_measured_loads_its_file(tmp_path):
    path = tmp_path / "pipeline.csv"
    imports._write(path, 50)
    assert imports._copy(path) > 0
    assert imports._import(path) > 0
    assert imports._import(path) > 0
    assert Opportunity.objects.count() == 50


@pytest.mark.django_db
def test_mails_go_through_both_loops():
    with sink() as port, override_settings(**mail._settings(port)):
        assert mail._write(3) > 0
        assert mail._ours(3) > 0
        assert Message.objects.filter(status="sent").count() == 3
        assert mail._bare([mail.email_of(row) for row in Message.objects.select_related("body")], port) > 0


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_the_command_makes_and_drops_its_own_databases(capsys):
    call_command("bench", "mail", "--mails", "20")
    found = json.loads(capsys.readouterr().out)
    assert (found["bench"], found["mails"]) == ("mail", 20)
    assert found["delivered_per_s"] > 0


@pytest.mark.django_db
def test_the_others_are_given_their_best_threshold(tmp_path):
    true, new = [0.9, 0.8, 0.3], [0.85, 0.2]
    assert rivals.at_best_threshold(true, new) == {
        "caught": 33.33, "new_flagged": 0.0, "at": 0.9, "new_flagged_where_97_5_are_caught": 50.0
    }  # fmt: skip
    protocol = Protocol(
        registered=[("a", "Acme Trading Inc."), ("b", "Zumtobel Lighting GmbH")],
        duplicates=[("a", "ACME TRADING CORP"), ("b", "Zumtobel Lihgting")],
        new=[("c", "Swarovski KG")],
    )
    found = rivals.side_by_side(protocol)
    assert found["exact core"]["caught"] == 50.0
    assert found["best single RapidFuzz scorer"]["caught"] == found["pg_trgm"]["caught"] == 100.0
    assert len(found["every RapidFuzz scorer"]) == 2 * len(rivals.SCORERS)
    assert found["Splink"]


def test_without_the_known_names_the_bench_says_so(tmp_path):
    assert "no known names" in duplicates._quality(tmp_path, print, load_model())


@pytest.mark.django_db
def test_names_that_we_were_fitted_on_are_not_measured_with_what_was_fitted_on_them(tmp_path):
    lines = NAMES.read_text("utf-8").splitlines()
    (tmp_path / "records.csv").write_text("\n".join(lines[:400]), encoding="utf-8")
    strange = duplicates._quality(tmp_path, print, load_model())
    assert "none" in strange["names"] and strange["ours"]["registered"] > 100
    assert strange["ours, mean of draws"]["draws"] == DRAWS
    known = replace(load_model(), figures={"names": fitting.fingerprint(tmp_path)})
    ours = duplicates._quality(tmp_path, print, known)
    assert "other half" in ours["names"]
    assert ours["ours"]["duplicates"] < strange["ours"]["duplicates"], "but one half is asked"
