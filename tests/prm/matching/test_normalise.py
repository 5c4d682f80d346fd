import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.matching import normalise_name

_PIECES = (
    "the|inc|a|s|co|and|&|of|II|v|corp|S.A.|de|CV|GmbH|Аpple|ООО|(The)|/DE/|intl|x|one|株式会社|ß|Smith|3|new|pty|ltd|company|limited|"
    "(Ireland)|public|И|'|A."
)
PIECES = _PIECES.split("|")
NAMES = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("A. O. Smith", "SMITH A O CORP"),
        ("Prudential Public Limited Company", "PRUDENTIAL PLC"),
        ("CRH plc", "CRH PUBLIC LTD CO"),
        ("Moelis & Company", "Moelis and Co."),
        ("TJX Companies", "TJX Companies, Inc. (The)"),
        ("NOVO NORDISK A S", "Novo Nordisk A/S"),
        ("NATUZZI S P A", "Natuzzi, S.p.A."),
        ("PULTEGROUP INC/MI/", "PulteGroup, Inc."),
        ("AMARIN CORP PLC\\UK", "Amarin Corporation plc"),
        ("Melar Acquisition Corp. III/Cayman", "Melar Acquisition Corp. III"),
        ("ООО «Ромашка»", "Ромашка"),
        ("Nestlé S.A.", "NESTLE SA"),
        ("VIRCO MFG CORPORATION", "Virco Manufacturing Corporation"),
        ("株式会社トヨタ", "トヨタ"),
        ("Ap\u200bple", "Apple"),
        ("P&G", "P & G"),
        ("Rice Acquisition Corporation 3", "Rice Acquisition Corp. III"),
        ("Müller GmbH & Co. KG", "MÜLLER"),
        ("Casey's", "CASEYS"),
    ],
)
def test_spellings_of_one_name_are_one(a, b):
    assert normalise_name(a).sorted_core == normalise_name(b).sorted_core


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Metals Acquisition Corp. II", "Metals Acquisition Corp. III"),
        ("PayPal Holdings", "PayPal"),
        ("Applied Technology", "Applied Technologies"),
        ("First Bancorp", "Second Bancorp"),
    ],
)
def test_different_names_stay_different(a, b):
    assert normalise_name(a).sorted_core != normalise_name(b).sorted_core


def test_parts():
    name = normalise_name("The Pacific Gas & Electric Company of 1905, Inc. (Holding) (Ireland)")
    assert name.core == "pacific gas electric co of 1905"
    assert name.numbers == {"1905"}
    assert name.acronym == "pgec1"
    assert name.legal_form == "JSC"
    assert name.forms == {"inc"}
    assert name.note == "ireland"
    assert name.joined == "pacificgaselectriccoof1905"


@pytest.mark.parametrize(
    ("raw", "forms"),
    [
        ("Acme Co., Ltd.", {"co", "ltd"}),
        ("Acme Corporation", {"corp"}),
        ("Acme Public Limited Company", {"plc"}),
        ("Acme GmbH & Co. KG", {"gmbh", "co", "kg"}),
        ("Acme Sp. z o.o.", set()),
        ("Acme", set()),
    ],
)
def test_plain_forms_in_their_short_spelling(raw, forms):
    assert normalise_name(raw).forms == forms


@pytest.mark.parametrize(
    ("raw", "head"),
    [
        ("Nokia Corporation Sponsored", "nokia"),
        ("Acme Tools d/b/a Widgets", "acme tools"),
        ("Acme trading as Widgets", "acme"),
        ("Acme Widgets, formerly known as Gadgets", "acme widgets"),
        ("Acme Trading", ""),
        ("Acme Widgets Inc.", ""),
    ],
)
def test_head_is_what_stands_before_a_form_or_another_name(raw, head):
    assert normalise_name(raw).head == head


@pytest.mark.parametrize("raw", ["", "   ", "😀", "😀😀 !!", "\x00", "()", "&"])
def test_nothing_to_compare_is_empty(raw):
    name = normalise_name(raw)
    assert name.empty
    assert name.core == ""


FORMS = [("Inc.", "inc"), ("GmbH", "gmbh"), ("The Limited, Inc.", "ltd"), ("Company Company Inc", "co")]


@pytest.mark.parametrize(("raw", "core"), FORMS)
def test_a_mere_legal_form_is_kept_and_flagged(raw, core):
    name = normalise_name(raw)
    assert (name.core, name.only_form) == (core, True)


def test_one_letter():
    assert normalise_name("X").core == "x"
    assert not normalise_name("X").only_form


def test_look_alikes_mixed_in_are_read_as_latin_and_flagged():
    name = normalise_name("Аррlе Inc")  # Cyrillic А, р, р, е
    assert (name.core, name.script_mixed, name.native) == ("apple", True, "")
    assert not normalise_name("Apple Inc").script_mixed


def test_a_whole_foreign_word_has_a_skeleton():
    name = normalise_name("СОСА")
    assert (name.core, name.skeleton, name.script_mixed) == ("sosa", "coca", False)


def test_direction_marks_and_invisible_signs_vanish():
    assert normalise_name("\u202eAcme\u202c \u200fCorp\u200e").core == "acme"


def test_ten_kilobytes_are_cut_and_flagged():
    for raw in ["x" * 10_000, "a " * 5_000, "(" * 10_000, "ﷺ" * 10_000, "а" * 10_000, "the " * 2_500, "/" * 10_000]:
        name = normalise_name(raw)
        assert name.truncated
        assert len(name.core) <= 20 * 41
        assert len(name.tokens) <= 20


@settings(max_examples=400)
@given(NAMES)
def test_normalising_twice_is_normalising_once(raw):
    name = normalise_name(raw)
    assert normalise_name(name.core).core == name.core


@settings(max_examples=200)
@given(NAMES)
def test_case_and_outer_space_do_not_matter(raw):
    if raw.isascii():
        assert normalise_name(f"  {raw.upper()} ").core == normalise_name(raw.lower()).core


@settings(max_examples=200)
@given(st.text())
def test_any_text_gives_plain_words(raw):
    assert set(normalise_name(raw).core) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
