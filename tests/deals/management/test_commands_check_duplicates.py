"""manage.py check_duplicates: the engine of a registration for a whole file; one row out per row in, nothing written."""

import csv
import json
from itertools import product as product_of
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from deals.models import AccountCheck, Conflict, Customer, Deal
from deals.queries import bulk_check
from tests.deals.material import approved, opportunity, product, submitted

pytestmark = pytest.mark.django_db
HEAD = "ref,company,domain,country,city,registration_number,products"


@pytest.fixture
def check(tmp_path, capsys):
    """Run the command on these lines; answers the rows of the output by ref."""

    def run(*lines: str, head: str = HEAD) -> list[dict[str, str]]:
        source, target = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_text("\n".join([head, *lines]), encoding="utf-8")
        call_command("check_duplicates", str(source), output=str(target), json=True)
        run.counts = json.loads(capsys.readouterr().out)
        with target.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return run


def test_each_outcome_with_what_it_matched(cast, check):
    opportunity("Zumtobel Lighting GmbH", external_id="OPP-1")
    opportunity("Swarovski KG", external_id="OPP-2", touched=timezone.localdate().replace(year=2020))
    held = approved(cast.globex, cast.boris, cast.carl, "Andritz AG")
    first = submitted(cast.globex, cast.boris, "Doppelmayr Seilbahnen GmbH")
    before = [model.objects.count() for model in (Customer, Deal, Conflict, AccountCheck)]
    rows = check(
        "a,ZUMTOBEL LIGHTING Ges.m.b.H.,,AT,,,GTX Pro",
        "b,Swarovski,,,,,",
        "c,Andritz AG,,AT,,,gtx-pro",
        "d,Doppelmayr Seilbahnen,,AT,,,",
        "e,Nobody Knows Them Ltd,,GB,,,",
        "f,Zumtobel Lighting GmbH,,AT,,,Something else",
        "g,Zumtobel Lighting GmbH,,DE,,,",
    )
    assert [(row["ref"], row["outcome"], row["matched_kind"], row["matched_ref"]) for row in rows[:5]] == [
        ("a", "decline", "opportunity", "OPP-1"),
        ("b", "review", "opportunity", "OPP-2"),
        ("c", "decline", "deal", held.ref),
        ("d", "waiting", "deal", first.ref),
        ("e", "clear", "", ""),
    ]
    assert [(row["outcome"], row["rule"]) for row in rows[5:]] == [("clear", "other_products"), ("review", "other_country")]
    assert rows[0]["fields"].split("|")[0] == "name"
    assert 0 < float(rows[0]["score"]) <= 1
    assert check.counts["rows"] == 7
    assert [model.objects.count() for model in (Customer, Deal, Conflict, AccountCheck)] == before


@pytest.mark.parametrize("company", ["", "GmbH", "🙂", "a" * 10_000, "\u200f\u202e", "X"])
def test_odd_companies_get_a_row_all_the_same(cast, check, company):
    opportunity()
    [row, last] = check(f'1,"{company}",,,,,', "2,Zumtobel Lighting GmbH,,AT,,,")
    assert row["ref"] == "1"
    assert row["outcome"] in ("review", "clear")
    assert last["outcome"] == "decline"


