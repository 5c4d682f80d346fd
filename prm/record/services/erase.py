"""Taking a person out of comments."""

from __future__ import annotations

from prm.core.forget import blank_words
from prm.record.models import Comment


def blank_in_comments(words: list[str]) -> int:
    """What people wrote stays; these words in it go. Answers how many comments changed."""
    return blank_words(Comment, ["body"], words)
