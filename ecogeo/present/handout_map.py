"""The map of a handout's sheet: the layers of a step, signs of sites, what is dimmed around a spotlight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from ecogeo import geodesy
from ecogeo.board.records import GRAVEST_FIRST
from ecogeo.cells import CellLayer, cell_grid, cell_layers
from ecogeo.finding import Answer
from ecogeo.layer import Layer
from ecogeo.mapdata import source_of
from ecogeo.mapsigns import SiteSign, town_labels
from ecogeo.palette import ANSWER_MARKS, draw_order
from ecogeo.report.mapsheet.page import View, projected
from ecogeo.report.mapsheet.painting import Entry, paint_classes, paint_layer
from ecogeo.style import LayerStyle, Paint
from ecogeo.style_file import styles_of
from ecogeo.tiles.opening import features_declared
from ecogeo.wording import Lang, Text
from ecogeo.workspace import Workspace

MOST_FEATURES = 200_000
"""A layer with more is not drawn on a sheet, and this is said: it would take minutes and show no feature."""

_SITES = "project_sites"
_EARLIER = ".earlier"
_CELLS_PX = 1800
"""Longer side of a raster on a sheet: some 150 dots an inch of A3."""

_SIGN_M = 0.0062
"""Signs nearer than this on paper, metres, are drawn as one."""


@dataclass(frozen=True, slots=True)
class Painted:
    """What came out on a sheet.

    Parameters
    ----------
    entries
        The legend, what lies on top first, each once.
    sources
        Titles of the layers, with date and version.
    left_out
        Layers that were asked for and are not drawn, with the reason.
    has_sites
        Whether the project sites are among the layers.
    """

    entries: tuple[Entry, ...] = ()
    sources: tuple[tuple[Text, str], ...] = ()
    left_out: tuple[Text, ...] = ()
    has_sites: bool = False

    def with_more(self, other: Painted) -> Painted:
        """Return this and what another frame of the sheet shows."""
        return Painted(
            tuple(dict.fromkeys((*self.entries, *other.entries))),
            tuple(dict.fromkeys((*self.sources, *other.sources))),
            tuple(dict.fromkeys((*self.left_out, *other.left_out))),
            self.has_sites or other.has_sites,
        )

    def with_signs(self, entries: Sequence[Entry]) -> Painted:
        """Return this with signs on top of the legend."""
        return replace(self, entries=(*entries, *self.entries))

    def notes(self, lang: Lang) -> Iterator[str]:
        """Yield what stands at the foot: sources, and what was left out."""
        by_date: dict[str, list[str]] = {}
        for title, dated in self.sources:
            by_date.setdefault(dated, []).append(title.say(lang))
        undated = Text("版本、日期未声明", "no version declared").say(lang)
        mark = Text("、", ", ").say(lang)
        told = [f"{mark.join(titles)}（{dated or undated}）" for dated, titles in by_date.items()]
        if told:
            yield Text("资料：", "Data: ").say(lang) + Text("；", "; ").say(lang).join(told)
        yield from (one.say(lang) for one in self.left_out)


def paint_step_layers(
    axes: Axes,
    workspace: Workspace,
    names: tuple[str, ...] | None,
    signs: Sequence[SiteSign],
    view: View,
    *,
    font: FontProperties,
    is_themed: bool = False,
) -> Painted:
    """Paint the layers of a step.

    Parameters
    ----------
    axes
        The frame, in metres of the plane.
    workspace
        The county.
    names
        Names of its layers, an earlier version with ``.earlier``; None takes those that are on at first.
    view
        What the frame shows.
    font
        Of the towns' names.
    signs
        The sites' signs, for the answer each site is painted by.
    is_themed
        Whether the signs show the answer to one layer: a site without such an answer is then not painted.

    Raises
    ------
    EcogeoError
        Where a layer cannot be used.
    """
    styles = styles_of(workspace.layer_folder)
    wanted = default_layers(workspace) if names is None else names
    rasters = cell_layers(workspace)
    entries: list[tuple[int, tuple[Entry, ...]]] = []
    sources, left_out, has_sites = [], [], False
    for name in dict.fromkeys(wanted):
        if (raster := next((one for one in rasters if one.name == name), None)) is not None:
            entries.append((-1, _paint_cells(axes, workspace, raster, view)))
            sources.append((raster.title, raster.source))
            continue
        own = name.removesuffix(_EARLIER)
        declared = workspace.catalog.layers.get(own)
        if declared is None or declared.role not in styles or declared.is_raster:
            left_out.append(Text(f"没有图层 {name}", f"there is no layer {name}"))
            continue
        if (features_declared(workspace, own) or 0) > MOST_FEATURES:
            title = declared.title or own
            left_out.append(
                Text(f"{title}：要素过多，未画", f"{declared.title_en or title}: too many features, not drawn")
            )
            continue
        layer = workspace.earlier_of_role(declared.role) if name.endswith(_EARLIER) else workspace.layer(own)
        if layer is None:
            left_out.append(Text(f"没有图层 {name}", f"there is no layer {name}"))
            continue
        order = draw_order(declared.role)
        sources.append((layer.title, source_of(layer.declaration)))
        if declared.role == _SITES:
            has_sites = True
            _paint_sites(axes, layer, styles[_SITES], signs, view, is_themed=is_themed)
            continue
        entries.append((order, paint_layer(axes, layer, styles[declared.role], view, 1.0 + order)))
        if declared.role == "towns":
            _name_towns(axes, layer, view, font)
    told = [entry for order, group in sorted(entries, key=lambda one: -one[0]) for entry in group]
    return Painted(tuple(dict.fromkeys(told)), tuple(sources), tuple(left_out), has_sites)


def _letter(answer: Answer) -> str:
    """Return an answer's sign in a form fonts with Chinese have."""
    return "×" if answer is Answer.INVOLVED else ANSWER_MARKS[answer].sign


