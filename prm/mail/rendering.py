"""One mail from its three templates, in the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from prm.mail.links import absolute

MAX_SUBJECT = 200
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


def render(template: str, context: Mapping[str, Any], language: str, time_zone: str = "") -> Rendered:
    """Subject, plain text and HTML (CSS inlined) of the mail `<app>.<name>`."""
    app, name = template.split(".")
    values = {**context, "product_name": settings.PRODUCT_NAME, "site_url": absolute("/"), "language": language}
    with translation.override(known_language(language)), timezone.override(_zone(time_zone)):
        subject = " ".join(_plain(f"{app}/mail/{name}.subject.txt", values).split())[:MAX_SUBJECT]
        values["subject"] = subject
        text = _tidy(_plain(f"{app}/mail/{name}.txt", values))
        html = _inliner.inline(get_template(f"{app}/mail/{name}.html").render(values))
    return Rendered(subject, text, html)


def known_language(*wanted: str) -> str:
    """The first of these the product speaks, else the site's own."""
    spoken = {code for code, _name in settings.LANGUAGES}
    for code in wanted:
        for candidate in (code, (code or "").split("-")[0]):
            if candidate in spoken:
                return candidate
    return settings.LANGUAGE_CODE


def _plain(name: str, values: dict[str, Any]) -> str:
    """A text template: nothing is escaped, since nothing reads it as HTML."""
    return get_template(name).template.render(Context(values, autoescape=False))


def _tidy(text: str) -> str:
    """At most one empty line in a row, none at either end."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (KeyError, OSError, ValueError):  # unknown names raise a KeyError, odd ones the others
        return ZoneInfo(settings.TIME_ZONE)
