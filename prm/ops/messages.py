"""The message catalogues: what the code and the templates say, collected with Babel and merged into `locale/`.

The .po files carry no line numbers and are sorted, so a diff shows only what was said anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.utils.translation.template import templatize

from prm.web.names import is_ours, names_of

CODE = ("prm", "partners", "programs", "deals", "mdf")
TEMPLATES = "templates"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
WIDTH = 120
PLURALS = {"id": "nplurals=1; plural=0"}  # CLDR's rule; Babel knows none for Indonesian and would take the English one


def languages() -> list[str]:
    """Every language of the portal but the one the sources are written in."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def catalogue_path(language: str) -> Path:
    return settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po"


def collect() -> Catalog:
    """All messages of the sources, and the names of what the admin site shows, without places and without translations."""
    found = Catalog(charset="utf-8")
    for path in _sources():
        for _line, message, _comments, context in extract("python", BytesIO(_as_python(path)), keywords=KEYWORDS):
            found.add(message, context=context)
    for model in filter(is_ours, admin.site._registry):
        for name in names_of(model, apps.get_app_config(model._meta.app_label)):
            found.add(name)
    return found


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands in the tree; empty when there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def merged(language: str, found: Catalog) -> Catalog:
    """The catalogue with every found message: known translations kept, new ones empty, what is said no longer dropped."""
    known = read(language)
    new = _empty(language, known.header_comment)
    for message in found:
        if message.id:
            old = known.get(message.id, message.context)
            same_shape = old is not None and isinstance(old.string, str) is isinstance(message.id, str)
            new.add(message.id, old.string if old and same_shape else "", context=message.context)
    return new


def write(catalogue: Catalog) -> None:
    """The .po file, sorted, with a header that holds no dates and no tools."""
    path = catalogue_path(str(catalogue.locale))
    path.parent.mkdir(parents=True, exist_ok=True)
    body = BytesIO()
    write_po(body, catalogue, width=WIDTH, no_location=True, omit_header=True, sort_output=True)
    path.write_bytes(_header(catalogue).encode() + body.getvalue())


def missing(catalogue: Catalog) -> list[Message]:
    """Messages of a catalogue that say nothing in its language yet."""
    return [message for message in catalogue if message.id and not (message.string and all(_forms(message)))]


def _empty(language: str, comment: str = "#") -> Catalog:
    catalogue = Catalog(locale=language, header_comment=comment)
    if language in PLURALS:
        catalogue.mime_headers = [("Plural-Forms", PLURALS[language])]
    return catalogue


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _header(catalogue: Catalog) -> str:
    plural_forms = catalogue.plural_forms if catalogue.plural_forms.endswith(";") else f"{catalogue.plural_forms};"
    fields = {
        "Language": str(catalogue.locale),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plural_forms,
    }
    lines = [f'"{name}: {value}\\n"' for name, value in fields.items()]
    return "\n".join([catalogue.header_comment.strip(), 'msgid ""', 'msgstr ""', *lines, "", ""])


def _sources() -> Iterator[Path]:
    for folder in CODE:
        yield from (path for path in sorted((settings.BASE_DIR / folder).rglob("*.py")) if "migrations" not in path.parts)
    for ending in ("html", "txt"):
        yield from sorted((settings.BASE_DIR / TEMPLATES).rglob(f"*.{ending}"))


def _as_python(path: Path) -> bytes:
    """A template as Django turns it into calls of gettext; indentation goes, because Python would stumble over it."""
    text = path.read_text()
    if path.suffix == ".py":
        return text.encode()
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines()).encode()
