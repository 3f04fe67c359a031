"""Commands about single files and new folders: import, init, inspect."""

from __future__ import annotations

from pathlib import Path

import click

from ecogeo.cli.auditing import audit_counts, print_findings
from ecogeo.cli.options import DONE, FAULTY, assumed, common, layer_inside, out_option
from ecogeo.cli.printing import print_files, print_plan
from ecogeo.wording import Lang


@click.command("import")
@common
@click.argument("document", type=click.Path(path_type=Path))
@out_option("out/plan")
def import_command(*, document: Path, workspace: Path | None, out: Path, quiet: bool, lang: Lang) -> int:
    """读取规划文本中的表格 / read the tables of a planning document."""
    from ecogeo.plan import audit_frame, audit_plan, import_plan, write_plan
    from ecogeo.report.cells import write_csv
    from ecogeo.workspace import open_workspace

    tables = import_plan(document, open_workspace(workspace).gazetteer())
    findings = audit_plan(tables)
    audit = out / "audit.csv"
    written = (*write_plan(tables, out), audit)
    write_csv(audit_frame(findings), audit)
    if not quiet:
        print_plan(tables, lang)
    for unused in tables.unused:
        click.echo(unused.message.say(lang), err=True)
    click.echo(audit_counts(findings).say(lang))
    if not quiet:
        print_findings(findings, lang)
    print_files(written, lang)
    return FAULTY if any(unused.is_loss for unused in tables.unused) else DONE


@click.command("init")
@common
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
        print_files(write_skeleton(folder, name=name), lang)
        return DONE
    proposal = propose(source)
    written = write_county(proposal, folder, name=name, copy=copy)
    if not quiet:
        click.echo("\n".join(line.say(lang) for line in proposal.summary()))
    print_files(written, lang)
    return DONE


@click.command("inspect")
@common
@click.argument("file", type=click.Path(path_type=Path))
@layer_inside
@assumed
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

    from ecogeo.county_file import inspect_for_county
    from ecogeo.crs import read_assumption
    from ecogeo.datum_shift import read_shift
    from ecogeo.inspection import as_object, page
    from ecogeo.workspace import open_workspace

    del quiet
    found = inspect_for_county(
        open_workspace(workspace),
        file,
        layer=layer,
        is_county_sure=workspace is not None,
        assumption=read_assumption(assume),
        shift=None if parameters is None else read_shift(parameters),
        is_whole=None,
    )
    if is_json:
        click.echo(json.dumps(as_object(found, lang), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(line.say(lang) for line in page(found)))
    return DONE
