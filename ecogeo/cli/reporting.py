"""The command that writes what is handed in: workbook, statements, map sheets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecogeo.cli.options import (
    DONE,
    FAULTY,
    TROUBLE,
    a_file,
    accuracy,
    assumed,
    common,
    corridor,
    decisions,
    exit_zero,
    jobs,
    rounding,
)
from ecogeo.cli.printing import print_notice, progress
from ecogeo.cli.reading import read_sites_file
from ecogeo.errors import UsageError
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from datetime import datetime

    from ecogeo.report.documents import Written
    from ecogeo.report.mapsheet import Form, Paper
    from ecogeo.rounding import Rounding
    from ecogeo.workspace import Workspace

_KINDS = ("xlsx", "docx", "maps")


@dataclass(frozen=True, slots=True)
class _Sites:
    """A file of sites from outside, and how it is to be taken."""

    file: Path
    layer: str
    assume: str
    accuracy_m: float
    corridor_m: float | None


@click.command("report")
@common
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--sites", type=a_file, help="对外来用地文件出成果 / sites from a file instead of the county's")
@click.option("--layer", default="", help="文件中的图层 / layer inside the file of sites")
@assumed
@click.option("--type", "kind", default="", help="项目类型 / project type of the sites")
@accuracy
@corridor
@click.option(
    *("--only", "kinds"),
    multiple=True,
    type=click.Choice(_KINDS),
    help="只出其中几种，可重复 / these kinds alone, repeatable [default: all]",
)
@click.option(
    "--paper", type=click.Choice(["A4", "A3"]), default="A4", show_default=True, help="图幅 / paper of sheets"
)
@click.option("--form", "forms", multiple=True, type=click.Choice(["pdf", "png"]), help="图件格式 / form of sheets")
@click.option("--dpi", type=click.IntRange(72, 1200), default=300, show_default=True, help="图片分辨率 / of pictures")
@click.option("--template", type=a_file, help="自己的 Word 模板 / your own Word template")
@click.option("--font", type=a_file, help="图件用的中文字体文件 / font file for sheets")
@click.option(
    "--without-coordinates",
    is_flag=True,
    help="脱敏：不含坐标和图件 / for people outside: no coordinates, no maps",
)
@decisions
@rounding
@jobs
@click.option("-o", "--out", type=a_file, help="输出文件夹 / output folder [default: out/report, out/report-public]")
@exit_zero
def report_command(
    *,
    ids: tuple[str, ...],
    sites: Path | None,
    layer: str,
    assume: str,
    kind: str,
    accuracy_m: float,
    corridor_m: float | None,
    kinds: tuple[str, ...],
    paper: Paper,
    forms: tuple[Form, ...],
    dpi: int,
    template: Path | None,
    font: Path | None,
    without_coordinates: bool,
    on: datetime | None,
    answers: Path | None,
    types: Path | None,
    reviews: Path | None,
    rounding: Rounding | None,
    jobs: int,
    workspace: Path | None,
    out: Path | None,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """输出套合分析表、情况说明、附图 / write the workbook, statements and map sheets.

    ID is the number of a project or site; without any, all are written. A run that was broken off goes on where it
    stopped.
    """
    from ecogeo.check import find_checks
    from ecogeo.decisions import DecisionFiles, decision_files
    from ecogeo.judging import judge_county
    from ecogeo.law import read_law
    from ecogeo.report.documents import Wanted, write_documents
    from ecogeo.report.mapsheet import find_font
    from ecogeo.report.material import material_of
    from ecogeo.report.own_template import require_template
    from ecogeo.reviews import read_reviews
    from ecogeo.workspace import open_workspace

    if sites is None and (layer or assume or kind or accuracy_m or corridor_m):
        raise UsageError(
            Text(
                "--layer、--assume、--type、--accuracy-m、--corridor-m 只用于 --sites 指明的用地文件",
                "--layer, --assume, --type, --accuracy-m and --corridor-m are about the file of --sites alone",
            )
        )
    wanted = Wanted(
        kinds=kinds or _KINDS,
        lang=lang,
        paper=paper,
        forms=forms or ("pdf", "png"),
        dpi=dpi,
        with_coordinates=not without_coordinates,
        template=template,
        font=font,
    )
    if wanted.with_coordinates and {"docx", "maps"} & set(wanted.kinds):
        find_font(font)  # before the long work
    if template is not None:
        require_template(template)
    county = open_workspace(workspace).with_rounding(rounding)
    if sites is None:
        files = decision_files(county.data_folder, answers=answers, types=types, reviews=reviews)
    else:
        files = DecisionFiles(answers, types, reviews)
        county = _with_sites(
            county, _Sites(sites, layer, assume, accuracy_m, corridor_m), workspace is not None, lang, quiet
        )
    shown = progress(lang, quiet=quiet)
    law = read_law(county, on=on.date() if on else None, answers=files.answers, types=files.types, chosen_type=kind)
    given = None if files.reviews is None else read_reviews(files.reviews)
    chosen = [one for one in find_checks() if one.family == "screening"]
    report = judge_county(county, chosen, law=law, reviews=given, jobs=jobs, progress=shown)
    material = material_of(county, report, law=law, reviews=given)
    folder = out or Path("out/report" if wanted.with_coordinates else "out/report-public")
    written = write_documents(material, material.chosen(ids), folder, wanted, shown)
    print_notice(material.notice, lang)
    _print_written(written, folder, lang)
    if report.has_crashed or written.problems:
        return TROUBLE
    return FAULTY if report.is_faulty and not exit_zero else DONE


def _with_sites(county: Workspace, sites: _Sites, is_county_sure: bool, lang: Lang, quiet: bool) -> Workspace:
    """Return the county with the sites of a file in the place of its own."""
    from ecogeo.sites import sites_of

    found = read_sites_file(
        county,
        sites.file,
        layer=sites.layer,
        assume=sites.assume,
        is_county_sure=is_county_sure,
        lang=lang,
        quiet=quiet,
    )
    own = sites_of(found, sites.file, accuracy_m=sites.accuracy_m, corridor_width_m=sites.corridor_m)
    return county.with_sites(own)


def _print_written(written: Written, folder: Path, lang: Lang) -> None:
    index, count = written.paths[0], len(written.paths) - 2
    line = Text(
        f"成果 {count} 个文件（其中 {written.kept} 个沿用上次）：{folder}，目录见 {index}",
        f"{count} files ({written.kept} kept from before) in {folder}; see {index}",
    )
    click.echo(line.say(lang))
    for path in written.put_aside:
        click.echo(Text(f"人工改过的文件已改名保留：{path}", f"a file changed by hand was kept as {path}").say(lang))
    for file, why in written.problems:
        click.echo(Text(f"未能生成 {file}：{why.zh}", f"could not make {file}: {why.en}").say(lang), err=True)
