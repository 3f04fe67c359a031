"""The page of the commands: usage, arguments and options as the command line itself has them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from documents.markup import cell, code, codes, halves, page, table, words
from ecogeo.cli import commands

_STATUSES = (
    ("0", "完成，没有禁止或问题", "done, nothing prohibited or faulty"),
    ("1", "完成，但有（`--exit-zero` 时仍返回 0）", "done, and something is (`--exit-zero` turns it off)"),
    ("2", "无法判断：输入、参数不可用，或检查出错", "could not judge: bad input, bad arguments or a broken check"),
)
_COMMON = ("workspace", "lang", "quiet", "debug")


def command_page() -> str:
    """Return the page of all commands."""
    return page(
        "命令 Commands",
        "每个命令都可写成 `python -m ecogeo …`。结果写到标准输出，进度写到标准错误。\n\n"
        "Every command may be written `python -m ecogeo …`. Results go to standard output, progress to standard error.",
        "## 返回值 Exit status",
        table(("返回值", "含义", "Meaning"), _STATUSES),
        "## 环境变量 Settings of the environment",
        table(("变量", "作用", "Does"), ((code(name), zh, en) for name, (zh, en) in words()["settings"].items())),
        "## 共用选项 Options all take",
        _options(commands.commands["check"], only=_COMMON),
        *(_section(path, command) for path, command in every_command()),
    )


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Yield each command with the words that call it, such as ``users add``."""
    for name, command in sorted(commands.commands.items()):
        if isinstance(command, click.Group):
            for below, one in sorted(command.commands.items()):
                yield f"{name} {below}", one
        else:
            yield name, command


def _section(path: str, command: click.Command) -> str:
    """Return the part of one command."""
    zh, en = halves(" ".join((command.help or "").split()))
    usage = " ".join(command.collect_usage_pieces(click.Context(command)))
    return "\n\n".join(
        part
        for part in (
            f"## ecogeo {path}",
            cell(zh),
            cell(en),
            f"```\necogeo {path} {usage}\n```",
            _options(command, left_out=_COMMON),
        )
        if part
    )


def _options(command: click.Command, *, only: tuple[str, ...] = (), left_out: tuple[str, ...] = ()) -> str:
    """Return the table of a command's options."""
    context = click.Context(command)
    rows = []
    for one in command.get_params(context):
        if not isinstance(one, click.Option) or "--help" in one.opts:
            continue
        if one.name in left_out or (only and one.name not in only):
            continue
        zh, en = halves(one.help or "")
        rows.append((codes([*one.opts, *one.secondary_opts]), _values(one, context), _default(one, context), zh, en))
    return table(("选项", "值", "默认", "作用", "Does"), rows)


def _values(one: click.Option, context: click.Context) -> str:
    """Return what an option takes: nothing for a switch."""
    if one.is_flag:
        return ""
    taken = [str(choice) for choice in one.type.choices] if isinstance(one.type, click.Choice) else []
    shown = codes(taken) if taken else code(one.make_metavar(context))
    return f"{shown} …" if one.multiple else shown


def _default(one: click.Option, context: click.Context) -> str:
    """Return an option's default where it has one that says something."""
    value = one.get_default(context)
    if one.is_flag or value is None or callable(value) or str(value).startswith("Sentinel"):
        return ""
    if isinstance(value, list | tuple):
        return codes(value)
    return code(getattr(value, "as_posix", lambda: value)())
