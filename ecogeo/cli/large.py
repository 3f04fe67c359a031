"""Large work from the command line: parting a file, screening in blocks, sharing work among processes or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ecogeo.cli.options import DONE, FAULTY, TROUBLE, a_file, common, layer_inside, out_option
from ecogeo.cli.printing import print_files, progress
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from ecogeo.crs import Assumption
    from ecogeo.engine import Crew
    from ecogeo.engine.job import ScreeningOptions
    from ecogeo.workspace import Workspace

Engine = Literal["local", "dask"]


def crew_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that say who does the work."""
    words = "Dask 调度器地址（默认在本机启动） / address of a Dask scheduler [default: workers of this machine]"
    function = click.option("--scheduler", default="", help=words)(function)
    kinds = click.Choice(["local", "dask"])
    told = "分块计算：本机进程或 Dask 集群 / work in blocks: processes of this machine or a Dask cluster"
    return click.option("--engine", type=kinds, help=told)(function)


@click.command("partition")
@common
@click.argument("file", type=a_file)
@layer_inside
@click.option(
    "--rows", type=click.IntRange(1), default=100_000, show_default=True, help="每块要素数 / features in a part"
)
@out_option("out/parts")
def partition_command(
    *, file: Path, layer: str, rows: int, workspace: Path | None, out: Path, quiet: bool, lang: Lang
) -> int:
    """按空间邻近把大文件分块 / part a large file by where its features lie."""
    from ecogeo.partition import partition_file

    del workspace
    shown = progress(lang, quiet=quiet)
    written = partition_file(file, out, layer=layer, rows_per_part=rows, progress=shown)
    line = Text(f"分为 {len(written) - 1} 块：{out}", f"parted into {len(written) - 1}: {out}")
    click.echo(line.say(lang))
    return DONE


def screen_large(
    county: Workspace,
    file: Path,
    out: Path,
    *,
    layer: str,
    assumption: Assumption,
    is_county_sure: bool,
    options: ScreeningOptions,
    crew: Crew,
    quiet: bool,
    exit_zero: bool,
) -> int:
    """Screen a file in blocks, print what came out, and return the status to end with."""
    from ecogeo.engine import screen_in_blocks
    from ecogeo.inspection import Inspection, page

    lang = options.lang

    def told(found: Inspection) -> None:
        if not quiet:
            click.echo("\n".join(line.say(lang) for line in page(found)), err=True)

    screening = screen_in_blocks(
        file,
        out,
        root=county.root,
        options=options,
        layer=layer,
        assumption=assumption,
        is_county_sure=is_county_sure,
        crew=crew,
        progress=progress(lang, quiet=quiet),
        inspected=told,
    )
    _print_summary(county, screening.summary, lang)
    print_files(screening.written, lang)
    if screening.has_crashed:
        return TROUBLE
    return FAULTY if screening.is_faulty and not exit_zero else DONE


def _print_summary(county: Workspace, summary: Mapping[str, Any], lang: Lang) -> None:
    """Print a run whose findings are on disk: notice, answers by layer, checks."""
    from ecogeo.check import find_checks
    from ecogeo.finding import Answer

    if summary["notice"]:
        click.echo(f"※ {summary['notice']}")
    click.echo(county.county.title.say(lang))
    for layer, counts in sorted(summary["answers"].items()):
        figures = "  ".join(f"{answer.text.say(lang)} {counts[str(answer)]}" for answer in Answer)
        click.echo(f"  {county.catalog.answer_title(layer).say(lang)}: {figures}")
    titles = {one.name: f"{one.title.say(lang)} " for one in find_checks()}
    for entry in summary["checks"]:
        state = {
            "run": Text(f"发现 {entry['findings']} 条", f"{entry['findings']} findings"),
            "not run": Text("未运行", "not run"),
            "crashed": Text("出错", "broke"),
        }[entry["status"]].say(lang)
        reason = f": {entry['reason']}" if entry["reason"] else ""
        click.echo(f"  {titles.get(entry['name'], '')}({entry['name']}): {state}{reason}")
