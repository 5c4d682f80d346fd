"""Words taken out of free text: whole ones, in any case, with every sign taken for itself."""

import pytest

from prm.core.forget import MARK, blank_words, words_of
from prm.record.models import Comment

pytestmark = pytest.mark.django_db


def test_names_of_one_word_are_not_looked_for():
    assert words_of(["Kim", "  ", "Li Wu"], ["li@x.test"]) == ["li@x.test", "Li Wu"]
    assert "Ann O&#x27;Neil" in words_of(["Ann O'Neil"], [])


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("Ask ann o'neil today", f"Ask {MARK} today"),
        ("Mann O'Neill is another", "Mann O'Neill is another"),
        ("a+b@x.test, not aab@x.test", f"{MARK}, not aab@x.test"),
        ("a+b@xytest", "a+b@xytest"),
    ],
)
def test_only_whole_words_and_only_these(cast, body, left):
    row = Comment.objects.create(noun="x", object_id=cast.acme.pk, author=cast.amir, body=body)
    blank_words(Comment, ["body"], words_of(["Ann O'Neil"], ["a+b@x.test"]))
    row.refresh_from_db()
    assert row.body == left


def test_no_words_no_update(cast):
    assert blank_words(Comment, ["body"], []) == 0
