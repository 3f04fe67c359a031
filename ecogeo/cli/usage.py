"""What is wrong with a command as typed, in the user's language; the words of the option parser follow in brackets."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import click
from click.exceptions import NoArgsIsHelpError

from ecogeo.wording import Lang, list_zh


def lang_of(arguments: Sequence[str]) -> Lang:
    """Return the language asked for, also where the rest cannot be understood.

    Examples
    --------
    >>> lang_of(["check", "--lang", "en", "--nonsense"]), lang_of(["--lang=fr"])
    ('en', 'zh')
    """
    words = " ".join(arguments).replace("--lang=", "--lang ").split()
    return "en" if ("--lang", "en") in itertools.pairwise(words) else "zh"


def usage_text(error: click.ClickException, lang: Lang) -> str:
    """Say what is wrong with a command as typed, and where to read how it is meant.

    Parameters
    ----------
    error
        What the option parser found.
    lang
        The user's language.
    """
    own = error.format_message()
    if isinstance(error, NoArgsIsHelpError):
        return own
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = "ecogeo" if context is None else context.command_path
    if lang == "en":
        return f"error: {own}\nHelp: {path} --help"
    return f"错误: {_problem(error)}（{own}）\n用法说明：{path} --help"


def _problem(error: click.ClickException) -> str:
    """Name the problem by its kind, in Chinese."""
    if isinstance(error, click.NoSuchOption):
        known = f"，是否指 {list_zh(error.possibilities)}" if error.possibilities else ""
        return f"没有选项 {error.option_name}{known}"
    if isinstance(error, click.MissingParameter):
        return f"缺少{_named(error.param)}"
    if isinstance(error, click.BadParameter):
        return f"{_named(error.param)} 的值不对：{_expected(error.param)}"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 缺少值或用法不对"
    return "命令或参数不认识"


def _named(parameter: click.Parameter | None) -> str:
    if isinstance(parameter, click.Option):
        return f"选项 {'/'.join(parameter.opts)}"
    return "参数" if parameter is None else f"参数 {parameter.human_readable_name}"


def _expected(parameter: click.Parameter | None) -> str:
    """Say in Chinese what values a parameter takes."""
    kind = None if parameter is None else parameter.type
    if isinstance(kind, click.Choice):
        return f"应为 {list_zh(kind.choices)} 之一"
    if isinstance(kind, click.DateTime):
        return "应为日期 YYYY-MM-DD"
    if isinstance(kind, click.IntRange | click.FloatRange):
        word = "整数" if isinstance(kind, click.IntRange) else "数字"
        low = "" if kind.min is None else f"，{'大于' if kind.min_open else '不小于'} {kind.min:g}"
        high = "" if kind.max is None else f"，不大于 {kind.max:g}"
        return f"应为{word}{low}{high}"
    if isinstance(kind, click.Path) and not kind.file_okay:
        return "应为文件夹，这里已有一个同名文件"
    return "见用法说明"
