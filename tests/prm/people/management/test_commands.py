"""manage.py erase_person: counts, JSON, refusals."""

import json

import pytest
from django.core.management import call_command

from partners.models import User

pytestmark = pytest.mark.django_db


def run(capsys, *args) -> str:
    call_command("erase_person", *args)
    return capsys.readouterr().out


def test_a_dry_run_and_the_real_one(cast, capsys):
    told = json.loads(run(capsys, "tom.technical@acme.test", "--dry-run", "--json"))
    assert (told["dry_run"], told["erased"]["accounts"]) == (True, 1)
    assert User.objects.filter(email="tom.technical@acme.test").exists()
    assert "accounts: 1" in run(capsys, "tom.technical@acme.test", "--no-input")
    assert not User.objects.filter(email="tom.technical@acme.test").exists()


def test_refusals_end_with_one(cast, capsys):
    for email in ("alice.admin@acme.test", "nobody@nowhere.test"):
        with pytest.raises(SystemExit) as ended:
            run(capsys, email, "--no-input")
        assert ended.value.code == 1
