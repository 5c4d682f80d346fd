"""The commands of the learning loop: report, refit, doubles, keys made anew."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from deals.enums import Judged, ModelStatus
from deals.management.commands import find_duplicate_customers, rekey_customers
from deals.models import Customer, MatchModel, TokenCount
from deals.services.customer import resolve_customer
from deals.services.verdict import record_pair
from prm.matching import Identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def pairs(cast):
    for asked, known, word in (
        ("Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn GmbH", Judged.DIFFERENT),
        ("Zumtobel Lighting GmbH", "Zumtobel Lighting Ges.m.b.H.", Judged.SAME),
    ):
        customer, _new = resolve_customer(Identity(known, country="AT"), by=None)
        one, two = Identity(asked, country="AT"), Identity(known, country="AT")
        record_pair(one, two, customer, word, by=cast.dana, now=timezone.now(), source="review")


def said(capsys, *command) -> str:
    call_command(*command)
    return capsys.readouterr().out


def test_report(pairs, capsys):
    text = said(capsys, "report_duplicates")
    assert "precision" in text and "all" in text and "likely but different: Doppelmayr Seilbahnen GmbH" in text
    found = json.loads(said(capsys, "report_duplicates", "--json"))
    assert found["total"] == {
        "month": None, "judged": 2, "certain_same": 1, "certain_different": 0, "likely_same": 0, "likely_different": 1,
        "unlikely_same": 0, "unlikely_different": 0, "precision": 50.0, "recall": 100.0,
    }  # fmt: skip
    assert [row["verdict"] for row in found["disagreements"]] == ["different"]
    assert found["disagreements"][0]["asked"]["name"] == "Doppelmayr Seilbahnen GmbH"


def test_report_of_nothing(capsys):
    assert said(capsys, "report_duplicates") == "Nobody has judged a pair yet.\n"


def test_refit_is_a_dry_run(pairs, capsys):
    text = said(capsys, "refit_duplicates")
    assert "judged pairs: 2" in text and "precision" in text and text.endswith("Dry run: nothing was written.\n")
    assert not MatchModel.objects.exists()
    found = json.loads(said(capsys, "refit_duplicates", "--json"))
    assert (found["pairs"], found["proposed"], found["after"]["version"]) == (2, None, "3")


def test_refit_proposes_when_asked(pairs, capsys):
    text = said(capsys, "refit_duplicates", "--propose")
    row = MatchModel.objects.get()
    assert (row.status, row.version) == (ModelStatus.PROPOSED, "3") and f"Proposed as v3 ({row.ref})" in text
    assert json.loads(said(capsys, "refit_duplicates", "--propose", "--json"))["proposed"].startswith("MO-")


def test_refit_with_a_folder_shows_the_registrar_s_figures(tmp_path, capsys):
    rows = [f"E{n},{word} {goods} {form}" for n, (word, goods) in enumerate(
        (w, g) for w in ("Nordlicht", "Seewind", "Bergkamm", "Talblick") for g in ("Optik", "Glaswerk", "Papier", "Kabel")
    ) for form in ("GmbH", "AG")]  # fmt: skip
    (tmp_path / "records.csv").write_text("\n".join(["entity_id,name", *rows]))
    text = said(capsys, "refit_duplicates", "--folder", str(tmp_path))
    assert "new_declined" in text and "caught_certain" in text


@pytest.mark.parametrize("folder", [[], ["--folder", "/nowhere"]])
def test_refit_says_what_is_missing(folder, capsys):
    with pytest.raises(SystemExit) as left:
        call_command("refit_duplicates", *folder)
    assert left.value.code == 2 and capsys.readouterr().err


def test_doubles(capsys, monkeypatch):
    for name in ("Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn GmbH", "Swarovski KG", "Swarovsky KG"):
        resolve_customer(Identity(name, country="AT"), by=None)
    monkeypatch.setattr(find_duplicate_customers, "TOLD_EVERY", 2)
    call_command("find_duplicate_customers")
    out = capsys.readouterr()
    assert "2 pairs among 4 customers." in out.out and "Swarovski KG | C-" in out.out and "4 customers looked at" in out.err
    call_command("find_duplicate_customers", "--json", "--limit", "1")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 1 and rows[0]["certainty"] == "likely"
    with pytest.raises(CommandError):
        call_command("find_duplicate_customers", "--limit", "0")


def test_rekey(capsys, monkeypatch):
    for name in ("Doppelmayr Seilbahnen GmbH", "Swarovski KG"):
        resolve_customer(Identity(name, country="AT"), by=None)
    assert said(capsys, "rekey_customers") == "2 customers looked at, nothing had to change.\n"
    keys = sum(len(row.match_keys) for row in Customer.objects.all())
    Customer.objects.update(core="old", match_keys=[1])
    TokenCount.objects.filter(token="swarovski").update(names=9)
    tail = f"2 customers looked at, 2 changed: {keys} keys added, 2 removed; counts of words put right: 1.\n"
    assert said(capsys, "rekey_customers", "--dry-run") == f"Dry run, nothing was written. It would be: {tail}"
    counts = {"customers": 2, "changed": 2, "keys_added": keys, "keys_removed": 2, "words": 1}
    assert json.loads(said(capsys, "rekey_customers", "--dry-run", "--json")) == {**counts, "dry_run": True}
    monkeypatch.setattr(rekey_customers, "TOLD_EVERY", 2)
    call_command("rekey_customers")
    out = capsys.readouterr()
    assert out.out == tail
    assert out.err.splitlines() == ["words: 2 of 2 customers", "customers: 2 of 2 customers"]
    done = {**dict.fromkeys(counts, 0), "customers": 2, "dry_run": False}
    assert json.loads(said(capsys, "rekey_customers", "--json")) == done and capsys.readouterr().err == ""