def draw_signs(
    axes: Axes, signs: Sequence[SiteSign], view: View, font: FontProperties, *, about: Text | None = None
) -> tuple[Entry, ...]:
    """Draw the signs of sites, those that would lie on one another as one with its number and gravest answer.

    Parameters
    ----------
    axes
        The frame, in metres of the plane.
    signs
        The signs.
    view
        What the frame shows.
    font
        Of the signs.
    about
        The layer the answers are to; None for all.

    Returns
    -------
    An entry of the legend for each answer that is seen.
    """
    if not signs:
        return ()
    points: geodesy.Geometries = np.array([shapely.Point(sign.lon, sign.lat) for sign in signs], dtype=object)
    where = shapely.get_coordinates(projected(points, view.crs))
    near = _SIGN_M * view.scale
    ordered = sorted(range(len(signs)), key=lambda place: (GRAVEST_FIRST.index(signs[place].answer), place))
    groups: list[list[int]] = []
    for place in ordered:
        x, y = where[place]
        if not (view.west <= x <= view.east and view.south <= y <= view.north):
            continue
        held = next((one for one in groups if np.hypot(*(where[one[0]] - where[place])) < near), None)
        if held is None:
            groups.append([place])
        else:
            held.append(place)
    for group in groups:
        sign = signs[group[0]]
        mark = ANSWER_MARKS[sign.answer]
        count = len({signs[place].site_id for place in group})
        is_vague = all(signs[place].is_vague for place in group)
        text = _letter(sign.answer) if count == 1 else f"{_letter(sign.answer)} {count}"
        x, y = (float(one) for one in where[group[0]])
        axes.text(
            x, y, text, ha="center", va="center", fontproperties=font, zorder=80, clip_on=True,
            color=mark.colour if is_vague else "white",
            bbox={
                "boxstyle": "circle,pad=0.25" if count == 1 else "round,pad=0.25,rounding_size=0.8",
                "facecolor": "white" if is_vague else mark.colour,
                "edgecolor": mark.colour if is_vague else "white",
                "linewidth": 1.4,
                "linestyle": "dashed" if is_vague else "solid",
            },
        )  # fmt: skip
    present = {signs[place].answer for group in groups for place in group}
    site = Text("项目用地", "site") if about is None else Text(f"用地与{about.zh}", f"site and {about.en}")
    entries = [
        Entry(
            Text(f"{site.zh}：{answer.text.zh} {_letter(answer)}", f"{site.en}: {answer.text.en} {_letter(answer)}"),
            Paint("#FFFFFF", 1.0, ANSWER_MARKS[answer].colour, 1.0, radius_px=7.0),
            0,
        )
        for answer in GRAVEST_FIRST
        if answer in present
    ]
    if any(all(signs[place].is_vague for place in group) for group in groups):
        told = Text("虚线圈：只知大致位置", "dashed circle: whereabouts only")
        entries.append(Entry(told, Paint("#374151", 1.4, "#FFFFFF", 1.0, dash="3 2", radius_px=7.0), 0))
    return tuple(entries)


