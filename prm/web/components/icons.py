"""Lucide icons as inline SVG, made once per name and size."""

import functools

import lucide
from django.utils.safestring import SafeString, mark_safe


@functools.cache
def icon(name: str, size: int = 16) -> SafeString:
    """The icon `name` as decoration (hidden from assistive technology); raises lucide.IconDoesNotExist."""
    svg = lucide._render_icon(str(name) + "", size, **{"class": "ico", "aria-hidden": "true", "focusable": "false"})
    return mark_safe(" ".join(svg.split()))  # noqa: S308 - the package's own file, no user text
