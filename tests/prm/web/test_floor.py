"""Guards, refusals, headers, language, theme, menu: what surrounds every page."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from partners.models import User
from prm.core.errors import Reason
from prm.web import guards, nav, rendering, shell
from prm.web.middleware import HEADERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice@acme.test", "correct horse", language="de", time_zone="Asia/Jakarta")


@pytest.mark.parametrize("answer", [True, [], ()])
def test_require_lets_through(answer):
    guards.require(answer)


@pytest.mark.parametrize("answer", [False, None, Reason("a", "Text"), [Reason("a", "Text")]])
def test_require_refuses_with_the_reasons(answer):
    with pytest.raises(PermissionDenied) as caught:
        guards.require(answer)
    assert [str(reason) for reason in caught.value.reasons] == ([] if answer in (False, None) else ["Text"])


def test_missing_and_hidden_are_the_same_bytes_for_everybody(client, alice, gallery_urls):
    hidden, unknown = client.get("/gallery/missing/"), client.get("/gallery/nothing-here-<script>/")
    client.force_login(alice)
    signed_in = client.get("/gallery/missing/", headers={"accept-language": "es"})
    htmx = client.get("/gallery/missing/", headers={"hx-request": "true"})
    assert {answer.status_code for answer in (hidden, unknown, signed_in, htmx)} == {404}
    assert hidden.content == unknown.content == signed_in.content == htmx.content
    for word in (b"<form", b"alice", b"nonce", b"script>", b"csrf"):
        assert word not in hidden.content


def test_a_refusal_says_why_and_where_the_way_in_is(client, gallery_urls):
    answer = client.get("/gallery/refused/")
    assert answer.status_code == 403
    assert "Special prices open at Silver." in answer.text and 'href="/programs/"' in answer.text
    assert "This partner is paused." in client.get("/gallery/service-refused/").text


def test_a_stale_form_is_refused_in_our_look():
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post(reverse("web:set_theme"), {"theme": "dark"})
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.text


def test_headers_and_caching(client, alice, gallery_urls):
    answer = client.get("/gallery/")
    for name, value in HEADERS.items():
        assert answer[name] == value
    assert "'unsafe" not in answer["Content-Security-Policy"] and "nonce" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    client.force_login(alice)
    assert "no-store" in client.get("/gallery/")["Cache-Control"]
    assert "no-store" in client.get("/accounts/email/")["Cache-Control"]


def test_one_url_serves_page_or_piece(client, gallery_urls):
    page = client.get("/gallery/rows/")
    piece = client.get("/gallery/rows/", headers={"hx-request": "true"})
    boosted = client.get("/gallery/rows/", headers={"hx-request": "true", "hx-boosted": "true"})
    restored = client.get("/gallery/rows/", headers={"hx-request": "true", "hx-history-restore-request": "true"})
    assert "<html" in page.text and "<html" in boosted.text and "<html" in restored.text
    assert piece.text.startswith('<div id="rows">')
    assert {"HX-Request"} <= {part.strip() for part in piece["Vary"].split(",")}


def test_language_and_zone_are_the_readers(client, alice, gallery_urls):
    client.force_login(alice)
    assert '<html lang="de"' in client.get("/gallery/").text
    assert 'title="Asia/Jakarta"' in client.get("/gallery/").text
    assert timezone.get_current_timezone_name() == "UTC"
    translation.activate("en")
    User.objects.update(time_zone="Mars/Base", language="xx")
    assert client.get("/gallery/").status_code == 200


@pytest.mark.parametrize(
    ("theme", "shown"), [("dark", "dark"), ("light", "light"), ("system", "system"), ('"><script>', "system")]
)
def test_theme_is_set_by_the_server(client, gallery_urls, theme, shown):
    answer = client.post(reverse("web:set_theme"), {"theme": theme, "next": "https://evil.test/"})
    assert answer["Location"] == "/"
    assert f'data-bs-theme="{shown}"' in client.get("/gallery/").text


def test_language_is_remembered(client, alice, gallery_urls):
    assert client.post(reverse("web:set_language"), {"language": "es", "next": "/gallery/"})["Location"] == "/gallery/"
    assert '<html lang="es"' in client.get("/gallery/").text
    client.force_login(alice)
    client.post(reverse("web:set_language"), {"language": "id"})
    client.post(reverse("web:set_language"), {"language": "tlh"})
    alice.refresh_from_db()
    assert alice.language == "id"
    assert client.get(reverse("web:set_language")).status_code == 405


def test_the_menu_shows_what_its_audience_sees(alice):
    request = RequestFactory().get("/accounts/email/")
    request.user = alice
    request._acting_for = shell.Acting("Acme", "P-1", may=lambda permission: permission == "view_deals")
    before = dict(nav._items)
    nav._items.clear()
    try:
        nav.register(
            nav.Item("E-mail", "account_email", "mail", "member", 1),
            nav.Item("Deals", "account_login", "handshake", "may:view_deals", 2),
            nav.Item("MDF", "mfa_index", "wallet", "may:view_mdf", 3),
            nav.Item("Review", "admin:index", "list", "staff", 4),
            nav.Item("Ghost", "nowhere:at_all", "list", "everyone", 5),
        )
        assert [(link.label, link.active) for link in nav.links(request, shell.acting_for)] == [
            ("E-mail", True),
            ("Deals", False),
        ]
        request._acting_for = None
        assert nav.links(request, shell.acting_for) == []
    finally:
        nav._items.clear()
        nav._items.update(before)


def test_undo_is_a_button_that_posts_to_a_path_of_ours(client, gallery_urls):
    text = client.get("/gallery/").text
    assert '<form method="post" action="/gallery/">' in text and ">Undo</button>" in text
    assert rendering.UNDO == "undo"
