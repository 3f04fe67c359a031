"""A table of figures without geometry, kept as text until someone asks for a number."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecogeo.catalog import TableDeclaration
from ecogeo.errors import UnusableFileError
from ecogeo.formats.plain_text import decode_text
from ecogeo.layer import digest
from ecogeo.wording import Text, list_en, list_zh


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of figures.

    Parameters
    ----------
    name
        Its declared name.
    declaration
        What the county declares of it.
    frame
        Every cell as text, empty cells as ``""``; codes keep their leading zeros.
    sha256
        Digest of the file.
    """

    name: str
    declaration: TableDeclaration
    frame: pd.DataFrame
    sha256: str = ""


def read_table(name: str, declaration: TableDeclaration, folder: Path) -> Table:
    """Read a declared CSV table.

    Parameters
    ----------
    name
        Its declared name.
    declaration
        What the county declares of it.
    folder
        The folder its path is relative to (``data/``).

    Raises
    ------
    UnusableFileError
        With everything that makes it unusable: missing, in an unknown encoding, all columns that are missing at once,
        rows longer than the head, a key twice or empty.
    """
    path = folder / declaration.path
    frame = read_cells(path, shown=declaration.path)
    missing = [
        column for column in dict.fromkeys((declaration.key, *declaration.required)) if column not in frame.columns
    ]
    problems = []
    if missing:
        problems.append(
            Text(
                f"缺少列 {list_zh(missing, most=40)}；现有 {list_zh(frame.columns, most=40)}",
                f"the columns {list_en(missing, most=40)} are missing; it has {list_en(frame.columns, most=40)}",
            )
        )
    if declaration.key in frame.columns:
        keys = frame[declaration.key]
        if empty := int((keys == "").sum()):
            problems.append(
                Text(f"主键 {declaration.key} 有 {empty} 个空值", f"the key {declaration.key} is empty in {empty} rows")
            )
        if twice := sorted(keys[keys.duplicated() & (keys != "")].unique()):
            problems.append(
                Text(
                    f"主键 {declaration.key} 重复：{list_zh(twice)}",
                    f"the key {declaration.key} occurs more than once: {list_en(twice)}",
                )
            )
    if problems:
        raise UnusableFileError(declaration.path, problems)
    return Table(name, declaration, frame, digest(path))


def read_cells(path: Path, *, shown: str = "") -> pd.DataFrame:
    """Read every cell of a CSV as text.

    Parameters
    ----------
    path
        The file: UTF-8 (with or without BOM), UTF-16 or GB18030.
    shown
        How a message names it; empty takes the file's name.

    Raises
    ------
    UnusableFileError
        Where it is missing, in another encoding, empty, torn, has a column twice, or rows longer or shorter than its
        head.
    """
    shown = shown or path.name
    if not path.is_file():
        raise UnusableFileError(shown, Text("文件不存在", "the file does not exist"))
    text = decode_text(path.read_bytes(), shown).text
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        problem = Text("引号没有成对，表格在中途断开", "a quote is never closed: the table is torn")
        raise UnusableFileError(shown, problem) from error
    if not rows:
        raise UnusableFileError(shown, Text("表是空的，没有表头", "it is empty: there is no head row"))
    head, body = rows[0], rows[1:]
    problems = []
    if twice := sorted({column for column in head if head.count(column) > 1}):
        problems.append(Text(f"列名重复：{list_zh(twice)}", f"columns occur twice: {list_en(twice)}"))
    if long := [number for number, row in enumerate(body, start=2) if len(row) > len(head)]:
        problems.append(
            Text(
                f"第 {list_zh(long)} 行的单元格多于表头（{len(head)} 列）",
                f"rows {list_en(long)} have more cells than the head ({len(head)} columns)",
            )
        )
    if short := [number for number, row in enumerate(body, start=2) if len(row) < len(head)]:
        problems.append(
            Text(
                f"第 {list_zh(short)} 行的单元格少于表头（{len(head)} 列）",
                f"rows {list_en(short)} have fewer cells than the head ({len(head)} columns)",
            )
        )
    if problems:
        raise UnusableFileError(shown, problems)
    filled = [[cell.strip() for cell in row] for row in body]
    return pd.DataFrame(filled, columns=head, dtype=str)
