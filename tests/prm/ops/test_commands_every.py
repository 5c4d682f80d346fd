"""Every command of ours: bad input is answered with a sentence, --json prints one JSON object, --dry-run changes no row.

A command that is not in the table fails here; so does one whose options promise what the table does not try.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection

from tests.deals.material import approved, submitted

KEPT = {"record_importrun", "audit_event"}  # a refused import is written down
OURS = ("prm.", "partners", "programs", "deals", "mdf")
NUL = "a\x00b"
IMPORTS = {
    "import_opportunities": (
        "external_id,customer,domain,country,city,registration_number,products,amount,currency,stage,owner,opened_on,closed_on",
        "X9,Zumtobel Lighting GmbH,,AT,,,,100,USD,open,Otto,2026-01-05,",
        "X9,,,,,,,abc,???,,,,",
    ),
    "import_partners": ("external_ref,name,type", "N9,Northwind,reseller", "N9,,"),
    "import_sales": (
        "source,order_ref,line,partner_ref,distributor_ref,customer,domain,product,ordered_on,term_ends_on,net_amount,currency,deal_ref",
        "erp,SO9,1,{acme},,Zumtobel Lighting GmbH,,GTX Pro,2026-01-05,,100,USD,",
        "erp,,1,nobody,,x,,,yesterday,,much,???,",
    ),
    "import_rates": ("date,currency,rate,source", "2026-01-05,CHF,1.1,ecb", "soon,CHF,-1,"),
}


@dataclass(frozen=True)
class Case:
    """Arguments in one string. `bad`: each is refused with words. `good`: what --json and --dry-run are tried with.
    `lines`: --json prints one object per line."""

    bad: tuple[str, ...] = ()
    good: str = ""
    lines: bool = False


CASES = {
    "bench": Case(bad=("", "nonsense", "pages --deals many")),
    "check_duplicates": Case(bad=("", "/no/such/file.csv --output {folder}/out.csv", "{bad} --output {folder}/out.csv"),
                             good="{companies} --output {folder}/out.csv"),
    "check_invariants": Case(bad=("--surely",), good=""),
    "company_sign_in": Case(bad=("", "P-NOBODY --none", "{acme}", "{acme} --provider unheard-of", f"{NUL} --none"),
                            good="{acme} --none"),
    "erase_person": Case(bad=("", "nobody@nowhere.test --no-input", "x --no-input"), good="susi.suspended@acme.test --no-input"),
    "export_protections": Case(bad=("--output /no/such/folder/x.csv", "--json"), good="--output {folder}/out.csv"),
    "find_duplicate_customers": Case(bad=("--limit 0", "--limit many"), good="", lines=True),
    "import_opportunities": Case(bad=("", "/no/such/file.csv", "{bad}"), good="{good}"),
    "import_partners": Case(bad=("", "/no/such/file.csv", "{bad}"), good="{good}"),
    "import_rates": Case(bad=("", "/no/such/file.csv", "{bad}"), good="{good}"),
    "import_sales": Case(bad=("", "/no/such/file.csv", "{bad}"), good="{good}"),
    "makemessages": Case(bad=("--surely",)),
    "prepare_demo": Case(bad=("--surely",)),
    "refit_duplicates": Case(bad=("--folder /no/such/folder", "--surely"), good=""),
    "rekey_customers": Case(bad=("--surely",), good=""),
    "report_duplicates": Case(bad=("--surely",), good=""),
    "reset_second_factor": Case(bad=("", "nobody@nowhere.test", NUL), good="amir.sales@acme.test"),
    "screenshots": Case(bad=("--surely",)),
    "seed_demo": Case(bad=("--surely",)),
    "seed_scale": Case(bad=("", "--deals -1", "--deals many", "--deals 10")),
    "send_mail_queue": Case(bad=("--every often",)),
    "stop_embedded": Case(bad=("--surely",)),
}  # fmt: skip
REPORTS_ELSEWHERE = {"refit_duplicates"}  # needs judged pairs: tests/deals/management/test_commands_duplicates.py
NAMES = sorted(name for name, app in get_commands().items() if isinstance(app, str) and app.startswith(OURS))


def options_of(name: str) -> set[str]:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    return {option for action in parser._actions for option in action.option_strings}


def every_row() -> list[tuple[str, str]]:
    """A fingerprint of each table."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        parts = [f"SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t" for name in tables]
        cursor.execute(" UNION ALL ".join(parts))
        return sorted(row for row in cursor.fetchall() if row[0] not in KEPT)


@pytest.fixture
def world(cast, tmp_path):
    """What the words in braces stand for."""
    approved(cast.acme, cast.amir, cast.carla)
    submitted(cast.acme, cast.amir, "Swarovski KG")
    companies = tmp_path / "companies.csv"
    companies.write_text("ref,company,domain,country,city,registration_number,products\n1,Zumtobel Lighting GmbH,,AT,,,\n")

    def fill(name: str, arguments: str) -> list[str]:
        header, good, bad = IMPORTS.get(name, ("a", "b", "c"))
        places = {"folder": tmp_path, "acme": cast.acme.ref, "companies": companies}
        for key, row in (("good", good), ("bad", bad)):
            places[key] = tmp_path / f"{key}.csv"
            places[key].write_text(f"{header}\n{row.format(acme=cast.acme.ref)}\n")
        return arguments.format(**places).split(" ") if arguments else []

    return fill


def call(name: str, *arguments: str) -> tuple[int, str, str]:
    """(exit code, printed, said on stderr); what the parser refuses is a CommandError here."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(name, *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return 1, out.getvalue(), err.getvalue() + str(error)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_every_command_stands_in_the_table():
    assert sorted(CASES) == NAMES


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "arguments"), [(name, bad) for name, case in CASES.items() for bad in case.bad])
def test_bad_input_is_refused_in_words_and_changes_nothing(world, name, arguments):
    words = world(name, arguments)
    before = every_row()
    code, out, err = call(name, *words)
    assert code in (1, 2)
    assert (err or out).strip() and "Traceback" not in err + out
    assert every_row() == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in NAMES if "--json" in options_of(name) and name not in REPORTS_ELSEWHERE])
def test_json_is_the_only_thing_printed(world, name):
    code, out, err = call(name, *world(name, CASES[name].good), "--json")
    assert code == 0, err
    found = [json.loads(line) for line in out.splitlines()] if CASES[name].lines else [json.loads(out)]
    assert all(isinstance(row, dict) for row in found)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in NAMES if "--dry-run" in options_of(name)])
def test_a_dry_run_changes_no_row(world, name):
    words = world(name, CASES[name].good)
    before = every_row()
    code, out, err = call(name, *words, "--dry-run")
    assert (code, bool(out.strip())) == (0, True), err
    assert every_row() == before
