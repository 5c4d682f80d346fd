"""Django's mail settings from EMAIL_URL. Read before Django loads, so nothing of it is imported here."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SMTP = {
    "smtp": (25, None),
    "smtp+tls": (587, "EMAIL_USE_TLS"),
    "smtps": (465, "EMAIL_USE_SSL"),
    "smtp+ssl": (465, "EMAIL_USE_SSL"),
}
SMTP_BACKEND = "prm.mail.backends.SmtpBackend"
FILE_BACKEND = "prm.mail.backends.EmlBackend"
TIMEOUT = 30  # seconds for one step of the talk with the server


def settings_from(url: str, var: Path) -> dict[str, Any]:
    """The EMAIL_ settings of an address; unset: every mail becomes a file `$PRM_VAR/mail/*.eml` that a person can open.

    smtp://user:password@host:25, smtp+tls:// (STARTTLS, 587), smtps:// (TLS, 465), file:///folder,
    anymail://postmark (any ESP of django-anymail; its keys in ANYMAIL as JSON). `?timeout=10` changes the 30 s.
    """
    if not url.strip():
        return {"EMAIL_BACKEND": FILE_BACKEND, "EMAIL_FILE_PATH": str(var / "mail")}
    parts = urlsplit(url.strip())
    if parts.scheme in {"file", "filemail"}:
        return {"EMAIL_BACKEND": FILE_BACKEND, "EMAIL_FILE_PATH": unquote(parts.path)}
    if parts.scheme == "anymail" and parts.hostname:
        return {"EMAIL_BACKEND": f"anymail.backends.{parts.hostname}.EmailBackend"}
    if parts.scheme not in SMTP or not parts.hostname:
        known = ", ".join([*sorted(SMTP), "anymail", "file"])
        raise ValueError(f"EMAIL_URL must begin with one of {known}, then :// and a host or folder.")
    port, flag = SMTP[parts.scheme]
    found: dict[str, Any] = {
        "EMAIL_BACKEND": SMTP_BACKEND,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_TIMEOUT": int(parse_qs(parts.query).get("timeout", [str(TIMEOUT)])[0]),
    }
    return {**found, flag: True} if flag else found
