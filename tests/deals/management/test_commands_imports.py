"""The import commands from outside: exit codes, what they print, JSON, the list of errors beside the file."""

import csv
import json
import subprocess
import sys

import pytest
from django.core.management import call_command

from deals.models import Customer, Opportunity
from prm.catalog.models import Rate
from prm.record.models import ImportRun
from tests.deals.services.test_imports_opportunities import HEADER, row

SCHEMA = {
    "kind": str, "file": str, "source": str, "dry_run": bool, "outcome": str, "run": str, "rows": int, "created": int,
    "updated": int, "unchanged": int, "error_rows": int, "errors": int, "problems": list, "problems_left_out": int,
    "warnings": list, "warnings_left_out": int, "notes": list, "new_customers": int, "new_products": list, "open_rows": int,
    "open_counted_as_active": int, "seconds": float,
}  # fmt: skip


def write(path, *rows, header=HEADER):
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, header, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(capsys, name, *arguments):
    """(exit code, stdout, stderr)"""
    code = 0
    try:
        call_command(name, *map(str, arguments))
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.django_db
def test_a_good_file(tmp_path, capsys):
    code, out, err = run(capsys, "import_opportunities", write(tmp_path / "o.csv", row(1), row(2)), "--source", "sap")
    assert code == 0
    assert "2 created, 0 updated, 0 unchanged, 0 rows in error" in out
    assert "read: 100 %" in err
    assert set(Opportunity.objects.values_list("source", flat=True)) == {"sap"}
    assert [path.name for path in tmp_path.iterdir()] == ["o.csv"]


@pytest.mark.django_db
def test_errors_are_printed_and_stand_in_a_file_beside(tmp_path, capsys):
    rows = [row(1), *(row(number, amount="=1+1") for number in range(2, 40))]
    code, out, err = run(capsys, "import_opportunities", write(tmp_path / "o.csv", *rows))
    assert code == 1
    assert "Nothing was loaded: 38 rows in error of 39." in out
    assert "Line 3, amount: Write the number with a point" in err
    assert "18 more errors" in err
    with (tmp_path / "o.errors.csv").open(encoding="utf-8-sig") as handle:
        listed = list(csv.DictReader(handle))
    assert len(listed) == 38
    assert (listed[0]["line"], listed[0]["column"], listed[0]["value"]) == ("3", "amount", "'=1+1")
    assert not Opportunity.objects.exists()


@pytest.mark.django_db
def test_keep_good_has_its_own_exit_code(tmp_path, capsys):
    code, out, _err = run(capsys, "import_opportunities", write(tmp_path / "o.csv", row(1), row(2, amount="x")), "--keep-good")
    assert code == 3
    assert "1 created, 0 updated, 0 unchanged, 1 row in error" in out


@pytest.mark.django_db
def test_a_dry_run_says_so_and_writes_nothing(tmp_path, capsys):
    code, out, _err = run(capsys, "import_opportunities", write(tmp_path / "o.csv", row(1)), "--dry-run")
    assert code == 0
    assert "Dry run, nothing was changed. It would be: 1 created" in out
    assert not (Opportunity.objects.exists() or Customer.objects.exists() or ImportRun.objects.exists())


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [["--json"], ["--json", "--dry-run"]])
def test_json(tmp_path, capsys, arguments):
    code, out, err = run(
        capsys, "import_opportunities", write(tmp_path / "o.csv", row(1), row(2, domain="none here")), *arguments
    )
    report = json.loads(out)
    assert (code, err) == (0, "")
    assert {name: type(value) for name, value in report.items()} == SCHEMA
    assert (report["created"], report["dry_run"], bool(report["run"])) == (
        2,
        "--dry-run" in arguments,
        "--dry-run" not in arguments,
    )
    assert report["warnings"] == [
        {"line": 3, "column": "domain", "message": "This is no web address; it was left out.", "value": "none here"}
    ]


@pytest.mark.django_db
def test_json_holds_every_error(tmp_path, capsys):
    code, out, _err = run(
        capsys, "import_opportunities", write(tmp_path / "o.csv", *(row(n, amount="x") for n in range(30))), "--json"
    )
    report = json.loads(out)
    assert (code, report["outcome"], len(report["problems"]), report["problems_left_out"]) == (1, "refused", 30, 0)
    assert set(report["problems"][0]) == {"line", "column", "message", "value"}
    assert [path.name for path in tmp_path.iterdir()] == ["o.csv"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["import_opportunities", "import_sales", "import_rates", "import_partners"])
def test_a_file_that_cannot_be_read(tmp_path, capsys, name):
    code, _out, err = run(capsys, name, tmp_path / "none.csv")
    assert code == 2
    assert "cannot be read: No such file or directory" in err
    (tmp_path / "x.csv").write_text("wrong,columns\n1,2\n")
    code, out, _err = run(capsys, name, tmp_path / "x.csv", "--json")
    assert code == 2
    assert "is missing" in json.loads(out)["message"]


@pytest.mark.django_db
def test_rates(tmp_path, capsys):
    file = tmp_path / "r.csv"
    file.write_text("date,currency,rate,source\n2026-01-02,EUR,1.1,ECB\n2026-01-02,JPY,0.0065,ECB\n")
    assert run(capsys, "import_rates", file)[0] == 0
    assert Rate.objects.count() == 2
    assert "0 created, 0 updated, 2 unchanged" in run(capsys, "import_rates", file)[1]


def test_a_wrong_call_ends_with_two():
    done = subprocess.run([sys.executable, "manage.py", "import_opportunities"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "FILE" in done.stderr
