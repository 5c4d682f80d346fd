"""A form made for one company and sent while acting for another: nothing is saved, it is said, and the input stays."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deals.models import AccountCheck, Deal, FreeWatch
from deals.services.account import check_account
from prm.core.identifiers import uuid7
from prm.matching import Identity
from tests.deals.material import approved
from tests.deals.views.test_register import form

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(cast):
    """Opened the form for Acme, then switched to Globex in another tab."""
    client = Client()
    client.force_login(cast.both)
    client.post(reverse("partners:switch"), {"partner": cast.acme.ref})
    for page in ("new", "paste", "check"):
        assert f'name="acting" value="{cast.acme.ref}"' in client.get(reverse(f"deals:{page}")).content.decode()
    client.post(reverse("partners:switch"), {"partner": cast.globex.ref})
    return client


def refused(page, cast, kept: str) -> None:
    text = page.content.decode()
    assert page.status_code == 422
    assert "Nothing was saved: this page was made for another company. You now act for Globex." in text
    assert kept in text
    assert f'name="acting" value="{cast.globex.ref}"' in text


@pytest.mark.parametrize("act", ["submit", "save", "line"])
def test_the_registration_form(both, cast, act):
    sent = form(act, acting=cast.acme.ref)
    refused(both.post(reverse("deals:new"), sent), cast, "Zumtobel Lighting GmbH")
    assert not Deal.objects.exists()
    both.post(reverse("deals:new"), {**sent, "act": "submit", "acting": cast.globex.ref})
    assert Deal.objects.get().partner == cast.globex


def test_the_pasted_list(both, cast):
    sent = {"text": "Hawle Armaturen\thawle.com\tAT", "key": str(uuid7()), "acting": cast.acme.ref, "act": "save"}
    refused(both.post(reverse("deals:paste"), sent), cast, "Hawle Armaturen")
    assert not Deal.objects.exists()
    assert not AccountCheck.objects.exists()


def test_the_account_check(both, cast):
    refused(both.post(reverse("deals:check"), {"customer": "Hawle Armaturen", "acting": cast.acme.ref}), cast, "Hawle Armaturen")
    assert not AccountCheck.objects.exists()


def test_the_wish_to_be_told(both, cast):
    approved(cast.initech, cast.dieter, cast.dana, "Gasser Ofenbau")
    check_account(Identity(name="Gasser Ofenbau", country="AT"), by=cast.both, partner=cast.globex)
    page = both.post(reverse("deals:watch"), {"acting": cast.acme.ref}, follow=True)
    assert "Nothing was saved" in page.content.decode()
    assert page.redirect_chain[-1][0] == reverse("deals:check")
    assert not FreeWatch.objects.exists()


def test_the_pipeline(both, cast):
    deal = approved(cast.globex, cast.both, cast.carl, "Gasser Ofenbau")
    sent = {
        "acting": cast.acme.ref,
        "rows-TOTAL_FORMS": "1",
        "rows-INITIAL_FORMS": "1",
        "rows-0-ref": deal.ref,
        "rows-0-version": str(deal.version),
        "rows-0-stage": "proposal",
        "rows-0-amount": "9000",
        "rows-0-expected_close": timezone.localdate().isoformat(),
        "rows-0-next_step": "Send the offer",
    }
    refused(both.post(reverse("deals:pipeline"), sent), cast, "Send the offer")
    deal.refresh_from_db()
    assert deal.next_step == ""


def test_going_on_with_a_draft_is_for_its_own_company(both, cast):
    """The draft says whose it is; which company one acts for just now does not matter."""
    both.post(reverse("deals:new"), form("save", acting=cast.globex.ref))
    deal = Deal.objects.get()
    both.post(reverse("partners:switch"), {"partner": cast.acme.ref})
    page = both.post(reverse("deals:edit", args=[deal.ref]), form(acting=cast.globex.ref, city="Bregenz"))
    deal.refresh_from_db()
    assert (page.status_code, deal.city, deal.partner) == (302, "Bregenz", cast.globex)
