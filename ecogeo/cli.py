"""The command line: arguments, progress, printing and exit status. Nothing else in the library prints or exits."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ecogeo import __version__
from ecogeo.errors import EcogeoError, UsageError
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from datetime import datetime

    from ecogeo.finding import Report
    from ecogeo.law import Law
    from ecogeo.plan import PlanTables
    from ecogeo.workspace import Workspace

DONE, FAULTY, TROUBLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status.

    Parameters
    ----------
    arguments
        What follows the program's name; None takes the process's own.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console in GBK must not stop the work
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # remarks of the readers are told as doubts, in the user's language
    sys.exit(commands.main(args=None if arguments is None else list(arguments), standalone_mode=True))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="ecogeo")
def commands() -> None:
    """县域空间规划工具：图层、规划表、检查、地图 / layers, plan tables, checks and maps of a county.

    Exit status: 0 done, 1 done and something is faulty, 2 could not judge.
    """


def _common(function: Callable[..., int]) -> Callable[..., None]:
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
            click.echo(f"{head}: {error.strerror or error} {error.filename or ''}".rstrip(), err=True)
            status = TROUBLE
        sys.exit(status)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    parameters = [*getattr(function, "__click_params__", []), *getattr(command, "__click_params__", [])]
    command.__click_params__ = parameters  # type: ignore[attr-defined]
    return command


def _out_option(default: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    folder = click.Path(path_type=Path)
    words = "输出文件夹 / output folder"
    return click.option("-o", "--out", type=folder, default=Path(default), show_default=True, help=words)


def _law_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that say by which law and which answers hits are judged."""
    a_file = click.Path(path_type=Path)
    day = click.DateTime(["%Y-%m-%d"])
    function = click.option("--types", type=a_file, help="项目类型表 / project types people chose")(function)
    function = click.option("--answers", type=a_file, help="问题答案表 / answers to the open questions")(function)
    return click.option("--on", type=day, help="按该日施行的规则判断 / judge by the law of this day")(function)


_exit_zero = click.option(
    "--exit-zero", is_flag=True, help="发现问题时也返回 0 / status 0 also where something is faulty"
)
_port = click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="端口 / port")


