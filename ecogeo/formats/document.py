"""A planning document as paragraphs and tables, whatever office file it comes as.

Of a text the places are lines, of a Word document paragraphs counted from its top (those inside tables too), of a
workbook rows of the sheet that titles the table.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ecogeo.errors import UnusableFileError
from ecogeo.formats.docx_blocks import WordText, read_docx
from ecogeo.formats.html_tables import split_html
from ecogeo.formats.ruled_tables import split_ruled
from ecogeo.formats.text_tables import RawTable, caption_above, read_text, split_tables
from ecogeo.formats.xlsx_tables import read_book
from ecogeo.wording import Text

Counted = Literal["line", "paragraph", "row"]

_ZIP, _OLE, _PDF, _RTF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf"
_PAGE = re.compile(rb"\s*(?:<!doctype html|<html|mime-version:)", re.IGNORECASE)
_WORD, _EXCEL = "word/document.xml", "xl/workbook.xml"
_ADVICE = Text(
    "请另存为 .docx、.xlsx 或纯文本（.txt）后再读",
    "save it as .docx, .xlsx or plain text (.txt) and read that",
)
_OF_PDF = Text(
    "请用原来的 .docx 或 .xlsx；没有时用 Word 或 WPS 打开 PDF 另存为 .docx，或把文字复制到 .txt"
    "（扫描件须先做文字识别；用 pdftotext -layout 转成的文本可以读出表格），再读",
    "take the .docx or .xlsx it was made from; where there is none, open the PDF in Word or WPS and save it as .docx, "
    "or copy its text into a .txt (a scan needs text recognition first; the tables of a text made by pdftotext -layout "
    "can be read), and read that",
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph outside all tables, and the place it stands at."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a document holds, in its order.

    Parameters
    ----------
    paragraphs
        Everything outside the tables; of a text its lines, blank ones too.
    tables
        The tables whose cells are marked as such.
    counted
        What the places count.
    remarks
        What of the file is not simply its text: revisions that nobody accepted, text struck through or hidden, sheets
        and rows that are hidden.
    losses
        What of the file could not be read at all: cells of formulas that no program has worked out.
    """

    paragraphs: tuple[Paragraph, ...]
    tables: tuple[RawTable, ...]
    counted: Counted = "line"
    remarks: tuple[Text, ...] = ()
    losses: tuple[Text, ...] = ()

    @property
    def text(self) -> str:
        """All paragraphs, each ended by a line feed."""
        return "".join(f"{paragraph.text}\n" for paragraph in self.paragraphs)


def read_document(path: Path) -> Document:
    """Read a Word document, a workbook or a text, told apart by their bytes.

    Parameters
    ----------
    path
        A .docx, an .xlsx, or a text in UTF-8, UTF-16 or GB18030 whose table cells begin with a TAB, are set apart by
        TABs, stand between upright bars, or are marked as those of HTML.

    Raises
    ------
    UnusableFileError
        Where it is missing, empty, damaged, of another kind, or packed as no document is.
    """
    if not path.is_file():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    with path.open("rb") as stream:
        head = stream.read(64)
    if head.startswith(_ZIP):
        return _from_archive(path)
    if head.startswith(_OLE):
        old = Text(
            "是旧版 Word/Excel 文件（.doc、.xls）、WPS 文件（.wps、.et）或加密的文件",
            "it is an old Word or Excel file (.doc, .xls), a file of WPS (.wps, .et), or an encrypted one",
        )
        raise UnusableFileError(path.name, [old, _ADVICE])
    if head.startswith(_PDF):
        raise UnusableFileError(path.name, [Text("是 PDF 文件", "it is a PDF"), _OF_PDF])
    if head.startswith(_RTF) or _PAGE.match(head):
        other = Text("是 RTF 文件或网页", "it is RTF or a web page, whatever its name says")
        raise UnusableFileError(path.name, [other, _ADVICE])
    return parse_text(read_text(path))


def parse_text(text: str) -> Document:
    r"""Find the tables of a text, and what stands outside them.

    Parameters
    ----------
    text
        The whole text, lines ended by a line feed.

    Examples
    --------
    >>> document = parse_text("前言\n序号\t名称\t值\n1\t河长制\t全面推行\n")
    >>> document.tables[0].rows[1], document.paragraphs[0].text
    (('1', '河长制', '全面推行'), '前言')
    """
    lines = text.split("\n")
    found: list[RawTable] = []
    for split in (split_html, split_ruled, split_tables):
        tables = split("\n".join(lines))
        found += tables
        for table in tables:
            lines[table.first_line - 1 : table.last_line] = [""] * (table.last_line - table.first_line + 1)
    tables = tuple(sorted(found, key=lambda table: table.first_line))
    inside = {line for table in tables for line in range(table.first_line, table.last_line + 1)}
    paragraphs = (Paragraph(number, line) for number, line in enumerate(lines, start=1) if number not in inside)
    return Document(tuple(paragraphs), tables)


def _from_archive(path: Path) -> Document:
    """Read a Word document or a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if _WORD in names:
                return _from_word(read_docx(path, archive))
            if _EXCEL in names:
                book = read_book(path, archive)
                paragraphs = tuple(Paragraph(line, text) for line, text in book.headings)
                return Document(paragraphs, book.tables, "row", book.remarks, book.losses)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        problem = Text(
            f"文件损坏或被截断（{type(error).__name__}）", f"it is damaged or cut short ({type(error).__name__})"
        )
        raise UnusableFileError(path.name, problem) from error
    neither = Text("是压缩包，但不是 .docx 或 .xlsx", "it is an archive, but no .docx and no .xlsx")
    raise UnusableFileError(path.name, [neither, _ADVICE])


def _from_word(word: WordText) -> Document:
    """Sort the blocks of a Word document, and give each table the caption in front of it."""
    paragraphs: list[Paragraph] = []
    tables: list[RawTable] = []
    since: list[str] = []
    for number, block in word.blocks:
        if isinstance(block, str):
            lines = block.split("\n")
            paragraphs += [Paragraph(number, line) for line in lines]
            since += lines
            continue
        title, unit = caption_above(reversed(since))
        tables.append(
            RawTable(
                title,
                block.rows,
                block.row_lines,
                block.last_line,
                block.merged,
                block.below,
                unit,
                is_apart=not tables or any(line.strip() for line in since),
            )
        )
        since = []
    outside, aligned = _aligned(paragraphs)
    revised = Text(
        f"文件中有 {word.revisions} 处未接受的修订：按全部接受读取（删去的不读，插入的读入）",
        f"{word.revisions} revisions are not accepted yet: the file was read as if all of them were",
    )
    ordered = sorted((*tables, *aligned), key=lambda table: table.first_line)
    return Document(outside, tuple(ordered), "paragraph", (*((revised,) if word.revisions else ()), *word.remarks))


def _aligned(paragraphs: Sequence[Paragraph]) -> tuple[tuple[Paragraph, ...], tuple[RawTable, ...]]:
    """Find the tables that a Word document sets with TABs in plain paragraphs, and what stands outside them."""
    found = split_ruled("".join(f"{item.text}\n" for item in paragraphs)) if paragraphs else ()
    inside = {line - 1 for table in found for line in range(table.first_line, table.last_line + 1)}
    tables = (
        replace(
            table,
            row_lines=tuple(paragraphs[line - 1].line for line in table.row_lines),
            last_line=paragraphs[table.last_line - 1].line,
        )
        for table in found
    )
    return tuple(item for at, item in enumerate(paragraphs) if at not in inside), tuple(tables)
