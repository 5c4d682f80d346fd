"""Which encoding a text file is in. Guesses only where a wrong guess shows."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from django.utils.translation import gettext as _

from prm.core.tabular.problems import BadFile

BLOCK = 1 << 20
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NOT_IN_1252 = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})


def detect_encoding(file: BinaryIO) -> str:
    """The codec's name, the whole file read. Raises BadFile where no encoding fits; leaves the file at its start."""
    file.seek(0)
    head = file.read(4096)
    encoding = next((name for mark, name in BOMS if head.startswith(mark)), "") or _silent_utf16(head) or "utf-8"
    file.seek(0)
    bad_line = _first_bad_line(file, encoding)
    if bad_line and encoding == "utf-8" and _is_1252(file):
        bad_line, encoding = 0, "cp1252"
    file.seek(0)
    if bad_line:
        raise BadFile(
            _("Line %(line)d is not valid %(encoding)s. Please save the file as UTF-8.")
            % {"line": bad_line, "encoding": encoding.upper().removesuffix("-SIG")}
        )
    return encoding


def _silent_utf16(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of plain text is zero."""
    pairs = len(head) // 2
    if pairs < 4:
        return ""
    if head[1::2].count(0) > pairs * 0.6 and head[0::2].count(0) < pairs * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > pairs * 0.6 and head[1::2].count(0) < pairs * 0.1:
        return "utf-16-be"
    return ""


def _first_bad_line(file: BinaryIO, encoding: str) -> int:
    """The line of the first byte that does not fit, or 0."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    file.seek(0)
    while block := file.read(BLOCK):
        try:
            line += decoder.decode(block).count("\n")
        except UnicodeDecodeError as error:
            return line + block[: error.start].count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return 0


def _is_1252(file: BinaryIO) -> bool:
    """No byte that Windows-1252 lacks, no zero, and no sign written as UTF-8 (that would be a damaged UTF-8 file)."""
    file.seek(0)
    while block := file.read(BLOCK):
        high = set(block) & (NOT_IN_1252 | {0})
        if high or any(ord(char) > 127 for char in block.decode("utf-8", "ignore")):
            return False
    return True
