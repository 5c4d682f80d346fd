"""One's own page: name, phone, language, time zone, appearance."""

import pytest
from django.urls import reverse

from partners.models import User
from partners.services import user as users
from prm.audit.models import Event
from tests.partners.sign_in.conftest import events

pytestmark = pytest.mark.django_db
VALUES = {
    "name": "Nora Nord",
    "title": "",
    "phone": "+49 30 901820",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "theme": "dark",
}


@pytest.fixture
def url():
    return reverse("partners:profile")


def test_saved_and_used_at_once(client, person, url):
    client.force_login(person)
    response = client.post(url, VALUES, follow=True)
    person.refresh_from_db()
    assert (person.name, str(person.phone), person.language, person.time_zone) == (
        "Nora Nord",
        "+4930901820",
        "de",
        "Europe/Berlin",
    )
    assert response.context["LANGUAGE_CODE"] == "de" and client.cookies["theme"].value == "dark"
    event = Event.objects.get(name="partners.user.profile_changed")
    assert event.data == {"field_names": ["language", "name", "phone", "time_zone"]}
    client.post(url, VALUES)
    assert events(person) == ["partners.user.profile_changed"], "the same again is no event"


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": " \u200b "},
        {"name": "x" * 10_000},
        {"name": "a\x00b"},
        {"phone": "12"},
        {"phone": "\x00"},
        {"language": "tlh"},
        {"time_zone": "Europe/Atlantis"},
        {"time_zone": "../../etc/passwd"},
        {"theme": "pink"},
        {"title": "x" * 101},
    ],
)
def test_bad_input_changes_nothing(client, person, url, change):
    client.force_login(person)
    response = client.post(url, {**VALUES, **change})
    assert response.status_code == 422 and "error-summary" in response.content.decode()
    person.refresh_from_db()
    assert person.name == "Nora North" and events(person) == []


def test_nobody_becomes_staff_by_a_form(client, person, url):
    client.force_login(person)
    client.post(url, {**VALUES, "is_staff": "on", "is_superuser": "on", "email": "boss@vendor.test", "review_keys": ""})
    person.refresh_from_db()
    assert not person.is_staff and not person.is_superuser and person.email == "nora.north@northwind.test" and person.review_keys


def test_review_keys_are_for_staff(client, cast, url, settings):
    settings.REQUIRE_STAFF_MFA = False
    client.force_login(cast.dana)
    assert 'name="review_keys"' in client.get(url).content.decode()
    client.post(url, {**VALUES, "name": "Dana Desk", "meeting_link": "https://meet.vendor.test/dana"})
    assert User.objects.get(pk=cast.dana.pk).review_keys is False
    client.force_login(cast.alice)
    assert 'name="review_keys"' not in client.get(url).content.decode()


def test_anonymous_is_sent_to_sign_in(client, url, db):
    assert client.get(url).url == f"{reverse('account_login')}?next={url}"


def test_somebody_in_two_companies_sees_both(client, cast, url):
    client.force_login(cast.both)
    page = client.get(url).content.decode()
    assert "Acme" in page and "Globex" in page


def test_an_unknown_field_is_a_mistake_of_the_programmer(person):
    with pytest.raises(ValueError, match="is_staff"):
        users.save_profile(person, by=person, is_staff=True)
