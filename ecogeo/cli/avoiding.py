"""The command that frees a site: the least change, trimmed or moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecogeo.cli.options import (
    DONE,
    FAULTY,
    a_file,
    a_verdict,
    accuracy,
    answers_file,
    assumed,
    common,
    exit_zero,
    layer_inside,
    on_day,
    out_option,
    project_type,
)
from ecogeo.cli.printing import drawn, print_files, print_notice, progress
from ecogeo.cli.reading import read_sites_file
from ecogeo.cli.recording import record_found, recorded_at
from ecogeo.wording import Lang, Text

if TYPE_CHECKING:
    from datetime import datetime

    from ecogeo.siting import Avoidance, Proposal

_AVOIDED = ("prohibited", "conditional", "undetermined")


@click.command("avoid")
@common
@click.argument("file", type=a_file)
@layer_inside
@assumed
@project_type
@accuracy
@click.option(
    "--verdict",
    "verdicts",
    type=a_verdict,
    multiple=True,
    default=_AVOIDED,
    show_default=True,
    help="要避开的判定（可多次） / verdicts to keep off, may be repeated",
)
@click.option("--margin-m", type=click.FloatRange(0), default=1.0, show_default=True, help="退让距离 / margin, metres")
@click.option(
    "--smooth-m", type=click.FloatRange(0), default=1.0, show_default=True, help="新边界取直 / smoothing, metres"
)
@click.option(
    "--least-piece-m2", type=click.FloatRange(0), default=100.0, show_default=True, help="最小地块 / least piece"
)
@click.option(
    "--least-width-m", type=click.FloatRange(0), default=3.0, show_default=True, help="最小宽度 / least width"
)
@click.option("--limit-m", type=click.FloatRange(0), default=500.0, show_default=True, help="最大平移 / longest move")
@click.option(
    "--unknown",
    type=click.Choice(["keep", "take"]),
    default="keep",
    show_default=True,
    help="图层未覆盖的部分：保留并说明，或裁去 / ground no layer covers: keep and tell, or take off",
)
@answers_file
@on_day
@click.option("--maps/--no-maps", default=True, show_default=True, help="画前后对比图 / pictures before and after")
@out_option("out/avoid")
@exit_zero
def avoid_command(
    *,
    file: Path,
    layer: str,
    assume: str,
    kind: str,
    accuracy_m: float,
    verdicts: tuple[str, ...],
    margin_m: float,
    smooth_m: float,
    least_piece_m2: float,
    least_width_m: float,
    limit_m: float,
    unknown: str,
    answers: Path | None,
    on: datetime | None,
    maps: bool,
    workspace: Path | None,
    out: Path,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """裁剪或平移用地以避开限制 / the least change that frees a site: trim it, or move it."""
    from ecogeo.finding import Verdict
    from ecogeo.law import read_law
    from ecogeo.report.avoidance import write_avoidance
    from ecogeo.report.siting_maps import write_pictures
    from ecogeo.runs.found import record_avoidance
    from ecogeo.siting import AvoidOptions, TrimOptions, avoid_sites
    from ecogeo.workspace import open_workspace

    county = open_workspace(workspace)
    found = read_sites_file(
        county, file, layer=layer, assume=assume, is_county_sure=workspace is not None, lang=lang, quiet=quiet
    )
    law = read_law(county, on=on.date() if on else None, answers=answers, chosen_type=kind)
    options = AvoidOptions(
        verdicts=tuple(Verdict(one) for one in verdicts),
        trim=TrimOptions(margin_m, smooth_m, least_piece_m2, least_width_m),
        limit_m=limit_m,
        accuracy_m=accuracy_m,
        takes_unknown=unknown == "take",
    )
    avoidance = avoid_sites(county, found, file, law, options, progress=progress(lang, quiet=quiet))
    written = [*write_avoidance(avoidance, found, file, out, county.county.rounding)]
    if maps:
        written += drawn(lambda: write_pictures(avoidance, county, out, lang=lang), lang)
    asked = {
        "file": file.name,
        "layer": layer,
        "assume": assume,
        "type": kind,
        "accuracy_m": accuracy_m,
        "verdicts": list(verdicts),
        "margin_m": margin_m,
        "smooth_m": smooth_m,
        "least_piece_m2": least_piece_m2,
        "least_width_m": least_width_m,
        "limit_m": limit_m,
        "unknown": unknown,
    }
    record_found(
        county,
        lang,
        lambda ledger: record_avoidance(ledger, county, avoidance, asked, at=recorded_at(), answers=answers),
        quiet=quiet,
    )
    print_notice(county.county.mark, lang)
    click.echo("\n".join(line.say(lang) for line in _told(avoidance)))
    print_files(written, lang)
    return FAULTY if avoidance.is_any_in_conflict and not exit_zero else DONE


def _told(avoidance: Avoidance) -> list[Text]:
    """Say for each site what could be done with it."""
    rows = avoidance.sites.itertuples(index=False)
    said = [_said(proposal, row) for proposal, row in zip(avoidance.proposals, rows, strict=True)]
    blind = [
        Text(
            f"{title.zh} 没有可信的覆盖范围：不能据此说任何地块不涉及",
            f"{title.en} does not say where it is complete: no ground is clear of it",
        )
        for title in avoidance.blind
    ]
    return said + blind


def _said(proposal: Proposal, row: Any) -> Text:  # noqa: ANN401  a row of the table
    name, area = proposal.site_name, row.area_m2
    if not proposal.is_in_conflict:
        return Text(f"{name}：没有要避开的部分（{area:.2f} 平方米）", f"{name}: nothing to keep off ({area:.2f} m2)")
    lost = Text(
        f"裁剪后保留 {row.kept_m2:.2f} / {area:.2f} 平方米，{row.kept_pieces} 块",
        f"trimmed, {row.kept_m2:.2f} of {area:.2f} m2 in {row.kept_pieces} pieces",
    )
    if proposal.shift is None:
        move = Text("限定距离内没有可平移的位置", "no clear place within the limit")
    else:
        shift = proposal.shift
        move = Text(
            f"或平移 {shift.distance_m:.2f} 米（东 {shift.dx_m:+.2f}，北 {shift.dy_m:+.2f}）",
            f"or moved {shift.distance_m:.2f} m (east {shift.dx_m:+.2f}, north {shift.dy_m:+.2f})",
        )
    return Text(f"{name}：{lost.zh}；{move.zh}", f"{name}: {lost.en}; {move.en}")