@commands.command("check")
@_common
@click.argument("names", nargs=-1, metavar="[NAME]...")
@_law_options
@_out_option("out")
@_exit_zero
def check_command(
    *,
    names: tuple[str, ...],
    on: datetime | None,
    answers: Path | None,
    types: Path | None,
    workspace: Path | None,
    out: Path,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """运行检查并写出结果 / run checks on the county and write their files."""
    from ecogeo.law import read_law
    from ecogeo.workspace import open_workspace

    county = open_workspace(workspace)
    law = read_law(county, on=on.date() if on else None, answers=answers, types=types)
    report = _judge(county, names, out, law=law, lang=lang, quiet=quiet)
    return _status(report, exit_zero=exit_zero)


@commands.command("screen")
@_common
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", default="", help="文件中的图层 / layer inside the file")
@click.option("--assume", default="", help="EPSG:4545 · swapped · as-stated · GCJ-02 · BD-09")
@click.option("--type", "kind", default="", help="项目类型 / project type")
@click.option("--accuracy-m", type=click.FloatRange(0), default=0.0, show_default=True, help="位置精度（米） / metres")
@_law_options
@_out_option("out/screen")
@_exit_zero
def screen_command(
    *,
    file: Path,
    layer: str,
    assume: str,
    kind: str,
    accuracy_m: float,
    on: datetime | None,
    answers: Path | None,
    types: Path | None,
    workspace: Path | None,
    out: Path,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """用任意格式的地块对照全部限制图层 / sites from any file against every constraint layer."""
    from ecogeo.check import find_checks
    from ecogeo.crs import read_assumption
    from ecogeo.inspection import inspect_file, page
    from ecogeo.law import read_law
    from ecogeo.report.run_files import write_inspection
    from ecogeo.sites import sites_of
    from ecogeo.workspace import open_workspace

    county = open_workspace(workspace)
    outline = county.of_role("county")
    found = inspect_file(
        file,
        layer=layer,
        county=None if outline is None else outline.box,
        is_county_sure=workspace is not None,
        outline=None if outline is None else outline.coverage,
        assumption=read_assumption(assume),
        is_whole=True,
    )
    if not quiet:
        click.echo("\n".join(line.say(lang) for line in page(found)), err=True)
    county = county.with_sites(sites_of(found, file, accuracy_m=accuracy_m))
    law = read_law(county, on=on.date() if on else None, answers=answers, types=types, chosen_type=kind)
    names = [one.name for one in find_checks() if one.family == "screening"]
    report = _judge(county, names, out, law=law, lang=lang, quiet=quiet, is_named=False)
    _print_files([write_inspection(found, out, lang)], lang)
    return _status(report, exit_zero=exit_zero)


@commands.command("demo")
@_common
@_port
@click.option("--no-serve", is_flag=True, help="不启动浏览 / no viewer")
@_out_option("out")
@_exit_zero
def demo_command(
    *, workspace: Path | None, port: int, no_serve: bool, out: Path, exit_zero: bool, quiet: bool, lang: Lang
) -> int:
    """样例县全流程：检查、输出、地图 / the main job on the sample county: checks, files, viewer."""
    from ecogeo.law import read_law
    from ecogeo.workspace import open_workspace, sample_root

    county = open_workspace(workspace if workspace is not None else sample_root())
    report = _judge(county, (), out, law=read_law(county), lang=lang, quiet=quiet)
    if not no_serve:
        _serve(county, "127.0.0.1", port, lang, report)
    return _status(report, exit_zero=exit_zero)


@commands.command("import")
@_common
@click.argument("document", type=click.Path(path_type=Path))
@_out_option("out/plan")
def import_command(*, document: Path, workspace: Path | None, out: Path, quiet: bool, lang: Lang) -> int:
    """读取规划文本中的表格 / read the tables of a planning document."""
    from ecogeo.plan import import_plan, write_plan
    from ecogeo.workspace import open_workspace

    tables = import_plan(document, open_workspace(workspace).gazetteer())
    written = write_plan(tables, out)
    if not quiet:
        _print_plan(tables, lang)
    for unused in tables.unused:
        click.echo(unused.message.say(lang), err=True)
    empty = [
        name.say(lang)
        for name, frame in (
            (Text("指标", "indicators"), tables.indicators),
            (Text("项目", "projects"), tables.projects),
        )
        if frame.empty
    ]
    for name in empty:
        click.echo(Text(f"没有读到{name}", f"no {name} were found").say(lang), err=True)
    _print_files(written, lang)
    return FAULTY if empty or any(unused.is_loss for unused in tables.unused) else DONE


@commands.command("init")
@_common
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--from", "source", type=click.Path(path_type=Path), help="已有数据的文件夹 / folder of the county's files"
)
@click.option("--copy", is_flag=True, help="把认出的文件复制进来 / copy the recognised files")
@click.option("--name", default="", help="县名 / name of the county")
def init_command(
    *, folder: Path, source: Path | None, copy: bool, name: str, workspace: Path | None, quiet: bool, lang: Lang
) -> int:
    """新建县域文件夹，自动识别图层 / a new county folder, layers recognised by name and content."""
    from ecogeo.starting import propose, write_county, write_skeleton

    del workspace
    if source is None:
        _print_files(write_skeleton(folder, name=name), lang)
        return DONE
    proposal = propose(source)
    written = write_county(proposal, folder, name=name, copy=copy)
    if not quiet:
        click.echo("\n".join(line.say(lang) for line in proposal.summary()))
    _print_files(written, lang)
    return DONE


@commands.command("inspect")
@_common
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", default="", help="文件中的图层 / layer inside the file")
@click.option("--assume", default="", help="EPSG:4545 · swapped · as-stated · GCJ-02 · BD-09")
@click.option("--parameters", type=click.Path(path_type=Path), help="坐标转换参数文件 / parameters for an old datum")
@click.option("--json", "is_json", is_flag=True, help="输出 JSON / as one JSON object")
def inspect_command(
    *,
    file: Path,
    layer: str,
    assume: str,
    parameters: Path | None,
    is_json: bool,
    workspace: Path | None,
    quiet: bool,
    lang: Lang,
) -> int:
    """说明一个文件是怎样读取的 / tell how a file was read."""
    import json

    from ecogeo.crs import read_assumption
    from ecogeo.datum_shift import read_shift
    from ecogeo.inspection import as_object, inspect_file, page
    from ecogeo.workspace import open_workspace

    del quiet
    county = open_workspace(workspace).of_role("county")
    found = inspect_file(
        file,
        layer=layer,
        county=None if county is None else county.box,
        is_county_sure=workspace is not None,
        outline=None if county is None else county.coverage,
        assumption=read_assumption(assume),
        shift=None if parameters is None else read_shift(parameters),
    )
    if is_json:
        click.echo(json.dumps(as_object(found, lang), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(line.say(lang) for line in page(found)))
    return DONE


@commands.command("serve")
@_common
@click.option("--host", default="127.0.0.1", show_default=True, help="地址 / address")
@_port
def serve_command(*, workspace: Path | None, host: str, port: int, quiet: bool, lang: Lang) -> int:
    """启动地图浏览 / start the map viewer."""
    from ecogeo.workspace import open_workspace

    del quiet
    _serve(open_workspace(workspace), host, port, lang, None)
    return DONE


def _judge(
    county: Workspace,
    names: Sequence[str],
    out: Path,
    *,
    law: Law | None,
    lang: Lang,
    quiet: bool,
    is_named: bool = True,
) -> Report:
    """Run checks, write their files, print what came out."""
    from ecogeo.check import choose_checks, run_checks
    from ecogeo.report.run_files import write_run

    chosen = choose_checks(names)
    report = run_checks(county, chosen, law=law, progress=_progress(lang, quiet=quiet))
    idle = [run for run in report.runs if run.not_run is not None]
    if is_named and names and idle:
        raise UsageError(
            [Text(f"{run.name}：{run.not_run}", f"{run.name}: {run.not_run.en}") for run in idle if run.not_run]
        )
    written = write_run(report, out, lang)
    _print_report(county, report, lang)
    _print_files(written, lang)
    return report


def _status(report: Report, *, exit_zero: bool) -> int:
    if report.has_crashed:
        return TROUBLE
    return FAULTY if report.is_faulty and not exit_zero else DONE


def _serve(county: Workspace, host: str, port: int, lang: Lang, report: Report | None) -> None:
    """Hand the county to whatever serves it: found by entry point, so that no import points upwards."""
    servers = entry_points(group="ecogeo.server")
    if not servers:
        raise UsageError(Text("没有安装浏览模块，请重新安装 ecogeo", "no viewer is installed: install ecogeo again"))

    def announce(address: str) -> None:
        click.echo(Text(f"地图已启动：{address} （Ctrl+C 结束）", f"The map is at {address} (Ctrl+C ends)").say(lang))

    next(iter(servers)).load()(county, host=host, port=port, lang=lang, report=report, announce=announce)


def _progress(lang: Lang, *, quiet: bool) -> Callable[[str, int, int], None]:
    """Return what shows progress on standard error: one line rewritten on a terminal, plain lines otherwise."""
    is_terminal = sys.stderr.isatty()

    def show(name: str, done: int, of: int) -> None:
        if quiet:
            return
        if not is_terminal:
            if name:
                click.echo(f"[{done + 1}/{of}] {name}", err=True)
            return
        filled = round(20 * done / of) if of else 20
        words = Text("完成", "done").say(lang) if done == of else name
        click.echo(f"\r\x1b[K{'█' * filled}{'░' * (20 - filled)} {done}/{of} {words}", nl=done == of, err=True)

    return show


def _print_report(county: Workspace, report: Report, lang: Lang) -> None:
    """Print a run in a page a person reads."""
    from ecogeo.finding import Answer
    from ecogeo.report.run_files import summarise

    if report.notice is not None:
        click.echo(f"※ {report.notice.say(lang)}")
    click.echo(county.county.title.say(lang))
    for layer, counts in summarise(report, lang)["answers"].items():
        figures = "  ".join(f"{answer.text.say(lang)} {counts[str(answer)]}" for answer in Answer)
        click.echo(f"  {county.catalog.answer_title(layer).say(lang)}: {figures}")
    for run in report.runs:
        note = run.crash or run.not_run
        state = {
            "run": Text(f"发现 {len(run.findings)} 条", f"{len(run.findings)} findings"),
            "not run": Text("未运行", "not run"),
            "crashed": Text("出错", "broke"),
        }[run.status].say(lang)
        click.echo(f"  {run.title.say(lang)} ({run.name}): {state}{': ' + note.say(lang) if note else ''}")


def _print_plan(tables: PlanTables, lang: Lang) -> None:
    """Print what was read from a planning document."""
    projects, indicators = tables.projects, tables.indicators
    money = projects["invest_wan_yuan"].sum()
    systems = projects.groupby("system", sort=False).size()
    count = int((indicators["sub_no"] == "").sum())
    click.echo(
        Text(
            f"指标 {count} 项（含分项共 {len(indicators)} 行），项目 {len(projects)} 个，投资合计 {money:,.2f} 万元",
            f"{count} indicators ({len(indicators)} rows with sub-items), {len(projects)} projects, {money:,.2f} 万元",
        ).say(lang)
    )
    for system, number in systems.items():
        click.echo(f"  {system}: {number}")


def _print_files(paths: Sequence[Path], lang: Lang) -> None:
    click.echo(Text("已写出：", "Written: ").say(lang) + " ".join(str(path) for path in paths))
