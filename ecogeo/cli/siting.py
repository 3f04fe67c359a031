"""Commands that look for ground: avoid, siting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecogeo.cli.options import DONE, FAULTY, a_file, common, exit_zero, out_option
from ecogeo.cli.printing import print_files, progress
from ecogeo.cli.recording import recorded_at
from ecogeo.wording import Lang, Text, list_en, list_zh

if TYPE_CHECKING:
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry

    from ecogeo.ledger import Entry, Ledger
    from ecogeo.siting import Avoidance, Proposal, Route
    from ecogeo.workspace import Workspace

_VERDICTS = ("prohibited", "conditional", "restricted", "notice", "undetermined")
_AVOIDED = ("prohibited", "conditional", "undetermined")


class _Place(click.ParamType):  # type: ignore[type-arg]
    """A place as ``longitude,latitude`` in degrees."""

    name = "LON,LAT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:  # noqa: ANN401  click's own
        """Read the two numbers."""
        try:
            lon, lat = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r}: 经度,纬度 / lon,lat", param, ctx)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            self.fail(f"{value!r}: 经度,纬度 / lon,lat", param, ctx)
        return lon, lat


@click.command("avoid")
@common
@click.argument("file", type=a_file)
@click.option("--layer", default="", help="文件中的图层 / layer inside the file")
@click.option("--assume", default="", help="EPSG:4545 · swapped · as-stated · GCJ-02 · BD-09")
@click.option("--type", "kind", default="", help="项目类型 / project type")
@click.option("--accuracy-m", type=click.FloatRange(0), default=0.0, show_default=True, help="位置精度（米） / metres")
@click.option(
    "--verdict",
    "verdicts",
    type=click.Choice(_VERDICTS),
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
@click.option("--answers", type=a_file, help="问题答案表 / answers to the open questions")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="按该日施行的规则判断 / judge by the law of this day")
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
    from ecogeo.crs import read_assumption
    from ecogeo.finding import Verdict
    from ecogeo.inspection import inspect_file, page
    from ecogeo.law import read_law
    from ecogeo.report.avoidance import write_avoidance
    from ecogeo.report.siting_maps import write_pictures
    from ecogeo.runs.found import record_avoidance
    from ecogeo.siting import AvoidOptions, TrimOptions, avoid_sites
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
        written += _drawn(lambda: write_pictures(avoidance, county, out, lang=lang), lang)
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
    _recorded(
        county,
        lang,
        lambda ledger: record_avoidance(ledger, county, avoidance, asked, at=recorded_at(), answers=answers),
        quiet=quiet,
    )
    if county.county.mark is not None:
        click.echo(f"※ {county.county.mark.say(lang)}")
    click.echo("\n".join(line.say(lang) for line in _told(avoidance)))
    print_files(written, lang)
    return FAULTY if avoidance.is_any_in_conflict and not exit_zero else DONE


@click.command("siting")
@common
@click.option("--type", "kind", default="", help="项目类型 / project type")
@click.option("--area-ha", type=click.FloatRange(0, min_open=True), help="用地面积（公顷） / least area of a site")
@click.option("--count", type=click.IntRange(1, 200), default=10, show_default=True, help="备选数 / candidates")
@click.option(
    "--cell-m", type=click.FloatRange(1), default=30.0, show_default=True, help="格网边长（米） / cell, metres"
)
@click.option(
    "--least-width-m", type=click.FloatRange(0), default=30.0, show_default=True, help="最小宽度（米） / least width"
)
@click.option("--weights", type=a_file, help="准则与权重表 / table of criteria (default: data/siting/criteria.csv)")
@click.option("--within", type=a_file, help="只在此范围内找（任意面文件） / polygons to look in")
@click.option(
    "--allow",
    "allowed",
    type=click.Choice(_VERDICTS),
    multiple=True,
    help="可以占用的判定（可多次），结果中会注明 / verdicts that may lie under a site",
)
@click.option("--leave-out", "left_out", multiple=True, metavar="ROLE", help="不考虑的图层 / layers not asked")
@click.option("--from", "start", type=_Place(), help="线路起点 经度,纬度 / start of a route, lon,lat")
@click.option("--to", "end", type=_Place(), help="线路终点 经度,纬度 / end of a route, lon,lat")
@click.option("--through-unknown", is_flag=True, help="线路可经过图层未覆盖处 / a route may cross unknown ground")
@click.option("--answers", type=a_file, help="问题答案表 / answers to the open questions")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="按该日施行的规则判断 / judge by the law of this day")
@click.option("--maps", is_flag=True, help="给每个备选地块出一张附图 / draw a map sheet of each candidate")
@out_option("out/siting")
@exit_zero
def siting_command(
    *,
    kind: str,
    area_ha: float | None,
    count: int,
    cell_m: float,
    least_width_m: float,
    weights: Path | None,
    within: Path | None,
    allowed: tuple[str, ...],
    left_out: tuple[str, ...],
    start: tuple[float, float] | None,
    end: tuple[float, float] | None,
    through_unknown: bool,
    answers: Path | None,
    on: datetime | None,
    maps: bool,
    workspace: Path | None,
    out: Path,
    exit_zero: bool,
    quiet: bool,
    lang: Lang,
) -> int:
    """在全县选址，或在两点间选线 / where such a project could go, or the best route between two points."""
    from ecogeo.catalog import ROLES
    from ecogeo.errors import UsageError
    from ecogeo.finding import Verdict
    from ecogeo.law import read_law
    from ecogeo.report.search_files import write_route, write_search
    from ecogeo.report.siting_maps import write_sheets
    from ecogeo.runs.found import record_route, record_search
    from ecogeo.siteboard import criteria_table
    from ecogeo.siting import SearchOptions, find_route, read_criteria, search_sites
    from ecogeo.workspace import open_workspace

    if (start is None) != (end is None) or (start is None) == (area_ha is None):
        raise UsageError(
            Text(
                "选址请给 --area-ha，选线请同时给 --from 和 --to",
                "give --area-ha for sites, or both --from and --to for a route",
            )
        )
    if strange := [role for role in left_out if role not in ROLES]:
        raise UsageError(Text(f"没有图层角色 {list_zh(strange)}", f"there is no role {list_en(strange)}"))
    county = open_workspace(workspace)
    table = weights or criteria_table(county)
    criteria = read_criteria(table)
    law = read_law(county, on=on.date() if on else None, answers=answers, chosen_type=kind)
    if county.county.mark is not None:
        click.echo(f"※ {county.county.mark.say(lang)}")
    shown = progress(lang, quiet=quiet)
    if start is not None and end is not None:
        route = find_route(county, law, criteria, (start, end), cell_m=cell_m, through_unknown=through_unknown)
        click.echo(_route_said(route).say(lang))
        print_files(write_route(route, out, county.county.rounding), lang)
        asked = {
            "type": kind,
            "from": list(start),
            "to": list(end),
            "cell_m": cell_m,
            "through_unknown": through_unknown,
        }
        _recorded(
            county,
            lang,
            lambda ledger: record_route(ledger, county, route, asked, table, at=recorded_at(), answers=answers),
            quiet=quiet,
        )
        return DONE
    options = SearchOptions(
        area_m2=(area_ha or 0.0) * 1e4,
        count=count,
        cell_m=cell_m,
        least_width_m=least_width_m,
        allowed=tuple(Verdict(one) for one in allowed),
        left_out=left_out,
    )
    ground = None if within is None else _ground_of(within, county)
    search = search_sites(county, law, criteria, options, within=ground, progress=shown)
    for one in search.candidates:
        click.echo(
            Text(
                f"{one.site_id}：得分 {one.score:.4f}，{one.area_m2 / 1e4:.4f} 公顷，紧凑度 {one.compactness:.2f}",
                f"{one.site_id}: score {one.score:.4f}, {one.area_m2 / 1e4:.4f} ha, compactness {one.compactness:.2f}",
            ).say(lang)
        )
    click.echo("\n".join(note.say(lang) for note in search.notes))
    written = [*write_search(search, out, county.county.rounding)]
    if maps:
        written += _drawn(lambda: write_sheets(search, county, law, out, lang=lang), lang)
    print_files(written, lang)
    asked = {
        "type": kind,
        "area_ha": area_ha,
        "count": count,
        "cell_m": cell_m,
        "least_width_m": least_width_m,
        "allowed": list(allowed),
        "left_out": list(left_out),
        "within": "" if within is None else within.name,
    }
    _recorded(
        county,
        lang,
        lambda ledger: record_search(ledger, county, search, asked, table, at=recorded_at(), answers=answers),
        quiet=quiet,
    )
    return DONE if search.candidates or exit_zero else FAULTY


def _drawn(draw: Callable[[], Sequence[Path]], lang: Lang) -> list[Path]:
    """Draw pictures, or say why there are none: the rest of what was found stands without them."""
    from ecogeo.errors import EcogeoError

    try:
        return [*draw()]
    except EcogeoError as error:
        head = Text("没有画图", "no pictures were drawn").say(lang)
        click.echo(f"{head}: {error.say(lang)}", err=True)
        return []


def _recorded(county: Workspace, lang: Lang, record: Callable[[Ledger], Entry | None], *, quiet: bool) -> None:
    """Record what was found, or say why it is not.

    Raises
    ------
    EcogeoError
        Where the ledger is there and cannot be written.
    """
    from ecogeo.errors import EcogeoError
    from ecogeo.ledger import ledger_of, why_closed

    ledger = ledger_of(county.data_folder)
    if ledger is None:
        return
    reason = why_closed(ledger)
    try:
        entry = None if reason is not None else record(ledger)
    except EcogeoError as error:
        head = Text("结果已写出，但没有记入台账", "the results are written, but were not recorded")
        raise EcogeoError([head, *error.problems]) from error
    if entry is None:
        said = reason or Text("没有备选地块，不记入台账", "nothing was found, and nothing recorded")
    else:
        said = Text(f"已记入台账，第 {entry.seq} 条", f"recorded in the ledger as entry {entry.seq}")
    if not quiet:
        click.echo(said.say(lang), err=True)


def _ground_of(path: Path, county: Workspace) -> BaseGeometry:
    """Return the polygons of a file as one ground, longitude and latitude."""
    from ecogeo.inspection import inspect_file
    from ecogeo.siteboard import ground_of

    outline = county.of_role("county")
    found = inspect_file(
        path,
        county=None if outline is None else outline.box,
        outline=None if outline is None else outline.coverage,
        is_whole=True,
    )
    return ground_of(found)


def _route_said(route: Route) -> Text:
    crossed = route.crossings[route.crossings["crossings"] > 0]
    pairs = list(zip(crossed["layer"], crossed["crossings"], strict=True))
    zh = "、".join(f"{layer} {count} 次" for layer, count in pairs) or "没有"
    en = ", ".join(f"{layer} {count}" for layer, count in pairs) or "none"
    return Text(
        f"线路 {route.length_m:,.2f} 米（直线 {route.straight_m:,.2f} 米），穿越：{zh}",
        f"route of {route.length_m:,.2f} m ({route.straight_m:,.2f} m straight), crossings: {en}",
    )


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
