"""The outbox on the staff's side."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from partners.enums import StaffRole
from partners.models import User
from prm.mail.enums import MessageStatus
from prm.mail.models import Message, Suppression
from prm.mail.outcomes import Outcome, Result
from prm.mail.services import block_address, queue
from prm.mail.services.delivery import claim, settle
from tests.cast import make_staff

pytestmark = pytest.mark.django_db
OUTBOX = "/admin/mail/message/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def staff(client, db):
    """Signed in as staff who may only look."""
    user = User.objects.create_user("ops@vendor.example", name="Ops", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_message", content_type__app_label="mail"))
    client.force_login(user)
    return client


@pytest.fixture
def root(client, db):
    client.force_login(User.objects.create_superuser("root@vendor.example", name="Root"))
    return client


def failed(acme, to="p0@acme.example", **flags):
    message = queue("probe.news", to=to, partner=acme, **flags)
    settle(claim(timezone.now(), 1)[0], Outcome(Result.REFUSED, 550, "5.1.1 no such user", dead_address=True), timezone.now())
    message.refresh_from_db()
    return message


@pytest.mark.parametrize(("rows", "queries"), [(1, 12), (3, 12)])
def test_the_list_costs_the_same_at_any_length(staff, acme, rows, queries, django_assert_max_num_queries):
    for number in range(rows):
        queue("probe.news", to=f"p{number}@acme.example", partner=acme)
    with django_assert_max_num_queries(queries):
        response = staff.get(OUTBOX)
    assert response.status_code == 200
    assert response.content.count(b"@acme.example") == rows


def test_filters_and_search(staff, acme):
    bad = failed(acme)
    good = queue("probe.news", to="p1@acme.example", partner=acme)

    def refs(query):
        page = staff.get(OUTBOX + query).content.decode()
        return {message.ref for message in (bad, good) if message.ref in page}

    assert refs("") == {bad.ref, good.ref}
    assert refs("?status=attention") == refs("?status=failed") == {bad.ref}
    assert refs("?q=P1@ACME.example") == {good.ref}
    assert refs(f"?q={bad.ref.lower()}") == {bad.ref}
    assert refs("?status=nonsense") == refs("?q=%00x") == refs("?q=nobody@acme.example") == set()
    assert refs("?page=xyz&sort=nonsense&size=9") == {bad.ref, good.ref}
    assert staff.get(OUTBOX + "attention/")["Location"] == OUTBOX + "?status=attention"


def test_one_mail_with_its_texts_in_a_sandbox(staff, acme):
    message = queue("probe.news", to="p0@acme.example", context={"name": "<script>x</script>"}, partner=acme)
    page = staff.get(f"{OUTBOX}{message.ref}/").content.decode()
    assert f'<iframe class="mail-preview" sandbox src="{OUTBOX}{message.ref}/html/"' in page
    assert "Tom &amp; Jerry&#x27;s 1.5" in page
    assert "<h1>News</h1>" in page
    assert "gets no mail at present" not in page
    frame = staff.get(f"{OUTBOX}{message.ref}/html/")
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert frame["Content-Security-Policy"].startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert "frame-ancestors 'self'" in frame["Content-Security-Policy"]
    assert b"<script>" not in frame.content


def test_a_secret_mail_is_not_readable(staff, acme):
    message = queue("probe.news", to="p0@acme.example", context={"name": "token-123"}, partner=acme, secret=True)
    assert b"token-123" not in staff.get(f"{OUTBOX}{message.ref}/").content
    assert staff.get(f"{OUTBOX}{message.ref}/html/").status_code == 404


def test_missing_mails_are_404(staff, db):
    assert staff.get(f"{OUTBOX}E-00000000/").status_code == 404
    assert staff.get(f"{OUTBOX}E%00/").status_code == 404


def test_failed_mails_are_sent_again(root, acme):
    message = failed(acme)
    Suppression.objects.all().delete()
    response = root.post(f"{OUTBOX}{message.ref}/retry/", follow=True)
    assert b"queued again" in response.content
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageStatus.QUEUED, 0)
    response = root.post(f"{OUTBOX}{message.ref}/retry/", follow=True)
    assert b"not possible any more" in response.content


def test_ticked_mails_are_sent_again_and_the_others_counted(root, acme):
    first, second = failed(acme), failed(acme, to="p1@acme.example")
    waiting = queue("probe.news", to="p2@acme.example", partner=acme)
    response = root.post(f"{OUTBOX}retry/", {"selected": [first.ref, second.ref, waiting.ref, "E-0"]}, follow=True)
    assert b"2 mails are queued again" in response.content
    assert b"2 mails could not be" in response.content
    assert Message.objects.filter(status=MessageStatus.QUEUED).count() == 3
    assert b"No mail was ticked" in root.post(f"{OUTBOX}retry/", follow=True).content


def test_the_unknown_is_settled_by_a_person(root, acme):
    message = queue("probe.news", to="p0@acme.example", partner=acme, about_money=True)
    settle(claim(timezone.now(), 1)[0], Outcome(Result.UNCERTAIN), timezone.now())
    assert b"nobody knows whether it arrived" in root.get(f"{OUTBOX}{message.ref}/").content
    root.post(f"{OUTBOX}{message.ref}/confirm/")
    message.refresh_from_db()
    assert message.status == MessageStatus.SENT


def test_suppressed_addresses_are_listed_and_lifted(root, acme):
    message = failed(acme)
    block_address("f" * 64, "complained")
    page = root.get("/admin/mail/suppression/").content
    assert b"p0@acme.example" in page
    assert b"ffffffffffff" in page
    assert b"ffffffffffff" not in root.get("/admin/mail/suppression/?q=p0@acme.example").content
    assert b"gets no mail at present: bounced" in root.get(f"{OUTBOX}{message.ref}/").content
    block = Suppression.objects.get(message=message)
    root.post(f"/admin/mail/suppression/{block.pk}/lift/")
    assert not Suppression.objects.filter(pk=block.pk).exists()
    assert root.post(f"/admin/mail/suppression/{block.pk}/lift/").status_code == 404


def test_who_may_only_look_changes_nothing(staff, acme):
    message = failed(acme)
    block = Suppression.objects.get()
    posts = [
        f"{OUTBOX}{message.ref}/retry/",
        f"{OUTBOX}{message.ref}/confirm/",
        f"{OUTBOX}retry/",
        f"/admin/mail/suppression/{block.pk}/lift/",
    ]
    for url in posts:
        assert staff.post(url, {"selected": message.ref}).status_code == 403
        assert staff.get(url).status_code == 405
    message.refresh_from_db()
    assert message.status == MessageStatus.FAILED
    assert Suppression.objects.count() == 1


def test_staff_without_the_right_see_nothing(client, acme):
    client.force_login(User.objects.create_user("desk@vendor.example", is_staff=True))
    message = failed(acme)
    assert client.get(OUTBOX).status_code == 403
    assert client.get("/admin/mail/suppression/").status_code == 403
    for url in (f"{OUTBOX}{message.ref}/", f"{OUTBOX}{message.ref}/html/"):
        assert client.get(url).status_code == 404
    index = client.get(reverse("admin:index")).content
    assert b"Mails that failed" not in index.split(b"<main")[-1]


def test_the_first_page_counts_what_needs_a_person(staff, acme):
    failed(acme)
    assert b"Mails that failed" in staff.get(reverse("admin:index")).content


@pytest.mark.parametrize(("name", "sees", "settles"), [("sam", True, False), ("dana", False, False), ("carla", False, False)])
def test_roles_that_look_after_mail(client, cast, name, sees, settles):
    client.force_login(getattr(cast, name))
    message = failed(cast.acme)
    assert client.get(OUTBOX).status_code == (200 if sees else 403)
    assert client.get(f"{OUTBOX}{message.ref}/").status_code == (200 if sees else 404)
    assert client.post(f"{OUTBOX}{message.ref}/retry/").status_code == (302 if settles else 403)


def test_channel_operations_settle(client, cast):
    oskar = make_staff("Oskar Ops", cast.desk, StaffRole.CHANNEL_OPERATIONS)
    client.force_login(oskar)
    message = failed(cast.acme)
    assert b"Send again" in client.get(f"{OUTBOX}{message.ref}/").content
    assert client.post(f"{OUTBOX}{message.ref}/retry/").status_code == 302
    message.refresh_from_db()
    assert message.status == MessageStatus.QUEUED
