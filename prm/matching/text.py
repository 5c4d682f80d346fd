"""From any string to plain lower-case ASCII words. Linear time, capped length, never raises."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from anyascii import anyascii

MAX_RAW = 400
MAX_TOKENS = 20
MAX_TOKEN = 40

# Letters that look like Latin ones. Cyrillic and Greek, lower and upper case where the shapes differ; capitals of Cherokee,
# Lisu and Coptic.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһӏԛԝмткнвгАВЕКМНОРСТУХІЈЅԌӀԚԜαοινρυχκτηωγΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
    "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜⲀⲂⲤⲈⲎⲒⲔⲘⲚⲞⲢⲦⲨⲬϹϜ",
    "aeopcyxijsdhlqwmtkhbrABEKMHOPCTYXIJSGIQWaoivpuxktnwyABEZHIKMNOPTYX"
    "ABCDEGHJKLMPRSTVWZABCDEFGHIJKLMNOPRSTUVWXYZABCEHIKMNOPTYXCF",
)
_WORD = re.compile(r"\w+")
_DOTTED = re.compile(r"(?<![a-z0-9])[a-z](?:[./][a-z](?![a-z0-9]))+[.]?")
_TOKEN = re.compile(r"[a-z0-9]+")
_NO_SPACE_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER")


class Cleaned(NamedTuple):
    """Readable text (marks and invisible signs gone), with what was noticed on the way."""

    text: str
    mixed: bool
    truncated: bool


def _script(char: str) -> str:
    """LATIN, CYRILLIC, ... ; phonetic and other rare Latin shapes count as a script of their own."""
    if char.isascii():
        return "LATIN"
    if 0x250 <= ord(char) <= 0x2AF or 0x1D00 <= ord(char) <= 0x1DBF or 0xA720 <= ord(char) <= 0xA7FF:
        return "PHONETIC"
    return unicodedata.name(char, "UNKNOWN").split(" ")[0].split("-")[0]


def _scripts(word: str) -> set[str]:
    return {_script(char) for char in word if char.isalpha()}


def _unmask(text: str) -> tuple[str, bool]:
    """Put Latin letters for look-alikes in words that mix scripts; whole foreign words stay as they are."""
    mixed = False

    def word(match: re.Match[str]) -> str:
        nonlocal mixed
        found = _scripts(match[0])
        if "PHONETIC" not in found and ("LATIN" not in found or len(found) == 1 or any(s in _NO_SPACE_SCRIPTS for s in found)):
            return match[0]
        mixed = True
        return match[0].translate(_LOOKALIKES)

    return _WORD.sub(word, text), mixed


def lookalike(text: str) -> str:
    """The text with every Cyrillic or Greek look-alike read as Latin (`СОСА` reads `COCA`)."""
    return text.translate(_LOOKALIKES)


def native_words(text: str) -> list[str]:
    """Words with letters outside the Latin script, case-folded: what a transliteration would lose."""
    if text.isascii():
        return []
    spaced = "".join(char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in text.casefold())
    return [word for word in spaced.split() if _scripts(word) - {"LATIN", "PHONETIC"}]  # vowel signs are part of a word


def clean(raw: str) -> Cleaned:
    """Compatibility form, invisible and control signs removed, look-alikes unmasked."""
    text = raw[:MAX_RAW]
    truncated = len(raw) > MAX_RAW
    if text.isascii() and text.isprintable():
        return Cleaned(text, False, truncated)
    text = unicodedata.normalize("NFKC", text)[:MAX_RAW]
    kept = []
    for char in text:
        kind = unicodedata.category(char)
        if kind == "Cf":
            continue
        kept.append(" " if kind[0] in "CZS" and char not in "&+" else char)
    text, mixed = _unmask("".join(kept))
    return Cleaned(text, mixed, truncated)


def fold(text: str) -> str:
    """Lower case, transliterated to ASCII. Apostrophes vanish, dotted initials close up (`s.p.a.` is `spa`)."""
    text = text.casefold() if text.isascii() else anyascii(text.casefold()).lower()
    text = text.replace("'", "").replace("`", "").replace("&", " and ").replace("+", " and ")
    return _DOTTED.sub(lambda match: match[0].replace(".", "").replace("/", "") + " ", text)


def words(text: str) -> list[str]:
    """Words of folded text; a run of single letters becomes one (`a o smith` is `ao smith`); inner `and` is dropped."""
    found = [token[:MAX_TOKEN] for token in _TOKEN.findall(text)[:MAX_TOKENS]]
    kept = [t for i, t in enumerate(found) if t not in AND_WORDS or i in (0, len(found) - 1)]
    return join_initials(kept)


def cut_short(text: str) -> bool:
    """Whether `words` leaves something out: it reads `MAX_TOKENS` words and `MAX_TOKEN` letters of each."""
    if len(text) <= MAX_TOKEN:
        return False
    found = _TOKEN.findall(text)
    return len(found) > MAX_TOKENS or any(len(token) > MAX_TOKEN for token in found)


AND_WORDS = frozenset({"and", "und", "et", "y"})


def join_initials(tokens: list[str]) -> list[str]:
    """Runs of single letters as one word."""
    out: list[str] = []
    run = ""
    for token in tokens:
        if len(token) == 1 and token.isalpha():
            run += token
            continue
        if run:
            out.append(run)
            run = ""
        out.append(token)
    if run:
        out.append(run)
    return out
