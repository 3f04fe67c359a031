"""The command that puts a county into one file."""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecogeo.cli.options import DONE, FAULTY, TROUBLE, a_file, common, decisions, exit_zero, jobs
from ecogeo.cli.printing import print_notice, progress
from ecogeo.errors import UsageError
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from datetime import datetime

    from ecogeo.present.steps import Step
    from ecogeo.workspace import Workspace

_PAGES = (".html", ".htm")
_SHEETS = ".pdf"


@click.command("export")
@common
@click.argument("file", type=a_file)
@click.option(
    "--steps", "steps_file", type=a_file, help="演示步骤文件（JSON） / steps of a meeting [default: the county's]"
)
@click.option(
    "--without-coordinates", is_flag=True, help="脱敏：不含地图和坐标 / for people outside: no map, no coordinates"
)
@click.option("--font", type=a_file, help="讲义用的中文字体文件 / font file for the handout")
@decisions
@jobs
@exit_zero
def export_command(
    *,
    file: Path,
    steps_file: Path | None,
    without_coordinates: bool,
    font: Path | None,
    on: datetime | None,
    answers: Path | None,
    types: Path | None,
    reviews: Path | None,
    jobs: int,
    workspace: Path | None,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """把县域地图、表格和演示步骤存成一个文件 / put map, tables and meeting steps into one file.

    FILE.html opens from a USB stick without any network; FILE.pdf is the A3 handout of the meeting's steps.
    """
    from ecogeo.board.plans import plan_boards
    from ecogeo.board.projects import project_records
    from ecogeo.decisions import decision_files
    from ecogeo.judging import judge_county
    from ecogeo.law import read_law
    from ecogeo.present.default_steps import default_steps
    from ecogeo.present.pictures import picture_folder
    from ecogeo.reviews import read_reviews
    from ecogeo.workspace import open_workspace

    ending = file.suffix.lower()
    if ending not in {*_PAGES, _SHEETS}:
        raise UsageError(
            Text(
                f"输出文件 {file.name} 应以 .html 结尾（讲义为 .pdf）",
                f"the output {file.name} must end in .html (or .pdf for the handout)",
            )
        )
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise UsageError(Text(f"不能写到 {file}：文件夹不存在", f"{file} cannot be written: there is no such folder"))
    if ending == _SHEETS and without_coordinates:
        raise UsageError(
            Text(
                "讲义就是地图，不能脱敏；请导出 .html", "a handout is maps and cannot do without coordinates: use .html"
            )
        )
    if ending == _SHEETS:
        from ecogeo.report.mapsheet.fonts import find_font

        find_font(font)  # before the long work
    static = _static_folder() if ending in _PAGES else Path()
    county = open_workspace(workspace)
    given_steps = None if steps_file is None else _read_steps(steps_file)
    files = decision_files(county.data_folder, answers=answers, types=types, reviews=reviews)
    law = read_law(county, on=on.date() if on else None, answers=files.answers, types=files.types)
    given = None if files.reviews is None else read_reviews(files.reviews)
    kept = () if given_steps is not None else _kept_steps(county)
    report = judge_county(county, law=law, reviews=given, jobs=jobs, progress=progress(lang, quiet=quiet))
    records = project_records(county, report, given)
    plans, _ = plan_boards(county)
    steps = given_steps or kept or default_steps(county, report, records, plans)
    pictures = picture_folder(county.data_folder)
    if ending == _SHEETS:
        from ecogeo.present.handout import handout_bytes

        content = handout_bytes(county, report, records, steps, lang=lang, pictures=pictures, font=font)
        notes: tuple[Text, ...] = ()
    else:
        from ecogeo.export.page import export_page

        made = export_page(
            county, report, records, plans, steps, static=static, pictures=pictures, lang=lang,
            with_coordinates=not without_coordinates,
        )  # fmt: skip
        content, notes = made.page, made.notes
    _write(file, content)
    print_notice(report.notice, lang)
    size = f"{len(content) / 1e6:.2f} MB"
    told = Text(f"{file}：{size}，演示 {len(steps)} 步", f"{file}: {size}, {len(steps)} steps").say(lang)
    click.echo(told)
    for note in notes:
        click.echo(f"  {note.say(lang)}")
    if report.has_crashed:
        return TROUBLE
    return FAULTY if report.is_faulty and not exit_zero else DONE


def _static_folder() -> Path:
    """Return where the viewer keeps scripts and styles: found by entry point, so that no import points upwards."""
    for server in entry_points(group="ecogeo.server"):
        spec = find_spec(server.module.partition(".")[0])
        for place in [] if spec is None else spec.submodule_search_locations or []:
            if (Path(place) / "static").is_dir():
                return Path(place) / "static"
    raise UsageError(Text("没有安装浏览模块，请重新安装 ecogeo", "no viewer is installed: install ecogeo again"))


def _kept_steps(county: Workspace) -> tuple[Step, ...]:
    from ecogeo.present.deck_file import deck_path, read_deck

    return read_deck(deck_path(county.data_folder)).steps


def _read_steps(path: Path) -> tuple[Step, ...]:
    from ecogeo.errors import UnusableFileError
    from ecogeo.present.steps import parse_steps

    if not path.is_file():
        raise UnusableFileError(path.name, Text("文件不存在", "the file does not exist"))
    try:
        return parse_steps(path.read_text(encoding="utf-8-sig"))
    except UsageError as error:
        raise UnusableFileError(path.name, error.problems) from error
    except UnicodeDecodeError as error:
        raise UnusableFileError(path.name, Text("不是 UTF-8 文本", "it is no UTF-8 text")) from error


def _write(file: Path, content: bytes) -> None:
    """Write a file whole: one that was there stays until the new one is complete."""
    waiting = file.with_name(f".{file.name}.part")
    waiting.write_bytes(content)
    waiting.replace(file)