def test_a_file_with_a_wrong_header_or_none_ends_with_two(cast, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("ref,firm\n1,Acme\n")
    for name in (str(bad), str(tmp_path / "missing.csv")):
        with pytest.raises(SystemExit) as stopped:
            call_command("check_duplicates", name, output=str(tmp_path / "out.csv"))
        assert stopped.value.code == 2
    assert [path.name for path in Path(tmp_path).iterdir()] == ["bad.csv"]


def test_the_optional_columns_count_as_evidence(cast, check):
    product()
    [row] = check("1,Zumtobel,,AT,,,,Schweizer Strasse 30,6850,+43 5572 390", head=HEAD + ",street,postcode,phone")
    assert row["outcome"] == "clear"


def test_a_batch_answers_as_the_single_check_does(cast, monkeypatch, check):
    """Neighbours in the file change nothing: not the candidates, not the words' rarity, not the findings."""
    for n, name in enumerate(
        ["Zumtobel Lighting GmbH", "Swarovski KG", "Swarovski Optik KG", "First Bancorp", "Bancorp First AG"]
    ):
        opportunity(name, external_id=f"OPP-{n}")
    approved(cast.globex, cast.boris, cast.carl, "Andritz AG")
    parent = Customer.objects.get(name="Swarovski KG")
    Customer.objects.filter(name="Swarovski Optik KG").update(parent=parent)
    names = [
        "Zumtobel Lighting",
        "Zumtobel Lihgting",
        "Swarovski",
        "Andritz",
        "First Bancorp",
        "Nobody Ltd",
        "",
        "🙂",
        "Swarovsky Optik",
    ]
    lines = [f"{n},{name},,{country},,,GTX Pro" for n, (name, country) in enumerate(product_of(names, ("AT", "", "DE")))]
    monkeypatch.setattr(bulk_check, "BATCH", 1)
    alone = check(*lines)
    monkeypatch.setattr(bulk_check, "BATCH", 7)
    assert check(*lines) == alone
    assert [row["ref"] for row in alone] == [str(n) for n in range(len(lines))]
    assert {"decline", "review", "clear"} == {row["outcome"] for row in alone}


def test_a_batch_costs_as_many_queries_as_one_row(cast, monkeypatch, check, django_assert_max_num_queries):
    opportunity("Zumtobel Lighting GmbH")
    lines = [f"{n},Zumtobel Lighting GmbH,,AT,,," for n in range(60)]
    with django_assert_max_num_queries(12):
        assert {row["outcome"] for row in check(*lines)} == {"decline"}


def test_what_could_not_be_understood_is_told_and_answered(cast, check, tmp_path, capsys):
    product()
    lines = ["a,Nobody Ltd,,XX,,,GTX Pro", "b,Somebody Ltd,,Deutschland,,,Nix;gtx-pro", "a,Anybody Ltd,,AT,,,"]
    rows = check(*lines)
    assert [(row["ref"], row["outcome"]) for row in rows] == [("a", "clear"), ("b", "clear"), ("a", "clear")]
    told = [(one["line"], one["column"]) for one in check.counts["warnings"]]
    assert told == [(2, "country"), (3, "products"), (4, "ref")] and check.counts["warning_count"] == 3
    call_command("check_duplicates", str(tmp_path / "in.csv"), output=str(tmp_path / "out.csv"))
    said = capsys.readouterr()
    assert "Line 2, country:" in said.err and "[XX]" in said.err and "Line 3, products:" in said.err and "line 2" in said.err
    assert said.out == "clear: 3, rows: 3\n"


def test_a_folder_that_is_not_there_is_told_in_one_sentence(cast, tmp_path, capsys):
    source = tmp_path / "in.csv"
    source.write_text(HEAD + "\n1,Nobody Ltd,,AT,,,\n")
    with pytest.raises(SystemExit) as stopped:
        call_command("check_duplicates", str(source), output=str(tmp_path / "none" / "o.csv"))
    assert stopped.value.code == 2
    assert capsys.readouterr().err.strip() == f"There is no folder {tmp_path / 'none'} to write o.csv to."


def test_of_very_many_doubts_a_thousand_are_listed_and_all_counted(monkeypatch):
    monkeypatch.setattr(bulk_check, "DOUBTS", 1)
    monkeypatch.setattr(bulk_check, "REFS", 1)
    doubts = bulk_check.Doubts()
    for line, ref in enumerate(["a", "", "b", "b", "a"], start=2):
        doubts.look(line, {"country": "Atlantis", "ref": ref, "products": ""}, {})
    assert (doubts.found.count, [(found.line, found.column) for found in doubts.found.in_order()]) == (6, [(2, "country")])
