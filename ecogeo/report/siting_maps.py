"""Pictures of siting: a site before and after the change that frees it, and a map sheet of each candidate."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.gauss import zone_text
from ecogeo.law import Law
from ecogeo.palette import draw_order
from ecogeo.report.mapsheet import (
    ONE_AT_A_TIME,
    PRINT_SETTINGS,
    Sheet,
    _axes,
    _require_glyphs,
    can_draw,
    find_font,
    rendered,
    sheet_bytes,
)
from ecogeo.report.mapsheet.furniture import breadth_em, draw_graticule, draw_legend, draw_north, draw_scale_bar
from ecogeo.report.mapsheet.page import SIZES_MM, Box, Look, Page, View, view_of
from ecogeo.report.mapsheet.painting import Entry, paint_layer, paint_shapes
from ecogeo.report.material import material_of
from ecogeo.siting import Avoidance, Proposal, Search
from ecogeo.style import Paint
from ecogeo.style_file import styles_of
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace

MOST_PICTURES = 20
"""More sites or candidates than this are not drawn one by one; the GeoPackage holds them all."""

_DPI = 150
_MARGIN_MM, _HEAD_MM, _FOOT_MM, _GAP_MM = 12.0, 22.0, 40.0, 10.0
_LEAST_SCALE = 500
_TEXT_PT = 8.0
_LAYERS = ("county", "towns", "water_bodies", "river_management")

_SITE = Entry(Text("申报用地", "site as given"), Paint("#111827", 2.6, "#f59e0b", 0.18), 2)
_BLOCKED = Entry(Text("要避开的地面", "ground to keep off"), Paint("#b91c1c", 1.2, "#fecaca", 0.5, hatch="rising"), 2)
_KEPT = Entry(Text("裁剪后保留", "kept when trimmed"), Paint("#166534", 2.6, "#86efac", 0.55), 2)
_LOST = Entry(Text("裁去", "trimmed off"), Paint("#4b5563", 1.0, "#d1d5db", 0.6, hatch="falling"), 2)
_MOVED = Entry(Text("平移后的位置", "where it would be moved"), Paint("#1d4ed8", 2.2, "", 0.0, dash="6 4"), 2)


def write_pictures(avoidance: Avoidance, county: Workspace, folder: Path, *, lang: Lang = "zh") -> tuple[Path, ...]:
    """Draw each site that has to be changed before and after, side by side at one exact scale.

    Parameters
    ----------
    avoidance
        The proposals.
    county
        Whose layers lie around.
    folder
        Where to: ``avoid_1.png`` … by the place of the site in its file; pictures of an earlier run are removed.
    lang
        Language of titles and legend.

    Raises
    ------
    UsageError
        Where there is no font with Chinese, or it lacks a character.
    """
    for old in folder.glob("avoid_*.png"):
        old.unlink()
    written: list[Path] = []
    font = find_font(None)
    for number, proposal in enumerate(avoidance.proposals, start=1):
        if not proposal.is_in_conflict or len(written) == MOST_PICTURES:
            continue
        path = folder / f"avoid_{number}.png"
        path.write_bytes(_picture(avoidance, proposal, county, font, lang))
        written.append(path)
    return tuple(written)


def write_sheets(
    search: Search, county: Workspace, law: Law | None, folder: Path, *, lang: Lang = "zh"
) -> tuple[Path, ...]:
    """Draw the constraints around each candidate as a map sheet, ``siting_C1.png`` and so on.

    Raises
    ------
    EcogeoError
        Where a layer cannot be used, or there is no font with Chinese.
    """
    for old in folder.glob("siting_C*.png"):
        old.unlink()
    if search.report is None or search.sites is None:
        return ()
    material = material_of(county.with_sites(search.sites), search.report, law=law)
    written: list[Path] = []
    for case in material.cases[:MOST_PICTURES]:
        if can_draw(case, "overlay"):
            path = folder / f"siting_{case.case_id}.png"
            path.write_bytes(sheet_bytes(material, case, "overlay", lang=lang, form="png", dpi=_DPI))
            written.append(path)
    return tuple(written)


def _picture(avoidance: Avoidance, proposal: Proposal, county: Workspace, font: Path, lang: Lang) -> bytes:
    width, height = SIZES_MM["A4"]
    wide = (width - 2 * _MARGIN_MM - _GAP_MM) / 2
    high = height - _MARGIN_MM - _HEAD_MM - _FOOT_MM
    frames = [Box(_MARGIN_MM + at * (wide + _GAP_MM), _FOOT_MM, wide, high) for at in (0, 1)]
    foot = Box(_MARGIN_MM, 6.0, width - 2 * _MARGIN_MM, _FOOT_MM - 12.0)
    page = Page(width, height, frames[0], foot, _TEXT_PT)
    shown = [proposal.site, *([] if proposal.shifted is None else [proposal.shifted])]
    view = view_of(shapely.union_all(shapely.envelope(shown)), avoidance.crs, frames[0], margin=0.2, least=_LEAST_SCALE)
    with ONE_AT_A_TIME, mpl.rc_context(PRINT_SETTINGS):  # type: ignore[arg-type]
        figure = Figure(figsize=(width / 25.4, height / 25.4), facecolor="white")
        titles = (Text("变更前", "before"), Text("变更后", "after"))
        entries: list[Entry] = []
        for box, title, paint in zip(frames, titles, (_before, _after), strict=True):
            axes = _axes(figure, page, box)
            _around(axes, county, view)
            entries += paint(axes, proposal)
            draw_graticule(axes, view, FontProperties(fname=str(font), size=_TEXT_PT - 2))
            axes.add_patch(
                Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, edgecolor="#111827", zorder=90)
            )
            axes.set_title(title.say(lang), fontproperties=FontProperties(fname=str(font), size=_TEXT_PT + 3), pad=4)
        look = Look(page, font, lang)
        _foot(_axes(figure, page, foot), tuple(dict.fromkeys(entries)), view, look)
        _head(figure, avoidance, proposal, county, look)
        _require_glyphs(figure, font)
    return rendered(Sheet(figure), "png", _DPI)


def _around(axes: Axes, county: Workspace, view: View) -> None:
    """Draw the ground around, and show the part of it the frame shows."""
    axes.set_xlim(view.west, view.east)
    axes.set_ylim(view.south, view.north)
    axes.set_facecolor("white")
    styles = styles_of(county.layer_folder)
    for role in sorted(_LAYERS, key=draw_order):
        if (layer := county.of_role(role)) is not None:
            paint_layer(axes, layer, styles[role], view, 1.0 + draw_order(role))


def _before(axes: Axes, proposal: Proposal) -> list[Entry]:
    _paint(axes, proposal.blocked, _BLOCKED, 40.0)
    _paint(axes, proposal.site, _SITE, 50.0)
    return [_SITE, _BLOCKED]


def _after(axes: Axes, proposal: Proposal) -> list[Entry]:
    _paint(axes, proposal.blocked, _BLOCKED, 40.0)
    painted = [_BLOCKED]
    for shape, entry, order in (
        (_lost(proposal), _LOST, 45.0),
        (proposal.trimmed.kept, _KEPT, 50.0),
        (proposal.shifted, _MOVED, 55.0),
    ):
        if shape is not None and not shape.is_empty:
            _paint(axes, shape, entry, order)
            painted.append(entry)
    if proposal.shift is not None and proposal.shifted is not None and proposal.shift.distance_m > 0:
        start, end = proposal.site.representative_point(), proposal.site.representative_point()
        tip = (end.x + proposal.shift.dx_m, end.y + proposal.shift.dy_m)
        arrow = {"arrowstyle": "-|>", "color": "#1d4ed8", "linewidth": 1.6}
        axes.annotate("", tip, (start.x, start.y), arrowprops=arrow, zorder=60)
    return painted


def _lost(proposal: Proposal) -> BaseGeometry:
    parts = proposal.trimmed
    lost: BaseGeometry = shapely.union_all([parts.blocked, parts.beside, parts.narrow, parts.small])
    return lost


def _paint(axes: Axes, shape: BaseGeometry, entry: Entry, order: float) -> None:
    parts = shapely.get_parts(shape)
    alike: geodesy.Geometries = parts[(shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)]
    paint_shapes(axes, alike, entry.paint, 2, order=order)


def _foot(axes: Axes, entries: tuple[Entry, ...], view: View, look: Look) -> None:
    """Draw legend, scale and north below the frames."""
    box, font, lang = look.page.side, look.font, look.lang
    axes.set_xlim(0, box.width)
    axes.set_ylim(0, box.height)
    common = FontProperties(fname=str(font), size=_TEXT_PT)
    columns = 3
    room = axes.get_xlim()[1]
    axes.set_xlim(0, room * 0.68)  # the legend takes the left
    draw_legend(axes, entries, 2.0, box.height - 2.0, lang=lang, font=common, step=6.0, columns=columns)
    axes.set_xlim(0, room)
    draw_scale_bar(axes, room - 70.0, 6.0, view, common, most_mm=44.0)
    axes.text(room - 70.0, 13.0, f"1:{view.scale:,}", ha="left", va="bottom", fontproperties=common)
    draw_north(axes, room - 8.0, 4.0, common)
    axes.text(2.0, 1.0, zone_text(view.crs).say(lang), ha="left", va="bottom", fontproperties=common, color="#374151")


def _head(figure: Figure, avoidance: Avoidance, proposal: Proposal, county: Workspace, look: Look) -> None:
    """Write what was done over the frames: name, areas, move."""
    page, font, lang = look.page, look.font, look.lang
    row = avoidance.sites.loc[avoidance.sites["site_id"] == proposal.site_id].iloc[0]
    kept, area = float(row["kept_m2"]) / 1e4, float(row["area_m2"]) / 1e4
    title = Text(f"{proposal.site_name} 避让方案", f"{proposal.site_name}: the least change").say(lang)
    said = Text(f"裁剪后保留 {kept:.4f} / {area:.4f} 公顷", f"trimmed, {kept:.4f} of {area:.4f} ha are kept")
    if proposal.shift is None:
        move = Text("限定距离内没有可平移的位置", "no clear place within the limit")
    else:
        shift = proposal.shift
        move = Text(
            f"或平移 {shift.distance_m:.2f} 米（东 {shift.dx_m:+.2f}，北 {shift.dy_m:+.2f}）",
            f"or moved {shift.distance_m:.2f} m (east {shift.dx_m:+.2f}, north {shift.dy_m:+.2f})",
        )
    told = f"{said.say(lang)}；{move.say(lang)}" if lang == "zh" else f"{said.say(lang)}; {move.say(lang)}"
    left, top = _MARGIN_MM / page.width, (page.height - 8.0) / page.height
    most = (page.width - 2 * _MARGIN_MM) * 0.75 * 72 / 25.4
    size = float(np.clip(most / max(breadth_em(title), 1.0), _TEXT_PT, _TEXT_PT + 6))
    figure.text(left, top, title, ha="left", va="top", fontproperties=FontProperties(fname=str(font), size=size))
    small = FontProperties(fname=str(font), size=_TEXT_PT)
    figure.text(left, top - 7.5 / page.height, told, ha="left", va="top", fontproperties=small)
    mark = county.county.mark or Text("内部资料 注意保管", "for official use")
    right = (page.width - _MARGIN_MM) / page.width
    figure.text(right, top, mark.say(lang), ha="right", va="top", color="#B91C1C", fontproperties=small)
