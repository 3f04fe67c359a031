"""XML read as a stream of elements, with nothing in it that could expand, fetch or include."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO
from xml.parsers import expat

from ecogeo.errors import UnusableFileError
from ecogeo.wording import Text

_BLOCK_BYTES = 1 << 20
_PROLOG_BYTES = 1 << 12
_DECLARATION_BYTES = 256
_DEEPEST = 1000
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHINESE = {"gb2312", "gbk", "gb18030", "cp936", "x-gbk", "936"}

DOCTYPE_REFUSED = Text(
    "XML 中有 DOCTYPE 或实体定义，可能夹带外部内容，不予读取",
    "its XML holds a DOCTYPE or entity definitions, which may pull in other content, and is not read",
)


def local_name(name: str) -> str:
    """Return an element's or attribute's name without its prefix.

    Examples
    --------
    >>> local_name("gx:Track")
    'Track'
    """
    return name.rpartition(":")[2]


def encoding_of_xml(head: bytes) -> str:
    """Return the encoding of an XML document by its first bytes: the stated one, or GB18030 where it is not UTF-8.

    Parameters
    ----------
    head
        The first bytes, at least the XML declaration.

    Examples
    --------
    >>> encoding_of_xml(b'<?xml version="1.0" encoding="GB2312"?><kml/>')
    'gb18030'
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    declared = _DECLARED.match(head.lstrip()[:_DECLARATION_BYTES])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name in _CHINESE:
        return "gb18030"
    if name in ("utf-8", "utf8") and not _can_be(head, "utf-8") and _can_be(head, "gb18030"):
        return "gb18030"
    return name


def _can_be(head: bytes, encoding: str) -> bool:
    """Whether the beginning of a text is in an encoding."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def has_doctype(stream: IO[bytes]) -> bool:
    """Tell whether an XML document declares a DOCTYPE, whatever its encoding and however long what stands before it.

    Parameters
    ----------
    stream
        The document; it is read no further than to its first element. What is no XML has none.

    Examples
    --------
    >>> from io import BytesIO
    >>> has_doctype(BytesIO(b"<!--x--><!DOCTYPE a><a/>")), has_doctype(BytesIO(b"<a><!DOCTYPE a></a>"))
    (True, False)
    """
    found: list[bool] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_words: found.append(True)
    parser.StartElementHandler = lambda *_words: found.append(False)
    with suppress(expat.ExpatError, ValueError, LookupError):  # whoever reads it says what is wrong
        while not found and (block := stream.read(_PROLOG_BYTES)):
            parser.Parse(block)
    return bool(found) and found[0]


def read_xml(
    path: Path,
    begin: Callable[[str, dict[str, str]], None],
    end: Callable[[str, str], None],
) -> str:
    """Walk an XML document element by element.

    Parameters
    ----------
    path
        The file.
    begin
        Called with an element's name, without prefix, and its attributes.
    end
        Called with an element's name and the text directly inside it.

    Returns
    -------
    The encoding its text was read in.

    Raises
    ------
    UnusableFileError
        Where it is not well-formed, nested absurdly deep, holds a DOCTYPE or an entity definition, or text in no known
        encoding.
    """
    texts: list[list[str]] = []

    def on_begin(name: str, attributes: dict[str, str]) -> None:
        if len(texts) == _DEEPEST:
            problem = Text("XML 嵌套过深，不予读取", "its XML is nested deeper than any data are, and is not read")
            raise UnusableFileError(path.name, problem)
        texts.append([])
        begin(local_name(name), attributes)

    def on_end(name: str) -> None:
        end(local_name(name), "".join(texts.pop()))

    def on_text(text: str) -> None:
        if texts:
            texts[-1].append(text)

    def on_doctype(*_: object) -> None:
        raise UnusableFileError(path.name, DOCTYPE_REFUSED)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = on_begin
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = on_text
    parser.StartDoctypeDeclHandler = on_doctype
    parser.EntityDeclHandler = on_doctype
    with path.open("rb") as stream:
        block = stream.read(_BLOCK_BYTES)
        encoding = encoding_of_xml(block)
        try:
            decoder = codecs.getincrementaldecoder(encoding)()
            while block:
                parser.Parse(decoder.decode(block))
                block = stream.read(_BLOCK_BYTES)
            parser.Parse(decoder.decode(b"", final=True), True)
        except (expat.ExpatError, LookupError, UnicodeError) as error:
            problem = Text(
                f"XML 不完整或有误，请重新导出（{error}）", f"its XML is broken or cut short: export it again ({error})"
            )
            raise UnusableFileError(path.name, problem) from error
    return "GB18030" if encoding == "gb18030" else encoding.upper().removesuffix("-SIG")
