"""Bytes into text, strictly: byte-order mark, UTF-16 by its zero bytes, UTF-8, else GB18030."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text

_MARKS = ((codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF16_LE, "UTF-16LE"), (codecs.BOM_UTF16_BE, "UTF-16BE"))
_ZERO_SHARE = 0.2
"""Digits and commas fill a coordinate text; in UTF-16 every one of them has a zero byte on the same side."""


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text and how its bytes were read.

    Parameters
    ----------
    text
        The text without byte-order mark, line ends as in the file.
    encoding
        ``UTF-8``, ``GB18030``, ``UTF-16LE`` or ``UTF-16BE``.
    has_bom
        Whether a byte-order mark stood in front.
    """

    text: str
    encoding: str
    has_bom: bool


def decode_text(content: bytes, name: str) -> DecodedText:
    """Decode a whole text file in the one encoding that fits all of it.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        The file's name, for the message.

    Raises
    ------
    UnusableFileError
        Where the bytes are in none of the encodings, or are no text; the line of the first bad byte is named.

    Examples
    --------
    >>> decode_text("地块".encode("gb18030"), "a.txt").encoding
    'GB18030'
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding, name, has_bom=True)
    for start, encoding in ((1, "UTF-16LE"), (0, "UTF-16BE")):
        side = content[start::2]
        if side and side.count(0) > _ZERO_SHARE * len(side) and len(content) % 2 == 0:
            return _decoded(content, encoding, name, has_bom=False)
    try:
        return _decoded(content, "UTF-8", name, has_bom=False)
    except UnusableFileError:
        return _decoded(content, "GB18030", name, has_bom=False)


def _decoded(content: bytes, encoding: str, name: str, *, has_bom: bool) -> DecodedText:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Text(
            f"不是 UTF-8、GB18030 或 UTF-16 编码的文本，第 {line} 行的字节无法识别；请重新导出或另存为 UTF-8",
            f"it is no text in UTF-8, GB18030 or UTF-16: line {line} holds bytes of none; export it again or save it "
            "as UTF-8",
        )
        raise UnusableFileError(name, problem) from error
    if "\0" in text:
        raise UnusableFileError(name, Text("不是文本文件（含零字节）", "it is no text file: it holds zero bytes"))
    return DecodedText(text, encoding, has_bom)
