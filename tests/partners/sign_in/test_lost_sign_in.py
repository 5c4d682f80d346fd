"""A sign-in that ended while a form was open: after signing in again comes a page, not an address that only takes forms."""

import pytest
from django.urls import reverse

from tests.cast import PASSWORD
from tests.deals.material import submitted

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/?next="


@pytest.mark.parametrize(
    ("path", "lands"),
    [
        ("/deals/{ref}/comment/", "/deals/{ref}/"),
        ("/deals/{ref}/participants/P-1/remove/", "/deals/{ref}/"),
        ("/deals/{ref}/joins/J-1/accept/", "/deals/{ref}/"),
        ("/deals/check/watch/", "/deals/check/"),
        ("/deals/new/", "/deals/new/"),
        ("/team/deal-sight/", "/team/"),
    ],
)
def test_without_a_trace_of_the_page_it_is_the_nearest_one_above(client, cast, path, lands):
    ref = submitted(cast.acme, cast.amir).ref
    answer = client.post(path.format(ref=ref), {"body": "Hello"})
    assert answer["Location"] == LOGIN + lands.format(ref=ref)


@pytest.mark.parametrize(
    ("referer", "lands"),
    [
        ("http://testserver/deals/?status=approved", "/deals/%3Fstatus%3Dapproved"),
        ("http://evil.example/deals/", "/deals/D-1/"),
        ("http://testserver/deals/D-1/win/", "/deals/D-1/"),
        ("http://[", "/deals/D-1/"),
    ],
)
def test_else_the_page_the_form_was_on_if_it_is_ours_and_can_be_shown(client, referer, lands):
    answer = client.post("/deals/D-1/comment/", headers={"referer": referer})
    assert answer["Location"] == LOGIN + lands


def test_it_says_that_nothing_was_saved_and_leads_back(client, cast):
    ref = submitted(cast.acme, cast.amir).ref
    page = client.post(reverse("deals:comment", args=[ref]), {"body": "Hello"}, follow=True)
    assert "what you sent was not saved" in page.content.decode()
    cast.amir.set_password(PASSWORD)
    cast.amir.save()
    sent = {"login": cast.amir.email, "password": PASSWORD, "next": f"/deals/{ref}/"}
    assert client.post("/accounts/login/", sent)["Location"] == f"/deals/{ref}/"


def test_reading_keeps_its_own_address(client):
    assert client.get("/deals/?status=approved")["Location"] == LOGIN + "/deals/%3Fstatus%3Dapproved"


def test_an_address_that_takes_no_visit_says_so_in_four_languages(client, cast):
    client.force_login(cast.amir)
    answer = client.get("/deals/D-1/comment/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    for words in ("This address only takes forms", "nimmt nur Formulare", "solo recibe formularios", "hanya menerima formulir"):
        assert words in answer.text
    assert 'href="/"' in answer.text
    assert client.head("/deals/D-1/comment/").content == b""
