"""The evidence of a case from the command line: packed into one file, and proved."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

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
    layer_inside,
    project_type,
    rounding,
)
from ecogeo.cli.printing import progress
from ecogeo.cli.recording import recorded_at, take_in_decisions
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from ecogeo.bundle import Bundle, Carry
    from ecogeo.rounding import Rounding
    from ecogeo.workspace import Workspace


@click.command("bundle")
@common
@click.argument("subjects", nargs=-1, metavar="[ID]...")
@click.option("--file", type=a_file, help="送审用地文件（不给则为本县用地） / a file of sites [default: the county's]")
@layer_inside
@assumed
@project_type
@accuracy
@corridor
@click.option(
    "--inputs",
    "carry",
    type=click.Choice(["none", "small", "all"]),
    default="small",
    show_default=True,
    help="随包携带哪些输入 / which inputs are packed",
)
@click.option("--without-coordinates", is_flag=True, help="脱敏：不含坐标与图形 / nothing that tells where things lie")
@decisions
@rounding
@click.option("-o", "--out", type=a_file, default=Path("out/bundle.zip"), show_default=True, help="证据包 / the ZIP")
@exit_zero
def bundle_command(
    *,
    subjects: tuple[str, ...],
    file: Path | None,
    layer: str,
    assume: str,
    kind: str,
    accuracy_m: float,
    corridor_m: float | None,
    carry: str,
    without_coordinates: bool,
    on: datetime | None,
    answers: Path | None,
    types: Path | None,
    reviews: Path | None,
    rounding: Rounding | None,
    workspace: Path | None,
    out: Path,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """把一个案件的依据与结果打成一个可核对的包 / the evidence of a case as one ZIP that can be proved.

    ID is a project or site of the county; without any, the whole county is judged.
    """
    from ecogeo.bundle import Case, write_bundle
    from ecogeo.decisions import DecisionFiles, decision_files
    from ecogeo.errors import UsageError
    from ecogeo.workspace import open_workspace

    if file is not None and subjects:
        raise UsageError(Text("--file 与项目编号只能给一种", "give either --file or ids of the county, not both"))
    county = open_workspace(workspace).with_rounding(rounding)
    if file is None:
        take_in_decisions(county, lang)
        files = decision_files(county.data_folder, answers=answers, types=types, reviews=reviews)
    else:
        files = DecisionFiles(answers, types, reviews)
    case = Case(
        ids=tuple(dict.fromkeys(subjects)),
        layer=layer,
        assume=assume,
        kind=kind,
        accuracy_m=accuracy_m,
        corridor_m=corridor_m,
        on=on.date().isoformat() if on else "",
        rounding=county.county.rounding,
        lang=lang,
        without_coordinates=without_coordinates,
    )
    written = write_bundle(
        county,
        case,
        out,
        file=file,
        decisions=files,
        carry=cast("Carry", carry),
        is_county_sure=workspace is not None,
        progress=progress(lang, quiet=quiet),
    )
    click.echo(Text(f"证据包：{written.path}", f"evidence bundle: {written.path}").say(lang))
    click.echo(
        Text(f"指纹（清单 sha256）：{written.sha256}", f"fingerprint (sha256 of its manifest): {written.sha256}").say(
            lang
        )
    )
    for path, reason in written.left_out:
        click.echo(Text(f"  未携带 {path}：{reason.zh}", f"  {path} is not carried: {reason.en}").say(lang))
    _note(county, written, case.ids, lang, quiet=quiet)
    if written.report.has_crashed:
        return TROUBLE
    return FAULTY if written.report.is_faulty and not exit_zero else DONE


@click.command("verify")
@common
@click.argument("bundle", type=a_file)
@click.option("--file", type=a_file, help="没有随包携带的送审文件 / the screened file, where it is not carried")
@click.option("--no-rerun", is_flag=True, help="只核对摘要，不重算 / hold digests alone, judge nothing again")
def verify_command(
    *, bundle: Path, file: Path | None, no_rerun: bool, workspace: Path | None, quiet: bool, lang: Lang
) -> int:
    """核对证据包：逐个摘要，并重算到相同字节 / prove a bundle: every digest, and judged again to the same bytes."""
    from ecogeo.bundle import verify_bundle

    shown = progress(lang, quiet=quiet)
    found = verify_bundle(bundle, county=workspace, file=file, is_run_again=not no_rerun, progress=shown)
    click.echo(
        Text(f"指纹（清单 sha256）：{found.sha256}", f"fingerprint (sha256 of its manifest): {found.sha256}").say(lang)
    )
    for note in found.notes:
        click.echo(note.say(lang))
    for head, problems in (
        (Text("与清单不符", "not as its manifest says"), found.tampered),
        (Text("重算结果不同", "came out otherwise"), found.differing),
        (Text("无法重算，缺少输入", "could not be judged again, inputs are lacking"), found.lacking),
    ):
        if problems:
            click.echo(f"{head.say(lang)}:")
            click.echo("\n".join(f"  {one.say(lang)}" for one in problems))
    if found.tampered or found.differing:
        return FAULTY
    same = Text(f"{found.members} 个成员的摘要全部相符", f"the digests of all {found.members} members hold")
    click.echo(same.say(lang))
    if found.lacking:
        return TROUBLE
    if not no_rerun:
        click.echo(Text("重算结果逐字节相同", "judged again, every result came out the same, byte for byte").say(lang))
    return DONE


def _note(county: Workspace, written: Bundle, ids: tuple[str, ...], lang: Lang, *, quiet: bool) -> None:
    """Note in the ledger that a bundle was issued, so that its fingerprint can be found again."""
    from ecogeo.ledger import Draft, append, ledger_of, why_closed

    ledger = ledger_of(county.data_folder)
    if ledger is None:
        return
    if (reason := why_closed(ledger)) is not None:
        if not quiet:
            click.echo(reason.say(lang), err=True)
        return
    body = {"file": written.path.name, "manifest_sha256": written.sha256, "ids": list(ids)}
    append(ledger, [Draft("bundle", recorded_at(), body)])
