"""The fenced blocks of a page: files the reader writes, and commands the reader gives."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click

from ecogeo.cli import commands

_FENCE = re.compile(
    r"^(?P<pad> *)(?P<marks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^ *(?P=marks)[ ]*$", re.DOTALL | re.MULTILINE
)
_TITLE = re.compile(r'title="([^"]+)"')
_STATUS = re.compile(r"返回 ([012])|status ([012])")
_SHELLS = ("", "sh", "console", "powershell")
_SPAN = re.compile(r"`(ecogeo [^`\n]+)`")
_SYNOPSIS = re.compile(r"[\[\]…|]|\.\.\.|(?:^|\s)[A-Z][A-Z_,]*(?=\s|$)")
"""What tells a line of usage, such as ``ecogeo screen FILE [--type T]``, from a command as it is typed."""


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block.

    Parameters
    ----------
    kind
        The language it names; empty for none.
    title
        The file the reader saves it as; empty for none.
    lines
        What stands in it.
    """

    kind: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """One command as the page has it.

    Parameters
    ----------
    words
        The words after ``ecogeo``.
    status
        What the page says it ends with: 0 where it says nothing.
    is_named
        Whether a sentence may name it without what it needs, such as ``ecogeo screen``.
    """

    words: tuple[str, ...]
    status: int
    is_named: bool = False


def fences(path: Path) -> Iterator[Fence]:
    """Yield the fenced blocks of a page."""
    for found in _FENCE.finditer(path.read_text("utf-8")):
        info = found["info"].strip()
        title = _TITLE.search(info)
        lines = tuple(line.removeprefix(found["pad"]) for line in found["body"].splitlines())
        yield Fence(info.partition(" ")[0], title[1] if title else "", lines)


def command_of(line: str) -> Given | None:
    """Return the command a line gives to the program, or None where it gives none.

    Examples
    --------
    >>> command_of("ecogeo screen a.txt -o out   # 返回 2")
    Given(words=('screen', 'a.txt', '-o', 'out'), status=2, is_named=False)
    """
    text, _, remark = line.strip().partition("  #")
    if not text.startswith("ecogeo "):
        return None
    status = _STATUS.search(remark)
    return Given(tuple(shlex.split(text.partition(" # ")[0])[1:]), int(status[1] or status[2]) if status else 0)


def typed_commands(path: Path) -> Iterator[Given]:
    """Yield every command a page gives: in its fences, and set as code in its sentences, lines of usage left out."""
    for fence in fences(path):
        if fence.kind in _SHELLS and not fence.title:
            yield from (given for line in fence.lines if not is_usage(line) and (given := command_of(line)))
    for found in _SPAN.finditer(_FENCE.sub("", path.read_text("utf-8"))):
        if not is_usage(found[1]) and (given := command_of(found[1])):
            yield replace(given, is_named=True)


def is_usage(line: str) -> bool:
    """Whether a line shows how a command is written, with words in capitals or brackets for what the reader puts in."""
    return bool(_SYNOPSIS.search(line.partition("  #")[0]))


def faults_of(given: Given) -> list[str]:
    """Return what the command line would refuse of a command: its name, its options, their number and their choices."""
    command: click.Command = commands
    context = click.Context(commands, info_name="ecogeo")
    words = list(given.words)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        below = command.get_command(context, name)
        if below is None:
            return [f"there is no command {name}"]
        command, context = below, click.Context(below, info_name=name, parent=context)
    is_help = "--help" in words or "--version" in words
    if isinstance(command, click.Group) or is_help or (given.is_named and not words):
        known = {option for one in command.get_params(context) for option in one.opts}
        return [f"{word}: no such option" for word in words if word.startswith("-") and word not in known]
    try:
        values, left, _ = command.make_parser(context).parse_args(words)
    except click.BadOptionUsage as error:
        return [] if given.is_named else [error.format_message()]
    except click.UsageError as error:
        return [error.format_message()]
    faults = [f"{word}: one argument too many" for word in left]
    for one in command.get_params(context):
        value = values.get(one.name or "")
        is_there = isinstance(value, str | list | tuple) and bool(value)
        if one.required and not is_there and not given.is_named:
            faults.append(f"{one.name} is missing")
        several = value if isinstance(value, list | tuple) else [value]
        for part in several:
            if isinstance(part, str) and not isinstance(one.type, click.Path):
                try:
                    one.type.convert(part, one, context)
                except click.BadParameter as error:
                    faults.append(error.format_message())
    return faults
