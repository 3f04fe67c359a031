"""What each kind of sheet shows, and which ground it shows it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pyproj
import shapely
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke

from ecogeo import geodesy
from ecogeo.catalog import ZONING_ROLES
from ecogeo.finding import Answer
from ecogeo.gauss import home_plane
from ecogeo.landuse.patches import land_class_field
from ecogeo.layer import Layer
from ecogeo.palette import ANSWER_MARKS, OVERLAP, REACH, draw_order
from ecogeo.report.corner_sheet import Ring, is_surely_placed, rings_of
from ecogeo.report.mapsheet.page import Page, View, page_of, projected, view_of
from ecogeo.report.mapsheet.painting import Entry, paint_classes, paint_layer, paint_shapes
from ecogeo.report.material import Case, Material
from ecogeo.report.outlines import Outline
from ecogeo.style import LayerClass, LayerStyle, Paint
from ecogeo.style_file import styles_of
from ecogeo.wording import Text

SheetKind = Literal["location", "present", "overlay", "corners"]
SHEETS: tuple[SheetKind, ...] = get_args(SheetKind)
SHEET_TITLES: dict[SheetKind, Text] = {
    "location": Text("位置图", "location"),
    "present": Text("土地利用现状图", "present land use"),
    "overlay": Text("管控要素套合图", "constraints"),
    "corners": Text("界址点图", "boundary points"),
}
"""What a sheet is called."""

_FRAMES = ("county", "towns")
_LOCATION = ("water_bodies",)
_CONSTRAINTS = (
    *(
        "farmland",
        "urban_boundary",
        "river_management",
        "water_bodies",
        "water_sources",
        "redlines",
        "reserves",
        "mines",
    ),
    *("shorelines", "receptors"),
)
_LEAST_SCALE = {"location": 50_000, "present": 2_000, "overlay": 2_000, "corners": 500}
_TOO_SMALL_M = 0.006
"""A site that is smaller than this on paper, metres, is starred on the sheet that says where it lies."""

_MOST_LABELS = 60
"""More boundary points than this are dotted and named at every so-manieth alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What came out on a sheet.

    Parameters
    ----------
    kind
        The sheet.
    entries
        The legend, what lies on top first.
    layers
        The layers of which something was asked for, with their dates, for the sources.
    rings
        The boundary points, on their sheet alone.
    """

    kind: SheetKind
    entries: tuple[Entry, ...]
    layers: tuple[Layer, ...]
    rings: tuple[Ring, ...] = ()


def view_of_sheet(
    case: Case, kind: SheetKind, material: Material | None = None, page: Page | None = None
) -> View | None:
    """Return what part of the ground a sheet shows; None where there is nothing to show on it.

    Parameters
    ----------
    case
        The project.
    kind
        The sheet.
    material
        Of the run, for the county around; None leaves it out.
    page
        The page; None takes A4.
    """
    frame = (page or page_of("A4")).frame
    if kind == "corners":
        outlines = _sure_outlines(case)
        if not outlines:
            return None
        placed = [_moved(one.shape, one.crs, outlines[0].crs) for one in outlines]
        return view_of(shapely.union_all(shapely.envelope(placed)), outlines[0].crs, frame, least=_LEAST_SCALE[kind])
    shape = case.shape
    if shape is None:
        return None
    west, _, east, _ = shapely.bounds(shape)
    crs = home_plane(float(west + east) / 2)
    shown = [projected(np.array([shape], dtype=object), crs)[0]]
    if kind == "location":
        county = None if material is None else material.workspace.of_role("county")
        if county is not None:
            shown.append(shapely.union_all(shapely.envelope(projected(county.geometries, crs))))
        return view_of(shapely.union_all(shown), crs, frame, margin=0.04, least=_LEAST_SCALE[kind])
    shown += [shapely.envelope(one) for one in _reaches(case, crs)]
    return view_of(shapely.union_all(shown), crs, frame, margin=0.22, least=_LEAST_SCALE[kind])


def _sure_outlines(case: Case) -> list[Outline]:
    """Return the outlines of the sites that are surely placed: only those have boundary points."""
    ids = [site.site_id for site in case.record.sites if is_surely_placed(site)]
    return [case.outlines[one] for one in ids if one in case.outlines]


def _moved(shape: shapely.Geometry, own: pyproj.CRS, plane: pyproj.CRS) -> shapely.Geometry:
    """Return a shape of one plane in another."""
    if own == plane:
        return shape
    transformer = pyproj.Transformer.from_crs(own, plane, always_xy=True)
    return shapely.transform(shape, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


def _reaches(case: Case, crs: object) -> list[shapely.Geometry]:
    """Return the ground each site may lie on, in the plane, where it is not placed to 0 m."""
    found = []
    for site in case.record.sites:
        shape = case.grounds.get(site.site_id)
        if shape is not None and site.accuracy_m:
            plane = projected(np.array([shape], dtype=object), crs)[0]  # type: ignore[arg-type]
            found.append(shapely.buffer(plane, site.accuracy_m, quad_segs=24))
    return found


def draw_contents(
    axes: Axes, material: Material, case: Case, kind: SheetKind, view: View, *, font: FontProperties
) -> Drawn:
    """Draw what a sheet shows into its frame.

    Parameters
    ----------
    axes
        The frame, in metres of the plane.
    material
        Of the run.
    case
        The project.
    kind
        The sheet.
    view
        What the frame shows.
    font
        Of the labels.
    """
    roles = {"location": _LOCATION, "present": (), "overlay": _CONSTRAINTS, "corners": ()}[kind] + _FRAMES
    styles = styles_of(material.workspace.layer_folder)
    painted: list[tuple[float, tuple[Entry, ...]]] = []
    layers = []
    if kind == "present" and (landuse := material.workspace.of_role("landuse")) is not None:
        painted.append((0.0, _paint_land(axes, landuse, styles["landuse"], view)))
        layers.append(landuse)
    for role in sorted(roles, key=draw_order):
        if (layer := material.workspace.of_role(role)) is not None:
            order = 1.0 + draw_order(role)
            painted.append((order, paint_layer(axes, layer, styles[role], view, order)))
            layers.append(layer)
    if kind in {"location", "overlay"} and (towns := material.workspace.of_role("towns")) is not None:
        _name_towns(axes, towns, view, font)
    if kind == "overlay":
        painted.append((40.0, _paint_hits(axes, material, case, view)))
    rings = _paint_corners(axes, case, view, font) if kind == "corners" else ()
    painted.append((50.0, _paint_sites(axes, case, kind, view)))
    entries = [entry for _, group in sorted(painted, key=lambda pair: -pair[0]) for entry in group]
    sites = material.workspace.of_role("project_sites")
    return Drawn(kind, tuple(dict.fromkeys(entries)), (*([sites] if sites is not None else []), *layers), rings)


def _paint_land(axes: Axes, landuse: Layer, style: LayerStyle, view: View) -> tuple[Entry, ...]:
    rows = np.sort(np.asarray(landuse.sound.sindex.query(shapely.box(*view.lonlat), predicate="intersects")))
    declared = landuse.declaration.fields.get(style.class_by, "")
    field = declared if declared in landuse.sound.columns else land_class_field(landuse)
    codes = landuse.text(field).str.strip().iloc[rows]
    classes = np.array([style.class_of(code) for code in codes], dtype=np.int64)
    return paint_classes(axes, landuse.geometries[rows], classes, style.classes, view, order=0.0)


def _paint_hits(axes: Axes, material: Material, case: Case, view: View) -> tuple[Entry, ...]:
    """Paint the ground of the hits that are sure, but for layers that divide the whole county."""
    sure = {
        (entry.site_id, entry.layer)
        for entry in case.record.answers
        if entry.answer is Answer.INVOLVED and entry.layer not in ZONING_ROLES and (entry.overlap_m2 or entry.length_m)
    }
    shapes = [
        one.geometry
        for _, one in material.report.findings
        if (one.feature_id, one.layer) in sure and one.geometry is not None
    ]
    if not shapes:
        return ()
    ground: geodesy.Geometries = np.array(shapes, dtype=object)
    return paint_classes(axes, ground, np.zeros(len(ground), dtype=np.int64), (OVERLAP,), view, order=40.0)


def _paint_sites(axes: Axes, case: Case, kind: SheetKind, view: View) -> tuple[Entry, ...]:
    mark = ANSWER_MARKS[case.record.answer]
    colour = mark.colour if kind == "overlay" else "#B91C1C"
    said = case.record.answer.text
    label = (
        Text(f"项目用地（{said.zh}）", f"site ({said.en})") if kind == "overlay" else Text("项目用地", "project site")
    )
    paint = Paint(colour, 3.2, colour, 0.12 if kind == "overlay" else 0.05, line_px=5.0, radius_px=7.0)
    shapes: geodesy.Geometries = np.array([case.grounds[key] for key in sorted(case.grounds)], dtype=object)
    numbers = np.zeros(len(shapes), dtype=np.int64)
    entries = list(paint_classes(axes, shapes, numbers, (LayerClass(label, paint),), view, order=50.0))
    if kind == "location":
        whole = projected(np.array([case.shape], dtype=object), view.crs)[0]
        west, south, east, north = shapely.bounds(whole)
        if max(east - west, north - south) / view.scale < _TOO_SMALL_M:
            place = shapely.point_on_surface(whole)
            axes.plot([place.x], [place.y], "*", markersize=15, color="#DC2626", markeredgecolor="white", zorder=70)
    reaches = [] if kind in {"corners", "location"} else _reaches(case, view.crs)
    if reaches:
        paint_shapes(axes, np.array(reaches, dtype=object), REACH.paint, 2, order=49.0)
        entries.append(Entry(REACH.label, REACH.paint, 2))
    return tuple(entries)


def _paint_corners(axes: Axes, case: Case, view: View, font: FontProperties) -> tuple[Ring, ...]:
    """Dot and number the boundary points of the sites that are surely placed."""
    found: list[Ring] = []
    for outline in _sure_outlines(case):
        rings = rings_of(outline.shape)
        count = sum(len(ring.north) for ring in rings)
        middle = (np.mean([ring.east.mean() for ring in rings]), np.mean([ring.north.mean() for ring in rings]))
        every = -(-count // _MOST_LABELS)
        for ring in rings:
            points = shapely.MultiPoint(np.column_stack([ring.east, ring.north]))
            drawn = shapely.get_coordinates(_moved(points, outline.crs, view.crs))
            axes.plot(
                *(drawn[:, 0], drawn[:, 1]),
                *("o",),
                markersize=3.0,
                color="#B91C1C",
                markeredgecolor="white",
                markeredgewidth=0.4,
                zorder=72,
            )
            for place, (x, y) in enumerate(drawn.tolist()):
                if (ring.first + place - 1) % every == 0:
                    away = (5 if x >= middle[0] else -5, 4 if y >= middle[1] else -4)
                    axes.annotate(
                        f"J{ring.first + place}", (x, y), away, textcoords="offset points", fontproperties=font,
                        zorder=73, ha="left" if away[0] > 0 else "right", va="bottom" if away[1] > 0 else "top",
                        path_effects=[withStroke(linewidth=1.6, foreground="white")], clip_on=True,
                    )  # fmt: skip
        found += rings
    return tuple(found)


def _name_towns(axes: Axes, towns: Layer, view: View, font: FontProperties) -> None:
    frame = shapely.box(view.west, view.south, view.east, view.north)
    shapes = shapely.intersection(projected(towns.geometries, view.crs), frame)
    for shape, name in zip(shapes, towns.names, strict=True):
        if shapely.area(shape) > 0.015 * shapely.area(frame):
            place = shapely.point_on_surface(shape)
            axes.text(
                place.x, place.y, name, ha="center", va="center", fontproperties=font, color="#374151", zorder=65,
                path_effects=[withStroke(linewidth=2.0, foreground="white")], clip_on=True,
            )  # fmt: skip
