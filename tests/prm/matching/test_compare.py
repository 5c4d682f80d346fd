from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.matching import Frequency, Identity, compare, load_model, normalise_name, parse_model, shortlist
from prm.matching.features import likeness

RARE = Frequency({"acme": 1, "first": 300, "bancorp": 400, "holdings": 900, "of": 900}, 5000)
I = Identity  # noqa: E741


@pytest.mark.parametrize(
    ("a", "b", "certainty", "rule"),
    [
        (I("Acme Ltd"), I("ACME Limited"), "certain", "same_name"),
        (I("Smith A O Corp"), I("A. O. Smith"), "certain", "same_name"),
        (I("JP Morgan"), I("JPMorgan"), "certain", "same_name"),
        (I("Acme", country="US"), I("Acme Inc"), "certain", "same_name"),
        (I("Acme", country="US"), I("Acme", country="FR"), "likely", "contradicted"),
        (I("Acme", city="Paris"), I("Acme", city="Berlin"), "likely", "contradicted"),
        (I("Acme", domain="acme.com"), I("Acme", domain="acme.org"), "likely", "contradicted"),
        (I("Acme", domain="bob@gmail.com"), I("Acme", domain="x@yahoo.com"), "certain", "same_name"),
        (I("First Bancorp"), I("FIRST BANCORP."), "likely", "common_name"),
        (I("First Bancorp", phone="+49 30 1234567"), I("First Bancorp", phone="0049301234567"), "certain", "same_name"),
        (I("Acme", site="Lyon plant"), I("Acme", site="Nice plant"), "likely", "contradicted"),
        (I("Acme Co"), I("Acme Corp."), "likely", "contradicted"),
        (I("Acme Ltd"), I("Acme Limited Company"), "certain", "same_name"),
        (I("Acme PLC"), I("Acme Public Limited Company"), "certain", "same_name"),
        (I("Acme S.A."), I("Acme Inc."), "likely", "contradicted"),
        (I("Acme Ges.m.b.H."), I("Acme GmbH"), "certain", "same_name"),
        (I("Acme AG"), I("Acme GmbH"), "likely", "contradicted"),
        (I("Acme Co", domain="acme.com"), I("Acme Corp.", domain="acme.com"), "certain", "same_domain"),
        (I("Acme Co", aliases=("Acme Corp",)), I("Acme Corp."), "certain", "same_name"),
        (I("Acme GmbH & Co. KG"), I("Acme GmbH"), "likely", "contradicted"),
        (I("Acme OOO"), I("Acme ZAO"), "likely", "contradicted"),
        (I("Acme SARL"), I("Acme SAS"), "likely", "contradicted"),
        (I("Acme e.V."), I("Acme AG"), "likely", "contradicted"),
        (I("Acme Limited Liability Company"), I("Acme LLC"), "certain", "same_name"),
        (I("Acme Limited Partnership"), I("Acme Ltd"), "likely", "contradicted"),
        (I("Acme Public Company Limited"), I("Acme PCL"), "certain", "same_name"),
        (I("Acme Corp /DE/"), I("Acme Corp"), "certain", "same_name"),
        (I("Acme Bancorp /MN/"), I("Acme Bancorp /NY/"), "likely", "score"),
        (I("Acme Inc NY"), I("Acme Inc CA"), "likely", "score"),
        (I("Acme AG / Wien"), I("Acme AG"), "likely", "score"),
        (I("Acme (Old)"), I("Acme (New)"), "likely", "score"),
        (I("Acme 2.0"), I("Acme 20"), "likely", "score"),
        (I("Acme Fund 2 Series 3"), I("Acme Fund 3 Series 2"), "likely", "score"),
        (I("SIA Acme Ltd"), I("Acme Ltd"), "likely", "contradicted"),
        (I("AB Acme plc"), I("Acme plc"), "likely", "contradicted"),
        (I("Acme Co., Ltd."), I("Acme Ltd"), "certain", "same_name"),
        (I("PT Acme Tbk"), I("Acme"), "certain", "same_name"),
        (I("a" * 41 + "x"), I("a" * 41 + "y"), "likely", "score"),
        (I(" ".join(f"acme{n}" for n in range(21))), I(" ".join(f"acme{n}" for n in range(22))), "likely", "score"),
        (I("ᴀᴄᴍᴇ"), I("Acme"), "likely", "look_alike"),
        (I("ᎪᏟᎷᎬ"), I("Acme"), "likely", "look_alike"),
        (I("Ꭺcme"), I("Acme"), "likely", "look_alike"),
        (I("दिन"), I("दीन"), "likely", "score"),
        (I("First Bancorp", phone="0000000"), I("First Bancorp", phone="0000000"), "likely", "common_name"),
        (I("First Bancorp", street="Main Street"), I("First Bancorp", street="Main St"), "likely", "common_name"),
        (I("First Bancorp", street="5 Main Street"), I("First Bancorp", street="Main St 5"), "certain", "same_name"),
        (I("", street="5 Main St", phone="030 1234567"), I("Acme", street="5 Main St", phone="030 1234567"), "unlikely", "none"),
        (I("Acme N.V. NY Registry Shares"), I("Acme"), "likely", "score"),
        (I("Acme Inc trading as Widgets"), I("Acme Inc"), "likely", "score"),
        (I("The Acme"), I("TheAcme"), "likely", "score"),
        (I("Super Acme Computer"), I("Superacme"), "likely", "score"),
        (I("Pineapple Inc"), I("Pineapple Financial Inc"), "unlikely", "none"),
        (I("Zorblax Inc"), I("Zorblax Financial Inc"), "likely", "score"),
        (I("Acme (Ireland)"), I("Acme"), "likely", "score"),
        (I("Acme (Ireland)"), I("Acme (Spain)"), "likely", "score"),
        (I("Foo", domain="acme.com"), I("Bar", domain="www.acme.com"), "certain", "same_domain"),
        (I("Foo", domain="acme.com", country="US"), I("Bar", domain="acme.com", country="FR"), "likely", "contradicted"),
        (I("Foo", domain="acme.com", city="Rome"), I("Bar", domain="acme.com", city="Pisa"), "likely", "contradicted"),
        (I("Foo", domain="old.com", domains=("acme.com",)), I("Bar", domain="acme.com"), "certain", "same_domain"),
        (I("Foo", country="FR", registration_number="404833048"), I("Bar", country="FR", registration_number="FR83404833048"),
         "certain", "same_number"),
        (I("Foo", country="FR", registration_number="404833049"), I("Bar", country="FR", registration_number="404833049"),
         "unlikely", "none"),
        (I("Foo", country="FR", registration_number="1234"), I("Bar", country="DE", registration_number="1234"),
         "unlikely", "none"),
        (I("Foo", registration_number="1234"), I("Bar", registration_number="1234"), "unlikely", "none"),
        (I("Acme", country="DE", registration_number="HRB 1"), I("Acme", country="DE", registration_number="HRB 2"),
         "likely", "contradicted"),
        (I("Аcme"), I("Acme"), "likely", "look_alike"),
        (I("СОСА"), I("Coca"), "likely", "look_alike"),
        (I("Газпром"), I("Gazprom"), "likely", "score"),
        (I("Газпром"), I("ОАО Газпром"), "certain", "same_name"),
        (I("Acme Acquisition Corp. II"), I("Acme Acquisition Corp. III"), "unlikely", "none"),
        (I("😀"), I("😀"), "unlikely", "none"),
        (I("Inc."), I("Incorporated"), "likely", "score"),
        (I("X"), I("X Ltd"), "likely", "score"),
        (I("x" * 9000), I("x" * 9000), "likely", "score"),
        (I("Globex", aliases=("Acme",)), I("Acme GmbH"), "certain", "same_name"),
        (I("Acme"), I("Initech"), "unlikely", "none"),
    ],
)  # fmt: skip
def test_policy(a, b, certainty, rule):
    result = compare(a, b, RARE)
    assert (result.certainty, result.rule) == (certainty, rule)
    assert (result.certain, result.likely) == (certainty == "certain", certainty == "likely")
    assert compare(b, a, RARE) == result


