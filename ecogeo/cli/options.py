"""Options that commands share, and the statuses they end with."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from ecogeo.errors import EcogeoError
from ecogeo.faults import system_trouble
from ecogeo.wording import Lang, Text

DONE, FAULTY, TROUBLE = 0, 1, 2

a_file = click.Path(path_type=Path)
a_folder = click.Path(path_type=Path, file_okay=False)
a_verdict = click.Choice(["prohibited", "conditional", "restricted", "notice", "undetermined"])

exit_zero = click.option(
    "--exit-zero", is_flag=True, help="发现问题时也返回 0 / status 0 also where something is faulty"
)
port = click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="端口 / port")
jobs = click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="同时运行的检查数 / checks run side by side"
)
rounding = click.option(
    "--rounding",
    type=click.Choice(["half-up", "half-even"]),
    help="取舍规则：四舍五入或四舍六入五成双（默认按 layers.toml） / how figures are rounded [default: the county's]",
)
layer_inside = click.option("--layer", default="", help="文件中的图层 / layer inside the file")
assumed = click.option("--assume", default="", help="EPSG:4545 · swapped · as-stated · GCJ-02 · BD-09")
project_type = click.option("--type", "kind", default="", help="项目类型 / project type")
accuracy = click.option(
    "--accuracy-m", type=click.FloatRange(0), default=0.0, show_default=True, help="位置精度（米） / metres"
)
corridor = click.option(
    "--corridor-m", type=click.FloatRange(0, min_open=True), help="线状用地的宽度（米） / width of lines"
)
on_day = click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="按该日施行的规则判断 / judge by the law of this day"
)
answers_file = click.option("--answers", type=a_file, help="问题答案表 / answers to the open questions")
types_file = click.option("--types", type=a_file, help="项目类型表 / project types people chose")
reviews_file = click.option("--reviews", type=a_file, help="复核意见表 / what reviewers answered")


def common(function: Callable[..., int]) -> Callable[..., None]:
    """Give a command the options all take, and turn errors into a message and status 2."""

    @click.option("-w", "--workspace", type=click.Path(path_type=Path), help="县域文件夹 / county folder")
    @click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="语言 / language")
    @click.option("-q", "--quiet", is_flag=True, help="不显示进度 / no progress")
    @click.option("--debug", is_flag=True, help="出错时显示详细信息 / show the traceback of an error")
    def command(*, lang: str, debug: bool, **options: Any) -> None:  # noqa: ANN401  click's own options
        language = cast(Lang, lang)
        try:
            status = function(lang=language, **options)
        except EcogeoError as error:
            if debug:
                traceback.print_exc()
            head = Text("错误", "error").say(language)
            click.echo(f"{head}: {error.say(language)}", err=True)
            status = TROUBLE
        except BrokenPipeError:
            status = DONE  # whoever read our output has gone
        except OSError as error:
            if debug:
                traceback.print_exc()
            head = Text("错误：文件读写失败", "error: a file could not be read or written").say(language)
            trouble = system_trouble(error)
            said = (error.strerror or str(error)) if trouble is None else trouble.say(language)
            click.echo(f"{head}: {said} {error.filename or ''}".rstrip(), err=True)
            status = TROUBLE
        sys.exit(status)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    parameters = [*getattr(function, "__click_params__", []), *getattr(command, "__click_params__", [])]
    command.__click_params__ = parameters  # type: ignore[attr-defined]
    return command


def out_option(default: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return the option that says where to write, with its default."""
    words = "输出文件夹 / output folder"
    return click.option("-o", "--out", type=a_folder, default=Path(default), show_default=True, help=words)


def decisions(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that say by which law, answers, types and reviews hits are judged."""
    return on_day(answers_file(types_file(reviews_file(function))))
