"""Web addresses and mail addresses as company evidence."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import idna
from publicsuffixlist import PublicSuffixList

_HOST = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]{0,20}:/*", re.IGNORECASE)


@lru_cache(maxsize=1)
def public_mail_hosts() -> frozenset[str]:
    """Hosts where anybody may have an address: no evidence for a company."""
    lines = (Path(__file__).parent / "data" / "public_mail_hosts.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _ascii_host(text: str) -> str:
    """The host in punycode, or an empty string."""
    host = text.rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return ""


def host_of(raw: str) -> str:
    """The host in a web address, mail address or bare host name, in lower-case ASCII; empty when there is none."""
    text = unicodedata.normalize("NFKC", raw[:500]).strip().lower()
    text = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc"))
    text = text.removeprefix("mailto:")
    text = _SCHEME.sub("", text) if "//" in text or not re.match(r"^[^/]*:\d", text) else text
    text = re.split(r"[/?#\s\\]", text, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    host = _ascii_host(text)
    return host if _HOST.match(host) and len(host) <= 253 else ""


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str:
    return _suffixes().privatesuffix(host) or ""


def clean_domain(raw: str | None) -> str:
    """The registrable domain that speaks for a company, or an empty string (public mail host, no domain, nonsense).

    Scheme, user, port, path and subdomains are taken off; a site on a shared host (`x.github.io`) counts as its own domain.
    """
    host = host_of(raw) if raw else ""
    if not host or host in public_mail_hosts():
        return ""
    domain = _registrable(host)
    return "" if domain in public_mail_hosts() else domain


def is_public_mail(raw: str | None) -> bool:
    """A readable host, but one where anybody may have an address."""
    host = host_of(raw) if raw else ""
    return bool(host) and (host in public_mail_hosts() or _registrable(host) in public_mail_hosts())
