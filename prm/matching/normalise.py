"""Organisation names in one spelling: `normalise_name(str) -> Name`.

Two names are the same in principle when they differ only in case, accents, punctuation, spacing of initials, legal form,
word order or a listed abbreviation. Whatever else differs is left to scoring.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from .text import AND_WORDS, clean, cut_short, fold, join_initials, lookalike, native_words, words

DATA = Path(__file__).parent / "data"

# Short forms that stand for one word only. Words that are names in their own right (tech, dev, fin) are not among them.
ABBREVIATIONS = {
    "intl": "international", "intnl": "international", "mfg": "manufacturing", "mfrs": "manufacturers", "mgmt": "management",
    "mgt": "management", "svcs": "services", "svc": "service", "assn": "association", "assoc": "associates", "bros": "brothers",
    "hldgs": "holdings", "hldg": "holding", "hlds": "holdings", "grp": "group", "natl": "national", "govt": "government",
    "univ": "university", "dept": "department", "ctr": "center", "centre": "center", "technol": "technologies",
    "cos": "companies", "inds": "industries", "pharms": "pharmaceuticals", "engrg": "engineering", "comms": "communications",
    "ppty": "property", "pptys": "properties", "solns": "solutions", "invt": "investment", "invts": "investments",
    "bancorporation": "bancorp", "bancorpation": "bancorp",
    "groep": "group", "gruppe": "group", "groupe": "group", "grupo": "group", "gruppo": "group", "grupa": "group",
    "corporation": "corp", "company": "co", "limited": "ltd", "incorporated": "inc", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
}  # fmt: skip
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
ROMAN = {roman: str(number) for number, roman in enumerate(_ROMAN.split(), start=1)}
SHORT_ROMAN = frozenset({"i", "v", "x"})  # a number only after a legal form: "Capital Corp. I"
_AT_START = "ooo oao zao pao ojsc cjsc pjsc jsc tov pt cv sia uab ab oy sarl eurl gmbh dba"
AT_START = frozenset(_AT_START.split()) | {"cty cp", "cty tnhh", "cong ty", "cong ty cp", "cong ty tnhh"}
PLAIN_NOTES = frozenset({"the", "reit", "hc", "new", "old", "adr", "adrs", "publ", "us", "holding"})
_STATES = (
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd"
    " tn tx ut va wa wv wi wy pr uk new old"
)
STATES = frozenset(_STATES.split())  # after a legal form these say where it is registered, or which share
REMARK = "/"  # in front of a state among the legal forms that were taken off
STOP_IN_ACRONYM = frozenset({"of", "the", "for", "de", "la", "du", "des", "der", "di", "and", "del"})

_OTHER_TAGS = "cayman islands bermuda ireland canada israel luxembourg can cn fi ta"
_PLAIN_TAGS = STATES | PLAIN_NOTES | frozenset(_OTHER_TAGS.split())

INNER_FORMS = frozenset(["inc", "corp", "ltd", "plc", "nv", "sa", "spa", "ag", "llc", "lp", "gmbh", "bv", "se", "llp", "sab"])
HEAD_FORMS = INNER_FORMS - {"se", "sa"}  # words of other meaning in the middle of a name (SE Asia)
_SHORT_FORMS = "inc corp co ltd plc llc lp llp ag gmbh kg se sa sas sarl nv bv spa srl ab oy as kk ug ohg pt sia cv uab"
# Legal forms that no company would confuse with another one of these; `co ltd` is both.
PLAIN_FORMS = {
    "incorporated": "inc", "incorporation": "inc", "corporation": "corp", "company": "co", "limited": "ltd",
    "aktiengesellschaft": "ag", "aktiebolag": "ab", "aktiebolaget": "ab", "oyj": "oy", "asa": "as", "gesmbh": "gmbh",
    "mbh": "gmbh",
    **{form: form for form in _SHORT_FORMS.split()},
}  # fmt: skip
ENGLISH_FORMS = frozenset(["inc", "corp", "co", "ltd", "plc", "llc", "lp", "llp"])
WHOLE_FORMS = {
    "public ltd co": "plc", "public limited company": "plc", "public company limited": "plc", "public co ltd": "plc",
    "pcl": "plc",
    "limited liability company": "llc", "ltd liability co": "llc", "limited liability partnership": "llp",
    "limited partnership": "lp", "ltd partnership": "lp",
}  # fmt: skip
ALSO_CALLED = frozenset(["dba", "fka", "aka", "nka", "trading as", "doing business", "formerly known", "also known", "now known"])

_NOTE = re.compile(r"\s*[(\[]([^()\[\]]{0,80})[)\]]\s*$")
_TAG = re.compile(r"\s*[/\\]\s*([A-Za-z ]{0,20}?)\s*([/\\]?)\s*$")


@dataclass(frozen=True)
class Name:
    """A normalised organisation name. `core` is the words in order without legal form; `sorted_core` ignores order.

    `legal_form` is the form's class (LLC, JSC, ...), `forms` are the plain forms themselves (inc, ltd, ...). `note` is what stood
    in brackets, `remark` a state, country or the like that a registry wrote behind the name: where only one name has one it says
    nothing.
    """

    raw: str
    tokens: tuple[str, ...]
    core: str
    sorted_core: str
    legal_form: str
    forms: frozenset[str]
    numbers: frozenset[str]
    remark: frozenset[str]
    acronym: str
    note: str
    head: str
    native: str
    script_mixed: bool
    skeleton: str
    truncated: bool
    only_form: bool

    @cached_property
    def joined(self) -> str:
        """The core without spaces."""
        return self.core.replace(" ", "")

    @property
    def empty(self) -> bool:
        """Nothing to compare: no letter or digit in it."""
        return not self.tokens


@lru_cache(maxsize=1)
def legal_forms() -> dict[str, str]:
    """Form in plain words to its class, from `data/legal_forms.tsv`."""
    lines = (DATA / "legal_forms.tsv").read_text("utf-8").splitlines()
    return {form: kind for kind, form in (line.split("\t") for line in lines)}


@lru_cache(maxsize=1)
def _dense_forms() -> tuple[str, ...]:
    """Forms of scripts without spaces, longest first."""
    return tuple(sorted((form for form in legal_forms() if not form.isascii()), key=lambda form: (-len(form), form)))


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(form.count(" ") + 1 for form in legal_forms())


def _is_tag(before: str, inside: str, closing: str) -> bool:
    """A registry's remark such as `/DE/`, `/MN` or `/Cayman Islands`: closed, or standing behind a legal form."""
    if len(before.strip()) < 4 or (inside and len(inside) < 2):
        return False
    return bool(closing or not inside or inside.lower() in STATES or _core(words(fold(before)))[1])


