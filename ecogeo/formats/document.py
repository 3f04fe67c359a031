"""A planning document as paragraphs and tables, whatever office file it comes as.

Of a text the places are lines, of a Word document paragraphs counted from its top (those inside tables too), of a
workbook rows of the sheet that titles the table.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ecogeo.errors import UnusableFileError
from ecogeo.formats.docx_blocks import TableBlock, read_docx
from ecogeo.formats.ruled_tables import split_ruled
from ecogeo.formats.text_tables import RawTable, caption_of, read_text, split_tables
from ecogeo.formats.xlsx_tables import read_xlsx
from ecogeo.wording import Text

Counted = Literal["line", "paragraph", "row"]

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
_WORD, _EXCEL = "word/document.xml", "xl/workbook.xml"
_ADVICE = Text(
    "请另存为 .docx、.xlsx 或纯文本（.txt）后再读",
    "save it as .docx, .xlsx or plain text (.txt) and read that",
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
    """

    paragraphs: tuple[Paragraph, ...]
    tables: tuple[RawTable, ...]
    counted: Counted = "line"

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
        TABs, or stand between upright bars.

    Raises
    ------
    UnusableFileError
        Where it is missing, empty, damaged, of another kind, or packed as no document is.
    """
    if not path.is_file():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(_ZIP):
        return _from_archive(path)
    if head.startswith(_OLE):
        old = Text("是旧版 Word/Excel 或加密的文件", "it is an old or an encrypted Word or Excel file")
        raise UnusableFileError(path.name, [old, _ADVICE])
    if head.startswith(_PDF):
        raise UnusableFileError(path.name, [Text("是 PDF 文件", "it is a PDF"), _ADVICE])
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
    ruled = split_ruled(text)
    lines = text.split("\n")
    for table in ruled:
        lines[table.first_line - 1 : table.last_line] = [""] * (table.last_line - table.first_line + 1)
    tables = sorted((*ruled, *split_tables("\n".join(lines))), key=lambda table: table.first_line)
    inside = {line for table in tables for line in range(table.first_line, table.last_line + 1)}
    paragraphs = (Paragraph(number, line) for number, line in enumerate(lines, start=1) if number not in inside)
    return Document(tuple(paragraphs), tuple(tables))


def _from_archive(path: Path) -> Document:
    """Read a Word document or a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if _WORD in names:
                return _from_blocks(read_docx(path, archive))
            if _EXCEL in names:
                tables, paragraphs = read_xlsx(path, archive)
                return Document(tuple(Paragraph(line, text) for line, text in paragraphs), tables, "row")
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        problem = Text(
            f"文件损坏或被截断（{type(error).__name__}）", f"it is damaged or cut short ({type(error).__name__})"
        )
        raise UnusableFileError(path.name, problem) from error
    neither = Text("是压缩包，但不是 .docx 或 .xlsx", "it is an archive, but no .docx and no .xlsx")
    raise UnusableFileError(path.name, [neither, _ADVICE])


def _from_blocks(blocks: Sequence[tuple[int, str | TableBlock]]) -> Document:
    """Sort the blocks of a Word document, and give each table the caption in front of it."""
    paragraphs: list[Paragraph] = []
    tables: list[RawTable] = []
    for number, block in blocks:
        if isinstance(block, str):
            paragraphs += [Paragraph(number, line) for line in block.split("\n")]
            continue
        before = next((item.text for item in reversed(paragraphs) if item.text.strip()), "")
        tables.append(RawTable(caption_of(before), block.rows, block.row_lines, block.last_line, block.merged))
    return Document(tuple(paragraphs), tuple(tables), "paragraph")
