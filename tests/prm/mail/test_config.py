"""EMAIL_URL, and the files of a demo."""

import email
import email.policy
import stat
from pathlib import Path

import pytest

from prm.mail.config import settings_from
from prm.mail.services import deliver, queue

VAR = Path("/var/prm")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", {"EMAIL_BACKEND": "prm.mail.backends.EmlBackend", "EMAIL_FILE_PATH": "/var/prm/mail"}),
        ("file:///srv/out", {"EMAIL_BACKEND": "prm.mail.backends.EmlBackend", "EMAIL_FILE_PATH": "/srv/out"}),
        ("anymail://postmark", {"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend"}),
    ],
)
def test_ways_without_smtp(url, expected):
    assert settings_from(url, VAR) == expected


@pytest.mark.parametrize(
    ("url", "port", "flag"),
    [
        ("smtp://h", 25, None),
        ("smtp+tls://h", 587, "EMAIL_USE_TLS"),
        ("smtps://h", 465, "EMAIL_USE_SSL"),
        ("smtp+ssl://h:99", 99, "EMAIL_USE_SSL"),
    ],
)
def test_smtp(url, port, flag):
    found = settings_from(url, VAR)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_TIMEOUT"]) == ("h", port, 30)
    assert {name for name in found if name.startswith("EMAIL_USE")} == ({flag} if flag else set())


def test_user_password_and_timeout():
    found = settings_from("smtp+tls://me%40x:p%2Fw@h?timeout=9", VAR)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"], found["EMAIL_TIMEOUT"]) == ("me@x", "p/w", 9)


@pytest.mark.parametrize("url", ["ftp://h", "smtp:", "h", "anymail:"])
def test_anything_else_is_refused(url):
    with pytest.raises(ValueError, match="EMAIL_URL must begin"):
        settings_from(url, VAR)


@pytest.mark.django_db
def test_a_demo_finds_its_mails_as_files(alice, acme, settings, tmp_path):
    settings.EMAIL_BACKEND = "prm.mail.backends.EmlBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    message = queue("probe.news", to=alice, partner=acme)
    assert deliver() == 1
    (path,) = (tmp_path / "mail").iterdir()
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert mail["Message-ID"] == message.message_id
    assert mail.get_body(("html",)) is not None
