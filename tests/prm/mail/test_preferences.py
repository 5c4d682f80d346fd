"""The page of a signed-in person's reminders."""

import pytest

from prm.mail import registry
from prm.mail.enums import MessageStatus
from prm.mail.models import Preference
from prm.mail.queries import preferences_of
from prm.mail.services import queue, recipients

pytestmark = pytest.mark.django_db
PAGE = "/mail/preferences/"


@pytest.fixture(autouse=True)
def _one_kind(monkeypatch):
    kinds = {}
    monkeypatch.setattr(registry, "_kinds", kinds)
    registry.register("news", "probe", "Probe news", nudge=True)
    registry.register("won", "probe", "Probe won")


@pytest.fixture
def signed_in(client, cast):
    client.force_login(cast.amir)
    return client


def test_ticks_are_kept_and_obeyed(signed_in, cast):
    page = signed_in.get(PAGE).content
    assert b'value="probe.news" checked' in page
    assert b"Probe won" not in page
    assert signed_in.post(PAGE, {})["Location"] == PAGE
    assert b'value="probe.news">' in signed_in.get(PAGE).content
    assert queue("probe.news", to=cast.amir, partner=cast.acme, nudge=True).status == MessageStatus.SUPPRESSED
    signed_in.post(PAGE, {"wanted": ["probe.news", "probe.won", "nonsense"]})
    assert preferences_of(cast.amir) == {"*": True, "probe.news": True}
    assert queue("probe.news", to=cast.amir, partner=cast.acme, nudge=True).status == MessageStatus.QUEUED


def test_none_at_all_shows_as_unticked(signed_in, cast):
    recipients.set_user_preference(cast.amir, "*", False)
    assert b'value="probe.news">' in signed_in.get(PAGE).content


def test_only_for_the_signed_in(client, db):
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE, {}).status_code == 302
    assert Preference.objects.count() == 0
