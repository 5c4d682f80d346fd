"""`manage.py company_sign_in`: set a company's provider up, require it, lift it."""

import io
import json

import pytest
from allauth.socialaccount.models import SocialApp
from django.core.management import CommandError, call_command

from prm.audit.models import Event

pytestmark = pytest.mark.django_db
SET_UP = ["--provider", "northwind-id", "--server-url", "https://id.northwind.test", "--client-id", "portal"]


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "s3cret")

    def call(*args) -> str:
        out = io.StringIO()
        call_command("company_sign_in", *args, stdout=out)
        return out.getvalue()

    return call


def required(company) -> str:
    company.refresh_from_db()
    return company.required_sign_in


def test_set_up_required_and_lifted(run, company):
    assert "through northwind-id" in run(company.ref, *SET_UP, "--name", "Northwind ID", "--domain", "Northwind.test")
    app = SocialApp.objects.get()
    assert (app.provider, app.provider_id, app.name, app.secret) == ("openid_connect", "northwind-id", "Northwind ID", "s3cret")
    assert app.settings == {"server_url": "https://id.northwind.test", "hidden": True, "domains": ["northwind.test"]}
    assert required(company) == "northwind-id"
    run(company.ref, "--provider", "northwind-id")
    assert json.loads(run(company.ref, "--none", "--json")) == {"partner": company.ref, "provider": "", "dry_run": False}
    assert required(company) == ""
    events = Event.objects.filter(name="partners.partner.sign_in_required").order_by("at")
    assert [event.data["provider"] for event in events] == ["northwind-id", ""]


def test_a_dry_run_changes_nothing(run, company):
    assert "would sign in" in run(company.ref, *SET_UP, "--dry-run")
    assert required(company) == "" and not SocialApp.objects.exists()


@pytest.mark.parametrize(
    "args",
    [
        ["--provider", "unknown"],
        ["--provider", "Bad Id", *SET_UP[2:]],
        ["--provider", "google", *SET_UP[2:]],
        ["--none", *SET_UP[2:]],
        ["--provider", "x", "--server-url", "http://id.test", "--client-id", "c"],
        ["--provider", "x", "--server-url", "javascript:1", "--client-id", "c"],
        ["--provider", "x", "--server-url", "https://id.test"],
    ],
)
def test_bad_input_changes_nothing(run, company, args):
    with pytest.raises(CommandError):
        run(company.ref, *args)
    assert required(company) == "" and not SocialApp.objects.exists()


@pytest.mark.parametrize("ref", ["P-00000000", "", "\x00", "x" * 10_000])
def test_unknown_partners(run, db, ref):
    with pytest.raises(CommandError, match="no partner"):
        run(ref, "--none")


def test_without_a_secret(run, company, monkeypatch):
    monkeypatch.delenv("OIDC_CLIENT_SECRET")
    with pytest.raises(CommandError, match="OIDC_CLIENT_SECRET"):
        run(company.ref, *SET_UP)
