"""The sheet of boundary points 界址点成果表: coordinates of every surely placed site in the plane it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.board.records import LOCATION_BASES, Site
from ecogeo.gauss import zone_text
from ecogeo.placing import EXACT_BASES
from ecogeo.report.area_columns import PROJECT, SITE
from ecogeo.report.material import Case, Material
from ecogeo.report.outlines import Outline
from ecogeo.report.sheet_writer import HEAD_ROW, Cell, Column, Formula, Sheet
from ecogeo.rounding import rounded
from ecogeo.wording import Lang, Text

CORNERS = Text("界址点成果表", "Boundary points")

_COLUMNS = (
    PROJECT,
    SITE,
    Column(Text("用地名称", "site name"), 22, "wrapped"),
    Column(Text("圈号", "ring"), 7),
    Column(Text("点号", "point"), 7),
    Column(Text("X 坐标（北，米）", "X, north (m)"), 15, "coordinate"),
    Column(Text("Y 坐标（东，米）", "Y, east (m)"), 15, "coordinate"),
    Column(Text("边长（米）", "edge (m)"), 10, "m"),
    Column(Text("坐标系", "coordinate system"), 52, "wrapped"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """One ring of a site's outline, or one line, or its points.

    Parameters
    ----------
    number
        Of the ring, from 1; holes go on counting.
    kind
        ``outer``, ``hole``, ``line`` or ``points``.
    first
        Number of its first point; points count through a site.
    north, east
        Shape (n,), metres in the plane; a ring does not repeat its first point.
    """

    number: int
    kind: str
    first: int
    north: geodesy.Floats
    east: geodesy.Floats

    @property
    def is_closed(self) -> bool:
        """Whether it comes back to its first point."""
        return self.kind in {"outer", "hole"}


def is_surely_placed(site: Site) -> bool:
    """Tell whether a site's points are boundary points: it is drawn, to 0 m, on a basis that can be."""
    return site.geometry is not None and site.accuracy_m == 0 and site.basis in {"", *EXACT_BASES}


def rings_of(shape: shapely.Geometry) -> tuple[Ring, ...]:
    """Return the boundary points of a shape.

    Parameters
    ----------
    shape
        Metres in its plane, east before north; every vertex is a boundary point.

    Returns
    -------
    Outer rings clockwise from their north-western point, holes the other way, as surveyors number them; lines and
    points in their own order.
    """
    rings: list[Ring] = []
    first = 1
    for kind, coordinates in _paths(shape):
        east, north = coordinates[:, 0], coordinates[:, 1]
        if kind in {"outer", "hole"}:
            east, north = _from_north_west(east[:-1], north[:-1])
        rings.append(Ring(len(rings) + 1, kind, first, north, east))
        first += len(north)
    return tuple(rings)


def _paths(shape: shapely.Geometry) -> Iterator[tuple[str, geodesy.Floats]]:
    for part in shapely.get_parts(shape):
        dimension = int(shapely.get_dimensions(part))
        if dimension == 2:
            turned = shapely.orient_polygons(part, exterior_cw=True)
            yield "outer", shapely.get_coordinates(shapely.get_exterior_ring(turned))
            for hole in range(int(shapely.get_num_interior_rings(turned))):
                yield "hole", shapely.get_coordinates(shapely.get_interior_ring(turned, hole))
        else:
            yield "line" if dimension == 1 else "points", shapely.get_coordinates(part)


def _from_north_west(east: geodesy.Floats, north: geodesy.Floats) -> tuple[geodesy.Floats, geodesy.Floats]:
    """Turn a ring so that it begins at the point farthest to the north-west."""
    start = int(np.argmax(np.round((north - north.min()) - (east - east.min()), 6)))
    return np.roll(east, -start), np.roll(north, -start)


def corner_sheet(material: Material, cases: Sequence[Case], lang: Lang) -> Sheet:
    """Return the sheet of boundary points; sites that are not surely placed are named and have no points.

    Parameters
    ----------
    material
        Of the run.
    cases
        Those to be told of.
    lang
        Language of the sheet.
    """
    rows: list[list[Cell]] = []
    for case in cases:
        for site in case.record.sites:
            outline = case.outlines.get(site.site_id)
            rows.extend(_site_rows(case, site, outline, HEAD_ROW + len(rows) + 1, lang=lang))
    remark = Text(
        "坐标保留 3 位小数；外圈顺时针、内圈逆时针，从西北角起；边长为由坐标计算的公式（平面距离），末行回到起点。"
        "坐标按用地文件所在平面原样列出，"
        "经纬度文件换算到所在 3 度带。位置只到村、乡镇或精度不为 0 的用地不列坐标。",
        "Coordinates to 3 decimals; outer rings clockwise from the north-west, holes the other way; edges are formulas "
        "of the coordinates (plane distances), the last row is the first point again. Coordinates are "
        "those of the file in its own plane; files in degrees are put into their 3-degree zone. Sites placed by "
        "village or town, or not to 0 m, have no points here.",
    )
    county = material.workspace.county.title
    title = Text(f"{county.zh}{CORNERS.zh}", f"{county.en}: {CORNERS.en}")
    return Sheet(CORNERS, title, _COLUMNS, rows, remark, "A4")


def _site_rows(case: Case, site: Site, outline: Outline | None, row: int, *, lang: Lang) -> Iterator[list[Cell]]:
    who = [case.case_id, site.site_id, site.name]
    if not is_surely_placed(site) or outline is None:
        yield [*who, "", "", None, None, None, _why_none(site).say(lang)]
        return
    system = zone_text(outline.crs).say(lang)
    for ring in rings_of(outline.shape):
        points = range(len(ring.north))
        order = [*points, 0] if ring.is_closed else [*points]
        for step, point in enumerate(order):
            x, y = (rounded(float(axis[point]), 3) for axis in (ring.north, ring.east))
            edge: Cell = None
            if step and ring.kind != "points":
                before = order[step - 1]
                x0, y0 = (rounded(float(axis[before]), 3) for axis in (ring.north, ring.east))
                text = f"ROUND(SQRT((F{row}-F{row - 1})^2+(G{row}-G{row - 1})^2),2)"
                edge = Formula(text, rounded(float(np.hypot(x - x0, y - y0)), 2))
            yield [*who, str(ring.number), f"J{ring.first + point}", x, y, edge, system]
            row += 1


def _why_none(site: Site) -> Text:
    if site.geometry is None:
        return site.aside or Text("没有可用的图形", "no usable geometry")
    basis = LOCATION_BASES.get(site.basis, Text(site.basis, site.basis))
    accuracy = (
        Text("不明", "unknown")
        if site.accuracy_m is None
        else Text(f"{site.accuracy_m:g} 米", f"{site.accuracy_m:g} m")
    )
    return Text(
        f"不列坐标：位置依据为{basis.zh or '未写明'}，精度 {accuracy.zh}",
        f"no points: placed by {basis.en or 'nothing told'}, accuracy {accuracy.en}",
    )