def _cut_notes(text: str) -> tuple[str, list[str], list[str]]:
    """Take off closing brackets and registry tags (`/DE/`); the words in brackets are returned, and those of tags.

    A tag that is no state, country or share is the name of a branch, as telling as words in brackets (`Acme AG / Wien`).
    """
    notes: list[str] = []
    plain: list[str] = []
    for _ in range(3):
        if (tag := _TAG.search(text)) and _is_tag(text[: tag.start()], tag[1], tag[2]):
            told = words(fold(tag[1]))
            (plain if _PLAIN_TAGS.issuperset(told) else notes).extend(told)
            text = text[: tag.start()]
        elif (note := _NOTE.search(text)) and text[: note.start()].strip(" .,-"):
            notes += words(fold(note[1]))
            text = text[: note.start()]
        else:
            break
    plain += [note for note in notes if note in PLAIN_NOTES]
    return text, [note for note in notes if note not in PLAIN_NOTES and note not in legal_forms()], plain


def _cut_dense(text: str) -> tuple[str, str]:
    """Take off a form written without spaces (株式会社) at either end."""
    for form in _dense_forms():
        bare = text.strip(" .,-")
        if bare != form and bare.startswith(form):
            return bare[len(form) :], form
        if bare != form and bare.endswith(form):
            return bare[: -len(form)], form
    return text, ""


def _cut_end(tokens: list[str]) -> tuple[list[str], str]:
    forms = legal_forms()
    for size in range(min(_longest(), len(tokens) - 1), 0, -1):
        form = " ".join(tokens[-size:])
        if form in forms:
            return tokens[:-size], form
    return tokens, ""


def _cut_start(tokens: list[str]) -> tuple[list[str], str]:
    forms = legal_forms()
    for size in range(min(_longest(), len(tokens) - 1), 0, -1):
        form = " ".join(tokens[:size])
        if form in AT_START or (size >= 3 and form in forms):
            return tokens[size:], form
    return tokens, ""


def _cut_article(tokens: list[str]) -> list[str]:
    while len(tokens) > 1 and tokens[0] == "the":
        tokens = tokens[1:]
    while len(tokens) > 1 and tokens[-1] in ("the", *AND_WORDS):
        tokens = tokens[:-1]
    return tokens


