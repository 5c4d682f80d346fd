"""Is this account free: by product, one's own company's deals by name, and the list of those who are told."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deals.models import AccountCheck, FreeWatch
from deals.queries.detail import last_conflict
from deals.services.account import tell_if_free, watch_account
from deals.services.protection import release_deal
from partners.services import partner as partners
from prm.core.identifiers import uuid7
from prm.mail.models import Message
from prm.web.components.formats import day_text
from tests.deals.material import approved, product, submitted

pytestmark = pytest.mark.django_db
NAME = "Gasser Ofenbau"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(user, **more) -> str:
    page = client_of(user).post(reverse("deals:check"), {"customer": NAME, "country": "AT", **more})
    assert page.status_code == 200
    return page.content.decode()


@pytest.fixture
def taken(cast):
    return approved(cast.globex, cast.boris, cast.carl, NAME)


def test_taken_for_one_product_and_free_for_another(cast, taken):
    other = product("MG Special", "MG")
    text = asked(cast.amir)
    assert "Taken" in text
    assert f"{reverse('deals:new')}?customer=Gasser+Ofenbau&amp;country=AT" in text, "a way on, for another product"
    assert "Register it for another product" in text
    assert "Taken" in asked(cast.amir, product=product().ref)
    text = asked(cast.amir, product=other.ref)
    assert "Taken" not in text
    assert f"product={other.ref}" in text
    form = client_of(cast.amir).get(reverse("deals:new"), {"customer": NAME, "product": other.ref}).content.decode()
    assert f'<option value="{other.ref}" selected>' in form


def test_the_check_and_the_decline_give_the_same_day(cast, taken):
    text = asked(cast.amir, product=product().ref)
    found = last_conflict(submitted(cast.acme, cast.amir, NAME))
    assert found.frees_up_on == taken.protected_until + timedelta(days=1)
    assert day_text(found.frees_up_on) in text


def test_a_pasted_row_is_checked_with_its_product(cast, taken):
    product("MG Special", "MG")
    later = f"{timezone.localdate().year + 1}-03-31"
    rows = [f"{NAME}\t\tAT\t\t{name}\t1\t100\tEUR\t{later}" for name in ("GTX Pro", "MG Special")]
    sent = {"text": "\n".join(rows), "act": "check", "key": str(uuid7())}
    text = client_of(cast.amir).post(reverse("deals:paste"), sent).content.decode()
    assert text.count("It may be free from about") == 1
    assert "Make 1 draft" in text


def test_ones_own_companys_deal_is_named_to_who_may_see_it(cast):
    deal = approved(cast.acme, cast.alice, cast.carla, NAME)
    row = {"text": f"{NAME}\t\tAT", "act": "check", "key": str(uuid7())}
    for text in (asked(cast.amir), client_of(cast.amir).post(reverse("deals:paste"), row).content.decode()):
        assert "Your own company has this registered already." in text
        assert "Your colleague Alice Admin has it:" in text
        assert reverse("deals:detail", args=[deal.ref]) in text
        assert "Tell me when it is free" not in text
    partners.set_deal_sight(cast.acme, "own", by=cast.alice)
    for text in (asked(cast.amir), client_of(cast.amir).post(reverse("deals:paste"), row).content.decode()):
        assert "Your own company has this registered already." in text
        assert "Alice" not in text
        assert deal.ref not in text


def test_a_declined_registration_names_the_colleague_likewise(cast):
    deal = approved(cast.acme, cast.alice, cast.carla, NAME)
    address = reverse("deals:detail", args=[submitted(cast.acme, cast.amir, NAME).ref])
    text = client_of(cast.amir).get(address).content.decode()
    assert "Your colleague Alice Admin has it:" in text
    assert deal.ref in text
    partners.set_deal_sight(cast.acme, "own", by=cast.alice)
    text = client_of(cast.amir).get(address).content.decode()
    assert "Your own company has this registered already." in text
    assert "Alice" not in text
    assert deal.ref not in text
    assert "Tell me when it is free" not in text


def test_to_others_it_is_just_taken(cast):
    deal = approved(cast.acme, cast.alice, cast.carla, NAME)
    text = asked(cast.boris)
    assert "Taken" in text
    assert "colleague" not in text
    assert deal.ref not in text


@pytest.mark.parametrize("website", ["http://[", "not a web site", "gmail.com"])
def test_a_website_that_is_none_is_refused_as_in_the_form(cast, website):
    page = client_of(cast.amir).post(reverse("deals:check"), {"customer": NAME, "website": website})
    assert page.status_code == 422
    assert not AccountCheck.objects.exists()


def test_on_the_list_and_off_it_again(cast, taken):
    client = client_of(cast.amir)
    asked(cast.amir)
    client.post(reverse("deals:watch"))
    watch = FreeWatch.objects.get()
    text = asked(cast.amir)
    assert "You are on the list" in text
    assert "Tell me when it is free" not in text
    assert NAME in client.get(reverse("deals:check")).content.decode(), "and without asking again"
    assert client_of(cast.alice).post(reverse("deals:unwatch"), {"watch": str(watch.pk)}).status_code == 404
    assert client.post(reverse("deals:unwatch"), {"watch": "x"}).status_code == 404
    assert client.post(reverse("deals:unwatch"), {"watch": str(watch.pk)})["Location"] == reverse("deals:check")
    assert not FreeWatch.objects.exists()
    assert "Tell me when it is free" in asked(cast.amir)


def test_the_same_on_a_declined_registration(cast, taken):
    deal = submitted(cast.acme, cast.amir, NAME)
    client, address = client_of(cast.amir), reverse("deals:detail", args=[deal.ref])
    assert "Tell me when it is free" in client.get(address).content.decode()
    client.post(reverse("deals:watch"), {"deal": deal.ref})
    text = client.get(address).content.decode()
    assert "You are on the list" in text
    assert "Tell me when it is free" not in text
    sent = {"watch": str(FreeWatch.objects.get().pk), "deal": deal.ref}
    assert client.post(reverse("deals:unwatch"), sent)["Location"] == address
    assert not FreeWatch.objects.exists()


def test_the_mail_leads_to_the_form_with_the_customer_filled_in(cast, taken):
    watch = watch_account(taken.customer, NAME, by=cast.amir, partner=cast.acme)
    release_deal(taken, by=cast.boris)
    assert tell_if_free(watch, now=timezone.now())
    body = Message.objects.get(template="deals.account_is_free").body.text
    assert f"{reverse('deals:new')}?customer=Gasser+Ofenbau" in body