def test_fields_and_reasons_in_words():
    result = compare(I("Acme", "acme.com", "US"), I("Acme", "acme.org", "US"), RARE)
    assert result.matched_fields == ("name", "country")
    assert result.contradictions == ("domain",)
    assert "other_domain" in [reason.key for reason in result.reasons(10)]
    assert result.reasons(10)[0].as_json() == {"key": "same_name", "percent": 100}
    assert "spelling" not in [reason.key for reason in result.reasons(10)], "the same name says it"
    assert {reason.speaks_for for reason in result.reasons(10)} == {True, False}
    assert len(result.reasons(2)) == 2
    assert result.version == load_model().version


FINANCE = Frequency({"financial": 400, "pineapple": 1, "zorblax": 1, "global": 200, "chile": 3}, 5000)


def test_what_speaks_against_is_told():
    def against(a, b):
        reasons = compare(I(a), I(b), FINANCE).reasons(10)
        return {reason.key for reason in reasons if not reason.speaks_for}

    assert "everyday_word" in against("Pineapple Inc", "Pineapple Financial Inc")
    assert "everyday_word" not in against("Zorblax Inc", "Zorblax Financial Inc")
    assert "other_place" in against("Zorblax Chile", "Zorblax")
    assert "other_place" not in against("Zorblax Chile", "Zorblax Chile Financial")
    assert "other_form" in against("Zorblax Co", "Zorblax Corp")
    assert "other_form" in against("Zorblax Financial LLC", "Zorblax Inc")
    assert compare(I("Zorblax Co"), I("Zorblax Corp"), FINANCE).contradictions == ("legal_form",)


