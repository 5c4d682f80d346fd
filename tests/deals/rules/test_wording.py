"""The duplicate check in words, in the reader's language."""

import pytest
from django.utils import translation

from deals.rules.verdict import KEPT_APART
from deals.rules.wording import TERMS, term_text, terms_in_words
from prm.matching.explain import explain
from prm.matching.features import CONTRADICTION, SAMENESS
from prm.matching.score import Term


def test_every_feature_has_words():
    features = {*SAMENESS, *CONTRADICTION}
    assert set(TERMS) == {*features, KEPT_APART, "look_alike"}
    reasons = explain([Term(name, 0.5, 1.0) for name in features - {"same_name"}], 99)
    said = [term_text(reason.as_json()) for reason in reasons]
    assert len(set(said)) == len(features) - 1
    assert "the spelling agrees to 50 %" in said
    assert not [text for text in said if "%(" in text or "%%" in text]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "a person decided on 2026-11-20 that they are not the same"),
        ("de", "ein Mensch hat am 2026-11-20 entschieden, dass sie nicht dieselben sind"),
    ],
)
def test_a_term_is_told_in_the_readers_language(language, words):
    with translation.override(language):
        assert term_text({"key": KEPT_APART, "day": "2026-11-20"}) == words


def test_what_speaks_for_and_what_against():
    terms = [{"key": "same_domain", "percent": 100}, {"key": "other_form", "percent": 100}, {"key": "look_alike"}]
    assert terms_in_words(terms) == (
        ["same web domain"],
        ["the legal forms differ", "letters of another script that look like Latin ones"],
    )
