"""The opportunity import at full size: 100,000 rows within 60 s and 500 MB, twice; for a machine with nothing else to do."""

import json
import random
import subprocess
import sys

import pytest
from django.db import connection

from deals.models import Opportunity
from tests.deals.services.test_imports_opportunities import HEADER

ROWS = 100_000
WORDS = [
    "alpine",
    "baltic",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "granite",
    "harbor",
    "iron",
    "juniper",
    "kestrel",
    "lumen",
    "maple",
]
PROGRAM = """
import json, resource, sys, time
import django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[2]
from deals.services.imports import import_opportunities
started = time.monotonic()
report = import_opportunities(sys.argv[1])
print(json.dumps({
    "counts": [report.outcome, report.created, report.updated, report.unchanged],
    "seconds": time.monotonic() - started,
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def write(path):
    pick = random.Random(7)
    with path.open("w", encoding="utf-8") as handle:
        handle.write(",".join(HEADER) + "\n")
        for number in range(ROWS):
            words = f"{pick.choice(WORDS).title()} {pick.choice(WORDS).title()}{pick.randrange(9999)}"
            name = f"{words} {pick.choice(['GmbH', 'Inc', 'Ltd'])}"
            domain = f"d{pick.randrange(10**7)}.com" if pick.random() < 0.7 else ""
            products = "|".join(pick.sample(["GTX Pro", "MG Special", "GTK 500", "GTX Basic"], 2))
            country = pick.choice(["US", "DE", ""])
            handle.write(f"O-{number},{name},{domain},{country},,,{products},{number}.50,USD,Proposal,Ann,2026-01-05,\n")
    return path


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_rows(tmp_path):
    file = write(tmp_path / "o.csv")
    for counts in (["loaded", ROWS, 0, 0], ["loaded", 0, 0, ROWS]):
        command = [sys.executable, "-c", PROGRAM, str(file), connection.settings_dict["NAME"]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["counts"] == counts
        assert found["megabytes"] < 500
        assert found["seconds"] < 60
    assert Opportunity.objects.count() == ROWS
