"""The link at the foot of a nudge: works without signing in, GET changes nothing, one POST is enough."""

from urllib.parse import urlsplit

import pytest

from prm.mail.links import unsubscribe_url
from prm.mail.queries import preferences_of
from prm.mail.services import queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(alice, acme):
    return urlsplit(queue("probe.news", to=alice, partner=acme, nudge=True).body.unsubscribe_url).path


def test_get_asks_and_changes_nothing(client, link, alice):
    response = client.get(link)
    assert response.status_code == 200
    assert b'<form method="post"' in response.content
    assert response["Cache-Control"] == "no-store"
    assert preferences_of(alice) == {}


def test_one_click_post_without_token_or_session(client, link, alice):
    client.handler.enforce_csrf_checks = True
    response = client.post(link, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert preferences_of(alice) == {"probe.news": False}
    client.post(link, {"List-Unsubscribe": "One-Click"})
    assert preferences_of(alice) == {"probe.news": False}


def test_all_and_back(client, link, alice):
    client.post(link, {"what": "all"})
    assert preferences_of(alice) == {"*": False}
    client.post(link, {"what": "back"})
    assert preferences_of(alice) == {"*": True, "probe.news": True}


@pytest.mark.parametrize("token", ["x", "WyJ1c2VyIl0:1abc:zzz", "é\u0000" * 20])
def test_a_link_that_is_not_ours_is_a_404(client, token, link):
    assert client.get(f"/mail/unsubscribe/{token}/").status_code == 404
    assert client.post(link[:-2] + "/").status_code == 404


def test_other_methods_are_refused(client, link):
    assert client.put(link).status_code == 405


def test_the_link_fits_its_column(acme):
    assert len(unsubscribe_url("address:" + "f" * 64, "programs." + "n" * 80)) < 500
