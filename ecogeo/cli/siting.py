"""The command that looks for ground: a site anywhere in the county, or a route between two places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecogeo.cli.options import (
    DONE,
    FAULTY,
    a_file,
    a_verdict,
    answers_file,
    common,
    exit_zero,
    on_day,
    out_option,
    project_type,
)
from ecogeo.cli.printing import drawn, print_files, print_notice, progress
from ecogeo.cli.recording import record_found, recorded_at
from ecogeo.wording import Lang, Text, list_en, list_zh

if TYPE_CHECKING:
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry

    from ecogeo.siting import Route
    from ecogeo.workspace import Workspace


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


@click.command("siting")
@common
@project_type
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
    type=a_verdict,
    multiple=True,
    help="可以占用的判定（可多次），结果中会注明 / verdicts that may lie under a site",
)
@click.option("--leave-out", "left_out", multiple=True, metavar="ROLE", help="不考虑的图层 / layers not asked")
@click.option("--from", "start", type=_Place(), help="线路起点 经度,纬度 / start of a route, lon,lat")
@click.option("--to", "end", type=_Place(), help="线路终点 经度,纬度 / end of a route, lon,lat")
@click.option("--through-unknown", is_flag=True, help="线路可经过图层未覆盖处 / a route may cross unknown ground")
@answers_file
@on_day
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
    print_notice(county.county.mark, lang)
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
        record_found(
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
        written += drawn(lambda: write_sheets(search, county, law, out, lang=lang), lang)
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
    record_found(
        county,
        lang,
        lambda ledger: record_search(ledger, county, search, asked, table, at=recorded_at(), answers=answers),
        quiet=quiet,
    )
    return DONE if search.candidates or exit_zero else FAULTY


def _ground_of(path: Path, county: Workspace) -> BaseGeometry:
    """Return the polygons of a file as one ground, longitude and latitude."""
    from ecogeo.county_file import inspect_for_county
    from ecogeo.siteboard import ground_of

    return ground_of(inspect_for_county(county, path))


def _route_said(route: Route) -> Text:
    crossed = route.crossings[route.crossings["crossings"] > 0]
    pairs = list(zip(crossed["layer"], crossed["crossings"], strict=True))
    zh = "、".join(f"{layer} {count} 次" for layer, count in pairs) or "没有"
    en = ", ".join(f"{layer} {count}" for layer, count in pairs) or "none"
    return Text(
        f"线路 {route.length_m:,.2f} 米（直线 {route.straight_m:,.2f} 米），穿越：{zh}",
        f"route of {route.length_m:,.2f} m ({route.straight_m:,.2f} m straight), crossings: {en}",
    )