def _strip(tokens: list[str]) -> tuple[list[str], list[str]]:
    """Remove articles and legal forms at both ends, keeping at least one word; a closing number stays behind the name."""
    found: list[str] = []
    tokens = _cut_article(tokens)
    number = ROMAN.get(tokens[-1], tokens[-1] if tokens[-1].isdigit() else "") if len(tokens) > 1 else ""
    if number and not (tokens[-1] in SHORT_ROMAN and not _cut_end(tokens[:-1])[1]):
        body, inner = _strip(tokens[:-1])
        return [*body, number], inner
    if len(tokens) > 2 and tokens[-1] in STATES and tokens[-1] not in legal_forms() and _cut_end(tokens[:-1])[1]:
        found.append(f"{REMARK}{tokens[-1]}")
        tokens = tokens[:-1]
    while len(tokens) > 1:
        shorter, form = _cut_end(tokens)
        if not form:
            shorter, form = _cut_start(tokens)
        if not form:
            break
        found.append(form)
        tokens = _cut_article(shorter)
    return tokens, found


def _core(tokens: list[str]) -> tuple[list[str], list[str]]:
    """Repeat until nothing changes, so that normalising twice is the same as once."""
    found: list[str] = []
    for _ in range(6):
        shorter, more = _strip(tokens) if tokens else ([], [])
        shorter = [ABBREVIATIONS.get(token, token) for token in join_initials(shorter)]
        found += more
        if shorter == tokens:
            break
        tokens = shorter
    return tokens, found


def _acronym(tokens: list[str]) -> str:
    heads = [token[0] for token in tokens if token not in STOP_IN_ACRONYM]
    return "".join(heads) if len(heads) >= 3 else ""


def _head(tokens: list[str]) -> str:
    """What stands before a plain legal form inside the name (`Nokia Corp Sponsored`): what follows is often a remark.

    So is what follows words that bring in another name (`Acme trading as Widgets`).
    """
    for at, token in enumerate(tokens):
        if at and (token in HEAD_FORMS or token in ALSO_CALLED or " ".join(tokens[at : at + 2]) in ALSO_CALLED):
            return " ".join(tokens[:at])
    return ""


def _plain_forms(found: list[str]) -> frozenset[str]:
    """The legal forms that were taken off, in their usual short spelling; unusual ones are left out."""
    words_of = ([WHOLE_FORMS[form]] if form in WHOLE_FORMS else form.split() for form in found)
    return frozenset(PLAIN_FORMS[word] for form in words_of for word in form if word in PLAIN_FORMS)


def _numbers(tokens: list[str]) -> frozenset[str]:
    return frozenset(digits.lstrip("0") or "0" for token in tokens for digits in re.findall(r"\d+", token))


def normalise_name(raw: str) -> Name:
    """Normalise one organisation name. Linear in its length (at most 400 signs are read); never raises.

    Look-alike letters mixed into Latin words are read as Latin and `script_mixed` is set. A name without a letter or
    digit is `empty`; a name that is nothing but a legal form keeps it as its core and sets `only_form`.
    """
    cleaned = clean(raw)
    text = cleaned.text
    notes: list[str] = []
    remark: list[str] = []
    if any(sign in text for sign in "()[]/\\"):
        text, notes, remark = _cut_notes(text)
    text, dense = (text, "") if text.isascii() else _cut_dense(text)
    folded = fold(text.strip(" &+"))
    tokens, off = _core(words(folded))
    found = [form for form in off if not form.startswith(REMARK)] + ([dense] if dense else [])
    remark += [form.removeprefix(REMARK) for form in off if form.startswith(REMARK)]
    forms = legal_forms()
    skeleton = ""
    used = {word for form in found for word in form.split()}
    native = " ".join(sorted(word for word in native_words(text) if not used.issuperset(words(fold(word)))))
    if native:
        seen, _ = _core(words(fold(lookalike(text))))
        skeleton = " ".join(seen) if seen != tokens and lookalike(text).isascii() else ""
    kinds = [forms[form] for form in found if forms.get(form, "-") != "-"]
    return Name(
        raw=raw[:400], tokens=tuple(tokens), core=" ".join(tokens), sorted_core=" ".join(sorted(tokens)),
        legal_form=kinds[0] if kinds else ("-" if found else ""), forms=_plain_forms(found), numbers=_numbers(tokens),
        remark=frozenset(remark), acronym=_acronym(tokens),
        note=" ".join(sorted(notes)), head=_head(tokens), native="" if cleaned.mixed else native, script_mixed=cleaned.mixed,
        skeleton=skeleton, truncated=cleaned.truncated or cut_short(folded), only_form=len(tokens) == 1 and tokens[0] in forms,
    )  # fmt: skip
