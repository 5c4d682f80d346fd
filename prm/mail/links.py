"""Addresses in mails: absolute, and for unsubscribing signed, so that they work without signing in."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.urls import reverse

SALT = "prm.mail.unsubscribe"


def absolute(path: str) -> str:
    """The full address of a path of this site."""
    return urljoin(settings.SITE_URL.rstrip("/") + "/", path)


def unsubscribe_url(who: str, template: str) -> str:
    """The link that turns off this kind of nudge for this recipient. It does not age."""
    token = signing.dumps([who, template], salt=SALT)
    return absolute(reverse("mail:unsubscribe", args=[token]))


def read_unsubscribe(token: str) -> tuple[str, str] | None:
    """Recipient key and kind of mail of a link, or None when it is not ours."""
    try:
        value: Any = signing.loads(token, salt=SALT)
        who, template = value
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(who), str(template)