def draw_spotlight(axes: Axes, signs: Sequence[SiteSign], subject: str, view: View) -> None:
    """Dim what lies away from a project or site; nothing where it is on no map."""
    own = [sign for sign in signs if subject in {sign.record_id, sign.site_id}]
    if not own:
        return
    points: geodesy.Geometries = np.array([shapely.Point(sign.lon, sign.lat) for sign in own], dtype=object)
    plane = projected(points, view.crs)
    middle = shapely.centroid(shapely.envelope(shapely.multipoints(plane)))
    west, south, east, north = shapely.total_bounds(plane)
    radius = max(0.75 * float(np.hypot(east - west, north - south)), 0.16 * (view.north - view.south))
    ring = shapely.buffer(middle, radius, quad_segs=32)
    frame = shapely.box(view.west, view.south, view.east, view.north)
    rest = shapely.difference(frame, ring)
    for part in shapely.get_parts(rest):
        turned = shapely.orient_polygons(part)
        rings = [shapely.get_exterior_ring(turned)]
        rings += [shapely.get_interior_ring(turned, hole) for hole in range(shapely.get_num_interior_rings(turned))]
        path = Path.make_compound_path(*(Path(shapely.get_coordinates(one), closed=True) for one in rings))
        axes.add_patch(PathPatch(path, facecolor="white", alpha=0.62, linewidth=0, zorder=82))
    edge = shapely.get_coordinates(ring)
    axes.plot(edge[:, 0], edge[:, 1], color="#B45309", linewidth=2.2, zorder=83, clip_on=True)


def default_layers(workspace: Workspace) -> tuple[str, ...]:
    """Return the layers that are on at first, as the map has them."""
    found = (
        (workspace.catalog.of_role(role), style)
        for role, style in styles_of(workspace.layer_folder).items()
        if style.is_on
    )
    return tuple(name for name, _ in found if name is not None and name in workspace.vector_names)


def _paint_cells(axes: Axes, workspace: Workspace, layer: CellLayer, view: View) -> tuple[Entry, ...]:
    """Paint a raster of classes below everything else; return an entry for each class that is seen."""
    box = (view.west, view.south, view.east, view.north)
    grid = cell_grid(workspace, layer, crs=view.crs, box=box, most_px=_CELLS_PX)
    paints = [(0, 0, 0, 0), *((*_rgb(one.colour), 255) for one in grid.classes)]
    west, south, east, north = grid.box
    picture = np.array(paints, dtype=np.uint8)[grid.places]
    axes.imshow(picture, extent=(west, east, south, north), interpolation="nearest", aspect="auto", zorder=0.5)
    axes.set_xlim(view.west, view.east)
    axes.set_ylim(view.south, view.north)
    return tuple(
        Entry(Text(f"{layer.title.zh}：{one.label.zh}", f"{layer.title.en}: {one.label.en}"),
              Paint("#57534E", 0.6, one.colour, 1.0), 2)
        for one in grid.classes
    )  # fmt: skip


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _paint_sites(
    axes: Axes, sites: Layer, style: LayerStyle, signs: Sequence[SiteSign], view: View, *, is_themed: bool
) -> None:
    """Paint the sites that have ground, by their answers: one known as a point is shown by its sign alone."""
    answers = {sign.site_id: str(sign.answer) for sign in signs}
    has_ground = shapely.get_dimensions(sites.geometries) > 0
    if is_themed:
        has_ground &= sites.ids.isin(list(answers)).to_numpy()
    kinds = np.array([style.class_of(answers.get(key, "")) for key in sites.ids], dtype=np.int64)
    order = 1.0 + draw_order(_SITES)
    paint_classes(axes, sites.geometries[has_ground], kinds[has_ground], style.classes, view, order=order)


def _name_towns(axes: Axes, towns: Layer, view: View, font: FontProperties) -> None:
    names = [(name, lon, lat) for name, lon, lat in town_labels(towns)]
    points: geodesy.Geometries = np.array([shapely.Point(lon, lat) for _, lon, lat in names], dtype=object)
    for (name, _, _), (x, y) in zip(names, shapely.get_coordinates(projected(points, view.crs)), strict=True):
        if view.west < x < view.east and view.south < y < view.north:
            axes.text(
                x, y, name, ha="center", va="center", fontproperties=font, color="#1F2937", zorder=65, clip_on=True,
                path_effects=[withStroke(linewidth=2.4, foreground="white")],
            )  # fmt: skip