def test_letters_of_another_script_are_told_first():
    reason = compare(I("Zоrblax Inc"), I("Zorblax Inc"), FINANCE).reasons(1)[0]
    assert (reason.as_json(), reason.speaks_for) == ({"key": "look_alike"}, False)


def test_what_follows_a_legal_form_inside_is_a_remark():
    whole = compare(I("Zorblax Financial Inc"), I("Zorblax Financial"), FINANCE).features
    remark = compare(I("Zorblax Financial Inc Sponsored July 21, 2025"), I("Zorblax Financial"), FINANCE).features
    assert (remark["shared_words"], remark["spelling"], remark["other_figures"]) == (1, 1, 0)
    assert remark["same_name"] == 0 < whole["same_name"]
    both = compare(I("Zorblax Inc Chile"), I("Zorblax Inc Financial"), FINANCE).features
    assert both["same_head"] > 0
    assert both["shared_words"] < 1


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        ("acme", "acme", 1, 1),
        ("international", "internatonal", 0.9, 1),
        ("international", "inter", 0.85, 0.85),
        ("g00gle", "google", 0.95, 0.95),
        ("investments", "inversiones", 0.85, 0.85),
        ("intel", "inter", 0, 0.6),
        ("acme", "acem", 0.7, 0.8),
        ("2005", "2006", 0, 0),
        ("therealreal", "realreal", 0.95, 0.95),
        ("ab", "ac", 0, 0),
        ("acme", "globex", 0, 0),
    ],
)
def test_likeness_of_words(a, b, low, high):
    assert low <= likeness(a, b) <= high
    assert likeness(a, b) == likeness(b, a)


def test_shortlist_keeps_the_best():
    rows = [(n, f"widget {n} trading") for n in range(300)] + [
        ("typo", "acmee widgets"),
        ("rotated", "widgets acme"),
        ("more", "acme widgets europe"),
    ]
    assert set(shortlist(normalise_name("Acme Widgets Ltd"), rows, 3)) == {"typo", "rotated", "more"}
    assert shortlist(normalise_name("Acme"), [], 3) == []


def test_shortlist_keeps_who_shares_the_most_telling_keys():
    spelled_alike = [(n, f"acme widget{n}") for n in range(40)]
    found = shortlist(normalise_name("Acme Widgets"), [("telling", "zorblax acme holding company"), *spelled_alike], 20)
    assert "telling" in found
    assert len(found) == 20


def test_a_model_pointing_the_wrong_way_is_refused():
    data = {"version": "x", "bias": 0, "likely": 0.5, "weights": {"same_domain": -1.0}}
    with pytest.raises(ValueError, match="same_domain"):
        parse_model(data)
    with pytest.raises(ValueError, match="nonsense"):
        parse_model({**data, "weights": {"nonsense": 1.0}})


