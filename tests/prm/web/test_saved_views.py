import uuid

import pytest
from django.urls import reverse

from partners.models import User
from prm.core.errors import DomainError, NotVisible
from prm.web import queries, services
from prm.web.models import SavedView

pytestmark = pytest.mark.django_db
TEAM = uuid.uuid4()


@pytest.fixture
def people():
    return {name: User.objects.create_user(f"{name}@acme.test", is_staff=name == "carla") for name in ("alice", "boris", "carla")}


def save(by, name="Mine", scope="mine", partner=None, query="status=won", key="deals.deal"):
    return services.save_view(by=by, list_key=key, name=name, query=query, scope=scope, partner_id=partner)


def names(user, partner=None, key="deals.deal"):
    return [view.name for view in queries.visible_saved_views(user, key, partner)]


def test_a_view_is_seen_by_whom_it_is_for(people):
    alice, boris, carla = people.values()
    save(alice, "A mine")
    save(alice, "B team", "team", TEAM)
    save(carla, "C staff", "all")
    assert names(alice, TEAM) == ["A mine", "B team"]
    assert names(boris, TEAM) == ["B team"]
    assert names(boris, uuid.uuid4()) == names(boris) == []
    assert names(carla) == ["C staff"]
    assert names(alice, TEAM, "deals.lead") == []


def test_the_same_name_again_replaces(people):
    first = save(people["alice"])
    second = save(people["alice"], query="status=lost&page=abc")
    assert first.pk == second.pk
    assert SavedView.objects.get().query == "status=lost"


@pytest.mark.parametrize(
    "more",
    [
        {"scope": "all"},
        {"scope": "team"},
        {"scope": "x"},
        {"key": "../x"},
        {"key": ""},
        {"name": ""},
        {"name": "a\x00"},
        {"name": "x" * 81},
    ],
)
def test_what_may_not_be_saved_is_refused(people, more):
    with pytest.raises(DomainError):
        save(people["alice"], **more)
    assert not SavedView.objects.exists()


def test_fifty_views_are_enough(people):
    rows = [SavedView(owner=people["alice"], list_key="deals.deal", name=str(n)) for n in range(services.MOST)]
    SavedView.objects.bulk_create(rows)
    save(people["alice"], "0")
    with pytest.raises(DomainError):
        save(people["alice"], "one more")


@pytest.mark.parametrize(
    ("text", "clean"), [("a=1&page=x&selected=2", "a=1"), ("q=%00", ""), ("q=" + "x" * 5000, ""), ("q=%C3%A4+b", "q=%C3%A4+b")]
)
def test_queries_are_cleaned(text, clean):
    assert queries.clean_query(text) == clean


def test_only_the_owner_deletes(cast, client):
    view = save(cast.alice, scope="team", partner=cast.acme.pk)
    with pytest.raises(NotVisible):
        queries.get_own_saved_view(cast.boris, view.pk)
    url = reverse("web:saved_view_delete", args=[view.pk])
    for person in (cast.boris, cast.amir):
        client.force_login(person)
        foreign, missing = client.post(url), client.post(reverse("web:saved_view_delete", args=[uuid.uuid4()]))
        assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert SavedView.objects.exists()
    client.force_login(cast.alice)
    assert client.get(url).status_code == 405
    assert client.post(url, {"next": "/deals/?a=1"})["Location"] == "/deals/?a=1"
    assert not SavedView.objects.exists()


def test_saving_through_the_page(cast, client):
    url = reverse("web:saved_view_create")
    assert client.post(url).status_code == 302
    client.force_login(cast.alice)
    data = {"list_key": "deals.deal", "name": "Won", "query": "status=won", "scope": "team", "path": "/deals/"}
    assert client.post(url, data)["Location"] == "/deals/?status=won"
    assert client.post(url, {**data, "path": "//evil.test/", "name": "Two"})["Location"] == "/"
    assert client.post(url, {**data, "scope": "all", "name": "Three"})["Location"] == "/deals/?status=won"
    assert sorted(SavedView.objects.values_list("name", "partner_id")) == [("Two", cast.acme.pk), ("Won", cast.acme.pk)]


def test_the_menu_of_views(cast, client, gallery_urls):
    save(cast.alice, "Team’s <own>", "team", cast.acme.pk, key="gallery.rows")
    client.force_login(cast.amir)
    text = client.get("/gallery/rows/?status=won&page=x").text
    assert 'href="/gallery/rows/?status=won"' in text and "Team’s &lt;own&gt;" in text and 'aria-current="true"' in text
    assert "Delete the view" not in text
    client.force_login(cast.boris)
    assert "Team’s" not in client.get("/gallery/rows/").text
