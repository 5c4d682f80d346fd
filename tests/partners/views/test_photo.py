"""Pictures of the vendor's people: who sets them, who sees them, what is left after."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from partners.models import Absence, User
from partners.services import manager as managers
from partners.services.erase import erase_user
from partners.services.photo import set_photo
from prm.audit.models import Event
from prm.record.models import File

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def upload(color="red", name="me.png"):
    out = io.BytesIO()
    Image.new("RGB", (400, 300), color).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "text/html")


@pytest.fixture
def shown(cast):
    """Carla, Acme's channel manager, with a photo."""
    return set_photo(cast.carla, upload(), by=cast.carla)


def url(person):
    return reverse("partners:photo", args=[person.photo_id])


def test_staff_set_their_own_and_a_new_one_takes_its_place(client, cast):
    client.force_login(cast.carla)
    assert b"profile/photo/" in client.get(reverse("partners:profile")).content
    client.post(reverse("partners:profile_photo"), {"photo": upload()})
    first = User.objects.get(pk=cast.carla.pk).photo_id
    client.post(reverse("partners:profile_photo"), {"photo": upload("blue")})
    second = User.objects.get(pk=cast.carla.pk).photo_id
    assert first and second != first and File.objects.get().pk == second
    event = Event.objects.filter(name="partners.user.photo_set").first()
    assert (event.actor_id, event.data) == (str(cast.carla.pk), {})
    client.post(reverse("partners:profile_photo"), {"remove": "on"})
    client.post(reverse("partners:profile_photo"), {"remove": "on"})
    assert User.objects.get(pk=cast.carla.pk).photo_id is None and not File.objects.exists()
    assert Event.objects.filter(name="partners.user.photo_removed").count() == 1


@pytest.mark.parametrize("data", [{}, {"photo": ""}, {"photo": SimpleUploadedFile("me.jpg", b"<html>")}])
def test_what_is_no_picture_changes_nothing(client, cast, shown, data):
    client.force_login(cast.carla)
    answer = client.post(reverse("partners:profile_photo"), data, follow=True)
    assert answer.status_code == 200 and b"icture" in answer.content
    assert User.objects.get(pk=cast.carla.pk).photo_id == shown.photo_id and File.objects.count() == 1


def test_partners_people_have_none(client, cast):
    client.force_login(cast.alice)
    assert b"profile/photo/" not in client.get(reverse("partners:profile")).content
    assert client.post(reverse("partners:profile_photo"), {"photo": upload()}).status_code == 403
    assert not File.objects.exists() and client.get(reverse("partners:profile_photo")).status_code == 405


def test_who_gives_roles_sets_a_colleagues(client, cast):
    page = reverse("admin:partners_staffmember_photo", args=[cast.carla.staff_member.pk])
    client.force_login(cast.rita)
    assert page in client.get(reverse("admin:partners_staffmember_change", args=[cast.carla.staff_member.pk])).content.decode()
    assert b"multipart/form-data" in client.get(page).content
    assert client.post(page, {"photo": SimpleUploadedFile("me.jpg", b"GIF89a")}).status_code == 422
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"photo": upload()}).status_code == 302
    assert Event.objects.get(name="partners.user.photo_set").actor_id == str(cast.rita.pk)
    client.force_login(cast.dana)
    assert client.post(page, {"remove": "on"}).status_code == 403
    assert User.objects.get(pk=cast.carla.pk).photo_id
    client.force_login(cast.alice)
    assert client.post(page, {"remove": "on"}).status_code in (302, 403)
    assert User.objects.get(pk=cast.carla.pk).photo_id


def test_it_is_served_as_a_picture_and_nothing_else(client, cast, shown):
    client.force_login(cast.amir)
    answer = client.get(url(shown))
    assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment") and answer["Cache-Control"].startswith("private")
    assert Image.open(io.BytesIO(answer.content)).size == (300, 300)


@pytest.mark.parametrize(
    ("who", "sees"), [("alice", 200), ("mona", 200), ("boris", 404), ("dieter", 404), ("carl", 200), ("both", 200)]
)
def test_own_partners_and_colleagues_see_it(client, cast, shown, who, sees):
    client.force_login(getattr(cast, who))
    assert client.get(url(shown)).status_code == sees


def test_who_is_nobodys_manager_any_more_is_not_shown(client, cast, shown):
    managers.assign_manager(cast.acme, cast.carl, by=cast.rita)
    client.force_login(cast.alice)
    assert client.get(url(shown)).status_code == 404
    foreign = client.get(url(shown)).content
    assert foreign == client.get(reverse("partners:photo", args=[uuid4()])).content


def test_who_stands_in_is_shown_too(client, cast):
    today = timezone.localdate()
    set_photo(cast.carl, upload(), by=cast.carl)
    client.force_login(cast.alice)
    assert client.get(url(cast.carl)).status_code == 404
    Absence.objects.create(user=cast.carla, deputy=cast.carl, starts_on=today, ends_on=today + timedelta(days=2))
    assert client.get(url(cast.carl)).status_code == 200
    assert url(cast.carl) in client.get(reverse("partners:channel_manager")).content.decode()


def test_outside_and_closed_accounts(client, cast, shown):
    assert client.get(url(shown)).status_code == 302
    User.objects.filter(pk=cast.carla.pk).update(is_active=False)
    client.force_login(cast.dana)
    assert client.get(url(shown)).status_code == 404


def test_home_and_the_managers_page_show_it_or_the_initials(client, cast):
    client.force_login(cast.amir)
    for name in ("home:home", "partners:channel_manager"):
        assert ">CM</span>" in client.get(reverse(name)).content.decode()
    set_photo(cast.carla, upload(), by=cast.carla)
    for name in ("home:home", "partners:channel_manager"):
        assert url(cast.carla) in client.get(reverse(name)).content.decode()


@pytest.mark.parametrize(
    ("name", "initials"), [("Carla Manager", "CM"), ("", "C"), ("Anna Maria von Ö", "AÖ"), ("東 京子", "東京")]
)
def test_initials(name, initials):
    assert User(name=name, email="carla@vendor.test").initials == initials


def test_an_erased_persons_picture_is_gone(cast):
    set_photo(cast.dana, upload(), by=cast.dana)
    assert erase_user(cast.dana)["photos"] == 1
    assert not File.objects.exists() and User.objects.get(pk=cast.dana.pk).photo_id is None
