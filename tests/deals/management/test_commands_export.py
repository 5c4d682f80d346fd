"""manage.py export_protections: every live protection, with the opportunities it stands beside; nothing half-written."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from deals.services import protection
from tests.deals.material import approved, opportunity, submitted

pytestmark = pytest.mark.django_db


def export(capsys, *args):
    call_command("export_protections", *args)
    return capsys.readouterr().out


@pytest.fixture
def deals(cast):
    """One beside an old opportunity of each CRM, one alone, one that has ended, one undecided."""
    old = timezone.localdate() - timedelta(days=90)
    opportunity(touched=old, source="crm", external_id="CRM-1")
    opportunity(touched=old, source="sap", external_id="SAP-9")
    first = approved(cast.acme, cast.amir, cast.carla, city="Dornbirn")
    second = approved(cast.globex, cast.boris, cast.carl, "=Kranz; Verlag, GmbH", website="kranz.de")
    protection.lose_deal(approved(cast.acme, cast.amir, cast.carla, "Beta Werke"), by=cast.amir, reason="price")
    submitted(cast.acme, cast.amir, "Gamma Werke")
    return first, second


def test_the_live_ones_and_what_they_match(capsys, deals):
    first, second = deals
    rows = list(csv.DictReader(io.StringIO(export(capsys))))
    assert [row["deal_ref"] for row in rows] == [first.ref, second.ref]
    assert rows[0]["external_ids"] == "CRM-1|SAP-9"
    assert (rows[0]["partner"], rows[0]["customer"], rows[0]["city"]) == ("Acme", "Zumtobel Lighting GmbH", "Dornbirn")
    assert (rows[0]["products"], rows[0]["effect"], rows[0]["scope"]) == ("GTX Pro", "exclusive", "site")
    assert rows[0]["protected_until"] == first.protected_until.isoformat()
    assert (rows[1]["customer"], rows[1]["domain"], rows[1]["external_ids"]) == ("'=Kranz; Verlag, GmbH", "kranz.de", "")


def test_only_the_ids_of_one_crm(capsys, deals):
    rows = list(csv.DictReader(io.StringIO(export(capsys, "--source", "sap"))))
    assert [row["external_ids"] for row in rows] == ["SAP-9", ""]


def test_into_a_file_at_once_with_counts(capsys, deals, tmp_path):
    target = tmp_path / "out.csv"
    assert json.loads(export(capsys, "--output", str(target), "--json")) == {"protections": 2, "matched": 1}
    assert len(target.read_text().splitlines()) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert "2 protections" in export(capsys, "--output", str(target))


def test_no_place_to_write_and_two_things_in_one_stream(capsys, deals, tmp_path):
    with pytest.raises(SystemExit) as ended:
        export(capsys, "--output", str(tmp_path / "no" / "out.csv"))
    assert ended.value.code == 2
    with pytest.raises(CommandError):
        export(capsys, "--json")


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_do_not_grow(cast, capsys, count, django_assert_num_queries):
    for name in ["Alpha Werke", "Beta Werke", "Gamma Werke"][:count]:
        approved(cast.acme, cast.amir, cast.carla, name)
    with django_assert_num_queries(4):
        export(capsys)