_WORDS = "acme globex first bancorp holdings intl of 2 II Аcme corp inc smith a o trading tradng"
WORDS = st.sampled_from(_WORDS.split())
NAMES = st.one_of(st.lists(WORDS, max_size=5).map(" ".join), st.text(max_size=12))
IDENTITIES = st.builds(
    Identity,
    name=NAMES,
    domain=st.sampled_from(["", "acme.com", "acme.org", "gmail.com"]),
    country=st.sampled_from(["", "US", "FR"]),
    registration_number=st.sampled_from(["", "404833048", "552032534", "404833049"]),
    city=st.sampled_from(["", "Paris", "Rome"]),
    phone=st.sampled_from(["", "030 1234567", "030 7654321"]),
    street=st.sampled_from(["", "5 Main St"]),
)
ORDER = {"unlikely": 0, "likely": 1, "certain": 2}


@settings(max_examples=300)
@given(IDENTITIES, IDENTITIES)
def test_symmetric(a, b):
    assert compare(a, b, RARE) == compare(b, a, RARE)


@settings(max_examples=200)
@given(st.lists(WORDS, min_size=1, max_size=5), st.randoms(use_true_random=False), NAMES)
def test_word_order_is_free_for_the_verdict_of_one_name(words, rng, other):
    shuffled = list(words)
    rng.shuffle(shuffled)
    a, b = Identity(" ".join(words)), Identity(" ".join(shuffled))
    if a.name_key.sorted_core == b.name_key.sorted_core:
        assert compare(a, b, RARE).score == compare(a, a, RARE).score


SAME = [
    {"domain": "same.example.com"}, {"phone": "040 9999999"}, {"city": "Oslo"}, {"street": "1 High Street"},
    {"country": "NO"}, {"country": "NO", "registration_number": "988077917"},
]  # fmt: skip
OTHER = [
    ({"domain": "one.com"}, {"domain": "two.com"}), ({"country": "NO"}, {"country": "SE"}),
    ({"city": "Oslo"}, {"city": "Bergen"}),
    ({"site": "north"}, {"site": "south"}),
    ({"country": "NO", "registration_number": "988077917"}, {"country": "NO", "registration_number": "889640782"}),
]  # fmt: skip


def blank(identity, fields):
    return replace(identity, **dict.fromkeys(fields, ""))


@settings(max_examples=300)
@given(IDENTITIES, IDENTITIES, st.sampled_from(SAME))
def test_evidence_of_sameness_never_lowers(a, b, same):
    if "country" in same:  # a country lets numbers speak, which may be against
        a, b = blank(a, ["registration_number"]), blank(b, ["registration_number"])
    a, b = blank(a, same), blank(b, same)
    before, after = compare(a, b, RARE), compare(replace(a, **same), replace(b, **same), RARE)
    assert after.score >= before.score
    assert ORDER[after.certainty] >= ORDER[before.certainty]


@settings(max_examples=300)
@given(IDENTITIES, IDENTITIES, st.sampled_from(OTHER))
def test_contradicting_evidence_never_raises(a, b, other):
    one, two = other
    country_alone = "registration_number" in one  # the shared country there is evidence of sameness: it stays in both
    fields = [field for field in one if not (country_alone and field == "country")]
    if country_alone:
        a, b = replace(a, country="NO"), replace(b, country="NO")
    a, b = blank(a, fields), blank(b, fields)
    before, after = compare(a, b, RARE), compare(replace(a, **one), replace(b, **two), RARE)
    assert after.score <= before.score
    assert ORDER[after.certainty] <= ORDER[before.certainty]


@settings(max_examples=200)
@given(IDENTITIES, IDENTITIES)
def test_a_score_alone_is_never_certain(a, b):
    result = compare(a, b, RARE)
    if result.certain:
        assert result.rule in ("same_number", "same_domain", "same_name")
        assert result.matched_fields


@settings(max_examples=200)
@given(IDENTITIES, IDENTITIES, NAMES)
def test_a_shared_alias_never_lowers(a, b, alias):
    before = compare(a, b, RARE)
    after = compare(replace(a, aliases=(alias,)), b, RARE)
    assert ORDER[after.certainty] >= ORDER[before.certainty]
