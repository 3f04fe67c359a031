"""The commands that judge: check, screen, demo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecogeo.cli.large import Engine, crew_options, screen_large
from ecogeo.cli.options import (
    DONE,
    FAULTY,
    TROUBLE,
    a_file,
    accuracy,
    assumed,
    common,
    decisions,
    exit_zero,
    jobs,
    layer_inside,
    out_option,
    port,
    project_type,
    rounding,
)
from ecogeo.cli.printing import print_files, print_report, progress
from ecogeo.cli.reading import read_sites_file
from ecogeo.cli.recording import record, take_in_decisions
from ecogeo.cli.serving import serve_county
from ecogeo.errors import UsageError
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from datetime import datetime

    from ecogeo.decisions import DecisionFiles
    from ecogeo.engine import Crew
    from ecogeo.finding import Report
    from ecogeo.rounding import Rounding
    from ecogeo.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Asked:
    """How a run was asked for: the day, the type of every site, where to, how many at once, and how it is told."""

    on: datetime | None
    out: Path
    jobs: int
    lang: Lang
    quiet: bool
    kind: str = ""


@click.command("check")
@common
@click.argument("names", nargs=-1, metavar="[NAME]...")
@decisions
@rounding
@jobs
@crew_options
@out_option("out")
@exit_zero
def check_command(
    *,
    names: tuple[str, ...],
    on: datetime | None,
    answers: Path | None,
    types: Path | None,
    reviews: Path | None,
    rounding: Rounding | None,
    jobs: int,
    engine: Engine | None,
    scheduler: str,
    workspace: Path | None,
    out: Path,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """运行检查并写出结果 / run checks on the county and write their files."""
    from ecogeo.decisions import decision_files
    from ecogeo.engine import Crew
    from ecogeo.workspace import open_workspace

    county = open_workspace(workspace).with_rounding(rounding)
    take_in_decisions(county, lang)
    files = decision_files(county.data_folder, answers=answers, types=types, reviews=reviews)
    asked = _Asked(on, out, jobs, lang, quiet)
    if engine is None and not scheduler:
        report = _judge(county, names, files, asked)
    else:
        report = _judge_in_pieces(county, names, files, asked, Crew(engine or "dask", jobs, scheduler))
    idle = [run for run in report.runs if run.not_run is not None]
    if names and idle:
        raise UsageError(
            [Text(f"{run.name}：{run.not_run}", f"{run.name}: {run.not_run.en}") for run in idle if run.not_run]
        )
    status = _written(county, report, out, lang, exit_zero=exit_zero)
    record(county, out, "check", {"checks": sorted(names)}, files, lang=lang, quiet=quiet)
    return status


@click.command("screen")
@common
@click.argument("file", type=a_file)
@layer_inside
@assumed
@project_type
@accuracy
@click.option(
    "--corridor-m", type=click.FloatRange(0, min_open=True), help="线状用地的宽度（米） / width of lines, metres"
)
@decisions
@rounding
@jobs
@crew_options
@out_option("out/screen")
@exit_zero
def screen_command(
    *,
    file: Path,
    layer: str,
    assume: str,
    kind: str,
    accuracy_m: float,
    corridor_m: float | None,
    on: datetime | None,
    answers: Path | None,
    types: Path | None,
    reviews: Path | None,
    rounding: Rounding | None,
    jobs: int,
    engine: Engine | None,
    scheduler: str,
    workspace: Path | None,
    out: Path,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """用任意格式的地块对照全部限制图层 / sites from any file against every constraint layer."""
    from ecogeo.check import find_checks
    from ecogeo.crs import read_assumption
    from ecogeo.decisions import DecisionFiles
    from ecogeo.engine import Crew, is_large
    from ecogeo.engine.job import ScreeningOptions
    from ecogeo.report.run_files import write_inspection
    from ecogeo.sites import sites_of
    from ecogeo.workspace import open_workspace

    county = open_workspace(workspace).with_rounding(rounding)
    # The county's own decisions are about its own sites: S1 of this file is another ground than its S1.
    files = DecisionFiles(answers, types, reviews)
    parameters = {"layer": layer, "assume": assume, "type": kind, "accuracy_m": accuracy_m, "corridor_m": corridor_m}
    if engine is not None or scheduler or is_large(file, layer):
        status = screen_large(
            county,
            file,
            out,
            layer=layer,
            assumption=read_assumption(assume),
            is_county_sure=workspace is not None,
            options=ScreeningOptions(
                accuracy_m, corridor_m, kind, on.date() if on else None, files, county.county.rounding, lang
            ),
            crew=Crew(engine or ("dask" if scheduler else "local"), jobs, scheduler),
            quiet=quiet,
            exit_zero=exit_zero,
        )
        record(county, out, "screen", parameters, files, lang=lang, quiet=quiet, has_sites=False)
        return status
    found = read_sites_file(
        county, file, layer=layer, assume=assume, is_county_sure=workspace is not None, lang=lang, quiet=quiet
    )
    county = county.with_sites(sites_of(found, file, accuracy_m=accuracy_m, corridor_width_m=corridor_m))
    names = [one.name for one in find_checks() if one.family == "screening"]
    report = _judge(county, names, files, _Asked(on, out, jobs, lang, quiet, kind))
    status = _written(county, report, out, lang, exit_zero=exit_zero)
    print_files([write_inspection(found, out, lang)], lang)
    record(county, out, "screen", parameters, files, lang=lang, quiet=quiet)
    return status


@click.command("demo")
@common
@port
@click.option("--no-serve", is_flag=True, help="不启动浏览 / no viewer")
@rounding
@jobs
@out_option("out")
@exit_zero
def demo_command(
    *,
    workspace: Path | None,
    port: int,
    no_serve: bool,
    rounding: Rounding | None,
    jobs: int,
    out: Path,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """样例县全流程：检查、输出、地图 / the main job on the sample county: checks, files, viewer."""
    from ecogeo.decisions import decision_files
    from ecogeo.workspace import open_workspace, sample_root

    county = open_workspace(workspace if workspace is not None else sample_root()).with_rounding(rounding)
    take_in_decisions(county, lang)
    files = decision_files(county.data_folder)
    report = _judge(county, (), files, _Asked(None, out, jobs, lang, quiet))
    status = _written(county, report, out, lang, exit_zero=exit_zero)
    record(county, out, "demo", {"checks": []}, files, lang=lang, quiet=quiet)
    if not no_serve:
        serve_county(county, "127.0.0.1", port, lang, report)
    return status


def _judge(county: Workspace, names: Sequence[str], files: DecisionFiles, asked: _Asked) -> Report:
    """Run checks by the law of a day and by what people decided."""
    from ecogeo.check import choose_checks
    from ecogeo.judging import judge_county
    from ecogeo.law import read_law
    from ecogeo.reviews import read_reviews

    chosen = choose_checks(names)
    day = asked.on.date() if asked.on else None
    law = read_law(county, on=day, answers=files.answers, types=files.types, chosen_type=asked.kind)
    reviews = None if files.reviews is None else read_reviews(files.reviews)
    shown = progress(asked.lang, quiet=asked.quiet)
    return judge_county(county, chosen, law=law, reviews=reviews, jobs=asked.jobs, progress=shown)


def _judge_in_pieces(
    county: Workspace, names: Sequence[str], files: DecisionFiles, asked: _Asked, crew: Crew
) -> Report:
    """Run checks as `_judge` does, each wherever a worker is free."""
    from ecogeo.engine import check_in_pieces

    return check_in_pieces(
        county.root,
        names,
        on=asked.on.date() if asked.on else None,
        decisions=files,
        rounding=county.county.rounding,
        crew=crew,
        progress=progress(asked.lang, quiet=asked.quiet),
    )


def _written(county: Workspace, report: Report, out: Path, lang: Lang, *, exit_zero: bool) -> int:
    """Write the files of a run, print what came out, and return the status to end with."""
    from ecogeo.report.run_files import write_run

    written = write_run(report, out, lang)
    print_report(county, report, lang)
    print_files(written, lang)
    if report.has_crashed:
        return TROUBLE
    return FAULTY if report.is_faulty and not exit_zero else DONE
