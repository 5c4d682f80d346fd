"""Reading a mail's bodies as a person would."""

import re
from html import unescape


def words(body: str) -> str:
    """The text of a body on one line; links as the addresses they lead to."""
    plain = re.sub(r"<style.*?</style>", "", body, flags=re.DOTALL)
    plain = re.sub(r'<a [^>]*href="([^"]*)"[^>]*>', r" \1 ", plain)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", plain)).split())
