"""Small pieces of Markdown, and the words the pages of the reference are written with."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[2]
WORDS = Path(__file__).with_name("words.toml")

MADE = "<!-- Written by scripts/build_docs.py from the code: change the code or its words, not this page. -->\n"


@functools.cache
def words() -> Mapping[str, Any]:
    """Return what is said of files, columns, roles, entries and settings."""
    return tomllib.loads(WORDS.read_text("utf-8"))


def cell(value: object) -> str:
    """Return a value as the text of a cell of a table: one line, its bars and angles taken for text."""
    text = " ".join(str(value).split())
    return text.replace("|", "\\|").replace("<", "&lt;")


def code(value: object) -> str:
    """Return a value set as code; nothing for an empty one."""
    return f"`{value}`" if str(value) else ""


def codes(values: Iterable[object]) -> str:
    """Return values set as code, one after the other."""
    return " ".join(code(value) for value in values)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table, or nothing where it has no rows."""
    lines = ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines]) + "\n"


def page(title: str, *parts: str) -> str:
    """Return a page of the reference: its title, and its parts with an empty line between."""
    return "\n\n".join([f"# {title}", MADE.strip(), *(part.strip("\n") for part in parts if part.strip())]) + "\n"


def halves(text: str) -> tuple[str, str]:
    """Part a sentence in both languages, ``中文 / English``; one that has a single language stands in both places.

    Examples
    --------
    >>> halves("语言 / language")
    ('语言', 'language')
    """
    zh, _, en = text.partition(" / ")
    return zh.strip(), (en or zh).strip()
