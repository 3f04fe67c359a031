"""What commands print: progress, the outcome of a run, the files written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from ecogeo.finding import Report
    from ecogeo.plan import PlanTables
    from ecogeo.workspace import Workspace


def progress(lang: Lang, *, quiet: bool) -> Callable[[str, int, int], None]:
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


def print_notice(notice: Text | None, lang: Lang) -> None:
    """Print what must stand wherever a county's data are shown, where it has such a notice."""
    if notice is not None:
        click.echo(f"※ {notice.say(lang)}")


def print_report(county: Workspace, report: Report, lang: Lang) -> None:
    """Print a run in a page a person reads."""
    from ecogeo.report.run_files import summarise

    summary = summarise(report, lang)
    print_notice(report.notice, lang)
    law = _ROUNDING[report.rounding].say(lang)
    click.echo(f"{county.county.title.say(lang)} · {law}")
    _print_answers(county, report, summary, lang)
    for run in report.runs:
        note = run.crash or run.not_run
        state = {
            "run": Text(f"发现 {len(run.findings)} 条", f"{len(run.findings)} findings"),
            "not run": Text("未运行", "not run"),
            "crashed": Text("出错", "broke"),
        }[run.status].say(lang)
        click.echo(f"  {run.title.say(lang)} ({run.name}): {state}{': ' + note.say(lang) if note else ''}")


_ROUNDING = {
    "half-up": Text("数值四舍五入", "figures rounded half-up"),
    "half-even": Text("数值四舍六入五成双", "figures rounded half-even"),
}


def _print_answers(county: Workspace, report: Report, summary: Mapping[str, Any], lang: Lang) -> None:
    """Print the computed answers by layer, what reviewers saw otherwise, and what nobody can judge yet."""
    from ecogeo.finding import Answer

    for layer, counts in summary["answers"].items():
        figures = "  ".join(f"{answer.text.say(lang)} {counts[str(answer)]}" for answer in Answer)
        click.echo(f"  {county.catalog.answer_title(layer).say(lang)}: {figures}")
    for one in summary["reviews"]["differing"]:
        computed, reviewed = (Answer(one[column]).text for column in ("answer", "reviewed_answer"))
        who, layer = f"{one['reviewed_by']} {one['reviewed_on']}", county.catalog.answer_title(one["layer"])
        line = Text(
            f"复核：{one['site_id']} {layer.zh}：计算“{computed.zh}”，复核“{reviewed.zh}”"
            f"（{who}：{one['review_reason']}）",
            f"review: {one['site_id']}, {layer.en}: computed “{computed.en}”, reviewed “{reviewed.en}” "
            f"({who}: {one['review_reason']})",
        )
        click.echo(f"  {line.say(lang)}")
    if count := summary["needs_geometry"]:
        total = len(report.tables["matrix"])
        line = Text(
            f"{total} 个项目和用地中有 {count} 个要先有图形才能判断，见 needs_geometry.csv",
            f"{count} of {total} projects and sites need a geometry before anybody can judge them: needs_geometry.csv",
        )
        click.echo(f"  {line.say(lang)}")


def print_plan(tables: PlanTables, lang: Lang) -> None:
    """Print what was read from a planning document."""
    projects, indicators, tasks = tables.projects, tables.indicators, tables.tasks
    if count := int((indicators["sub_no"] == "").sum()):
        rows = len(indicators)
        line = Text(f"指标 {count} 项（含分项共 {rows} 行）", f"{count} indicators ({rows} rows with sub-items)")
        click.echo(line.say(lang))
    if len(projects):
        priced = projects["invest_wan_yuan"].dropna()
        money = f"{priced.sum():,.2f} 万元"
        line = Text(
            f"项目 {len(projects)} 个，{f'投资合计 {money}' if len(priced) else '没有写明投资'}",
            f"{len(projects)} projects, {money if len(priced) else 'no investment is stated'}",
        )
        click.echo(line.say(lang))
        for system, number in projects.groupby("system", sort=False).size().items():
            click.echo(f"  {system}: {number}")
    if len(tasks):
        click.echo(Text(f"任务 {len(tasks)} 项", f"{len(tasks)} tasks").say(lang))


def print_files(paths: Sequence[Path], lang: Lang) -> None:
    """Print which files were written."""
    click.echo(Text("已写出：", "Written: ").say(lang) + " ".join(str(path) for path in paths))


def drawn(draw: Callable[[], Sequence[Path]], lang: Lang) -> list[Path]:
    """Draw pictures, or say why there are none: the rest of what was found stands without them."""
    from ecogeo.errors import EcogeoError

    try:
        return [*draw()]
    except EcogeoError as error:
        head = Text("没有画图", "no pictures were drawn").say(lang)
        click.echo(f"{head}: {error.say(lang)}", err=True)
        return []
