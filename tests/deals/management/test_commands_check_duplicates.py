"""manage.py check_duplicates: the engine of a registration for a whole file; one row out per row in, nothing written."""

import csv
import json
import os
import re
import stat
from itertools import product as product_of
from pathlib import Path

import pytest
from django.core.management import call_command, load_command_class
from django.utils import timezone

from deals.enums import Outcome
from deals.models import AccountCheck, Conflict, Customer, Deal
from deals.queries import bulk_check
from tests.deals.material import approved, opportunity, product, submitted

pytestmark = pytest.mark.django_db
HEAD = "ref,company,domain,country,city,registration_number,products"


@pytest.fixture
def call(tmp_path, capsys):
    """Run the command on these bytes; (exit code, printed, said on stderr, what was written or None)."""

    def run(raw: bytes, *words: str, head: str = HEAD) -> tuple[int, str, str, str | None]:
        source, target = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes(f"{head}\n".encode() + raw)
        code = 0
        try:
            call_command("check_duplicates", str(source), "--output", str(target), *words)
        except SystemExit as stopped:
            code = int(stopped.code)
        said = capsys.readouterr()
        return code, said.out, said.err, target.read_text("utf-8") if target.exists() else None

    return run


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
        doubts.look(line, {"country": "Atlantis", "domain": "", "ref": ref, "products": ""}, {})
    assert (doubts.found.count, [(found.line, found.column) for found in doubts.found.in_order()]) == (6, [(2, "country")])


def test_a_stray_quotation_mark_stops_the_check_with_its_line_and_nothing_is_written(cast, call, tmp_path):
    rest = b"".join(b"%d,Nobody Ltd,,US,,,\n" % n for n in range(2, 5000))
    for raw, line in (
        (b'1,"Zoomit,,US,,,\n' + rest, 2),
        (b'1,"Zoomit,,US,,,\n2,Nobody Ltd,,US,,,\n', 2),
        (rest + b'1,"Zoomit', 5000),
    ):
        code, out, err, written = call(raw)
        assert (code, out, written) == (2, "", None)
        assert f"line {line} " in err and "quotation mark" in err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_row_with_more_cells_than_the_header_is_an_error_and_the_others_are_answered(cast, call):
    opportunity("Zumtobel Lighting GmbH")
    raw = b"4,Procore Technologies, Inc.,,US,,,\n5,Procore, Inc.,,US,,,GTX Pro\n6,Nobody Ltd,,GB\n7,Zumtobel Lighting GmbH\n"
    code, out, err, written = call(raw)
    assert [(row["ref"], row["outcome"], row["rule"]) for row in csv.DictReader(written.splitlines())] == [
        ("4", "error", "too_many_cells"),
        ("5", "error", "too_many_cells"),
        ("6", "clear", "nothing_alike"),
        ("7", "decline", "open_opportunity"),
    ]
    assert (code, out) == (3, "clear: 1, decline: 1, error: 2, rows: 4\n")
    assert (
        "Line 2, row: Cells in this row: 8, in the header: 7. [4,Procore Technologies, Inc.,,US,,,]" in err and "Line 3," in err
    )
    code, out, err, _written = call(raw, "--json")
    told = json.loads(out)
    assert (code, err, told["error"], told["error_count"], told["warning_count"]) == (3, "", 2, 2, 0)
    assert [(one["line"], one["column"]) for one in told["errors"]] == [(2, "row"), (3, "row")]


def test_of_many_rows_in_error_the_first_are_told_and_the_others_counted(cast, call):
    code, out, err, written = call(b"Nobody,1,,,,,,,,\n" * 25, head=HEAD.replace("ref,company", "company,ref"))
    assert (code, out) == (3, "error: 25, rows: 25\n")
    assert err.count("Line ") == 20 and "and 5 more errors: --json lists them." in err
    assert {row["ref"] for row in csv.DictReader(written.splitlines())} == {""}  # it may be shifted


def test_what_the_reader_noticed_is_printed(cast, call):
    raw = "1,Sörgel GmbH,,DE,,,\n".encode("cp1252")
    said = "Read as Windows-1252, because it is not UTF-8."
    assert call(raw)[1] == f"{said}\nclear: 1, rows: 1\n"
    assert json.loads(call(raw, "--json")[1])["notes"] == [said]
    assert json.loads(call(b"", "--json")[1])["notes"] == []


def test_a_public_mail_host_is_told_to_be_no_evidence(cast, call):
    _code, out, _err, _written = call(
        b"1,Nobody Ltd,me@gmail.com,,,,\n2,Anybody Ltd,gmail.com,,,,\n3,Somebody Ltd,example.com,,,,\n", "--json"
    )
    told = json.loads(out)["warnings"]
    assert [(one["line"], one["column"], one["value"]) for one in told] == [
        (2, "domain", "me@gmail.com"),
        (3, "domain", "gmail.com"),
    ]


def test_a_legal_form_alone_counts_as_no_name(cast, check):
    opportunity("Swarovski KG")
    rows = check("1,,,,,,", "2,GmbH,,,,,", "3,GmbH,swarovski.com,,,,", "4,,swarovski.com,,,,")
    assert [(row["outcome"], row["rule"]) for row in rows[:2]] == [("review", "no_name")] * 2
    assert [row["rule"] for row in rows[2:]] == ["nothing_alike"] * 2  # the domain is asked about


def test_the_file_written_has_the_mode_of_any_new_file(cast, call, tmp_path):
    before = os.umask(0o027)
    try:
        call(b"1,Nobody Ltd,,,,,\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("name", "said"),
    [("folder", "{target} is a folder. Name the file to write."), ("x" * 250, "{target} cannot be written: File name too long.")],
)
def test_what_cannot_be_written_to_is_told_in_words(cast, tmp_path, capsys, name, said):
    (tmp_path / "folder").mkdir()
    source, target = tmp_path / "in.csv", tmp_path / name
    source.write_text(HEAD + "\n1,Nobody Ltd,,AT,,,\n")
    with pytest.raises(SystemExit) as stopped:
        call_command("check_duplicates", str(source), output=str(target))
    assert stopped.value.code == 2
    assert capsys.readouterr().err.strip() == said.format(target=target)


def test_the_help_names_every_column_and_outcome():
    words = set(re.findall(r"\w+", load_command_class("deals", "check_duplicates").create_parser("manage.py", "x").format_help()))
    assert words >= {*bulk_check.NEEDED, *bulk_check.EXTRA, *bulk_check.OUT, *Outcome.values, bulk_check.NOT_READ}
