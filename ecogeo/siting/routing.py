"""The least-cost route of a line project between two points: through no prohibited zone, its crossings counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse.csgraph
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.errors import UsageError
from ecogeo.finding import Report, Verdict
from ecogeo.gauss import home_plane
from ecogeo.geodesy import Floats
from ecogeo.judging import judge_county
from ecogeo.law import Law
from ecogeo.layer import Layer
from ecogeo.nearness import distance_m
from ecogeo.overlay import overlap_pieces
from ecogeo.siting.blocked import screening_checks
from ecogeo.siting.candidates import as_sites
from ecogeo.siting.constraints import blocking_zones, constraint_layers
from ecogeo.siting.criteria import Criterion
from ecogeo.siting.grid import Flags, Grid, burnt
from ecogeo.siting.ground import in_plane
from ecogeo.siting.surface import BLOCKED, LEVELS, NO_LEVEL, UNKNOWN, Surface, build_surface
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

Ends = tuple[tuple[float, float], tuple[float, float]]

_ENDS = (Text("起点", "the start"), Text("终点", "the end"))
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
_WORST_FACTOR = 4.0
"""Ground that scores 0 costs so much more a metre than ground that scores 1: the builders' choice."""

_CROSSING_FACTOR = 10.0
"""Ground in a zone that may be crossed costs so many times more, so that zones are gone round where it is worth it."""


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A route.

    Parameters
    ----------
    line
        Longitude and latitude.
    length_m
        On the ellipsoid.
    straight_m
        The geodesic between its ends.
    crossings
        Per layer: how often it enters a zone, how many zones that are, and how many metres of it lie in them (under
        several zones counted under each).
    sites
        The route as a site.
    report
        What the screening says of it.
    """

    line: BaseGeometry
    length_m: float
    straight_m: float
    crossings: pd.DataFrame
    sites: Layer
    report: Report

    @property
    def screening(self) -> pd.DataFrame:
        """What the screening says of the route and each layer."""
        return self.report.tables["screening"]


def find_route(
    county: Workspace,
    law: Law | None,
    criteria: Sequence[Criterion],
    ends: Ends,
    *,
    cell_m: float = 30.0,
    impassable: Sequence[Verdict] = (Verdict.PROHIBITED,),
    through_unknown: bool = False,
) -> Route:
    """Find the least-cost route between two points of the county.

    Parameters
    ----------
    county
        The county.
    law
        What judges zones, for the project's type; without it every zone is impassable.
    criteria
        What makes ground good; good ground is cheap.
    ends
        Longitude and latitude of both ends, degrees.
    cell_m
        Side of a cell, metres.
    impassable
        Verdicts of zones no route may enter, not even by a metre.
    through_unknown
        Whether a route may lead over ground that a layer does not cover; it is then *undetermined* there.

    Raises
    ------
    UsageError
        Where an end lies outside the county or on impassable ground, or no route exists.
    """
    outline = county.of_role("county")
    if outline is None:
        raise UsageError(Text("本县没有县界图层，无法选线", "the county has no outline: no route can be found"))
    crs = home_plane((ends[0][0] + ends[1][0]) / 2)
    ground = in_plane(np.array([shapely.union_all(outline.geometries)], dtype=object), crs)[0]
    grid = Grid.over(ground, crs, cell_m)
    passing = [verdict for verdict in Verdict if verdict not in impassable]
    surface = build_surface(county, ground, grid, law, criteria, allowed=passing)
    shut, open_ = _zones(county, law, grid, passing)
    is_shut = burnt(shut, grid.transform, grid.shape, all_touched=True)
    is_shut |= ~burnt(np.array([ground], dtype=object), grid.transform, grid.shape)
    if not through_unknown:
        is_shut |= surface.state == UNKNOWN
    is_crossed = burnt(open_, grid.transform, grid.shape, all_touched=True) | (surface.state == BLOCKED)
    placed = in_plane(np.array([shapely.Point(end) for end in ends], dtype=object), crs)
    first, last = (_cell(grid, point, is_shut, name) for point, name in zip(placed, _ENDS, strict=True))
    path = _cheapest(_cost(surface, is_crossed), is_shut, first, last)
    if path is None:
        raise UsageError(
            Text(
                "两点之间没有不进入禁止区域和未知区域的路线",
                "there is no route between the points that enters neither a prohibited zone nor unknown ground",
            )
        )
    middle = [shapely.Point(grid.middle_of(*cell)) for cell in path[1:-1]]
    line = _pulled(shapely.LineString([placed[0], *middle, placed[1]]), shut, cell_m)
    return _told(county, law, geodesy.to_lonlat(np.array([line], dtype=object), crs)[0], ends)


def _zones(
    county: Workspace, law: Law | None, grid: Grid, passing: Sequence[Verdict]
) -> tuple[geodesy.Geometries, geodesy.Geometries]:
    """Return the zones no route may enter, and those it may, in the plane."""
    shut, crossed = [], []
    for layer, zones in constraint_layers(county):
        is_shut = blocking_zones(layer, law, passing)
        shut.append(in_plane(zones.geometries[is_shut], grid.crs))
        crossed.append(in_plane(zones.geometries[~is_shut], grid.crs))
    nothing: geodesy.Geometries = np.array([], dtype=object)
    return np.concatenate([nothing, *shut]), np.concatenate([nothing, *crossed])


def _cost(surface: Surface, is_crossed: Flags) -> Floats:
    """Return what a metre in each cell costs: 1 on the best ground."""
    weights = [one.weight for one in surface.criteria]
    levels = np.where(surface.levels == NO_LEVEL, 0, surface.levels).astype(float) / LEVELS
    score = np.average(levels, axis=0, weights=weights)
    cost: Floats = (1.0 + _WORST_FACTOR * (1.0 - score)) * np.where(is_crossed, _CROSSING_FACTOR, 1.0)
    return cost


def _cell(grid: Grid, point: BaseGeometry, is_shut: Flags, name: Text) -> tuple[int, int]:
    """Return the cell of an end."""
    x, y = shapely.get_coordinates(point)[0]
    row, column = int((grid.north_m - y) // grid.cell_m), int((x - grid.west_m) // grid.cell_m)
    if not (0 <= row < grid.rows and 0 <= column < grid.columns):
        raise UsageError(Text(f"{name.zh}不在本县", f"{name.en} lies outside the county"))
    if is_shut[row, column]:
        raise UsageError(
            Text(
                f"{name.zh}在禁止进入、未覆盖或县外的地面上",
                f"{name.en} lies on ground that is prohibited, that a layer does not cover, or outside the county",
            )
        )
    return row, column


def _cheapest(
    cost: Floats, is_shut: Flags, first: tuple[int, int], last: tuple[int, int]
) -> list[tuple[int, int]] | None:
    """Return the cells of the cheapest path; diagonal steps only where both cells beside them are open."""
    rows, columns = cost.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    starts, stops, prices = [], [], []
    for down, right in _STEPS:
        here, there = _pair(down, right, rows, columns)
        is_open = ~is_shut[here] & ~is_shut[there]
        if down and right:
            across, along = _pair_beside(down, right, rows, columns)
            is_open &= ~is_shut[across] & ~is_shut[along]
        price = (cost[here] + cost[there]) / 2 * np.hypot(down, right)
        starts.append(number[here][is_open])
        stops.append(number[there][is_open])
        prices.append(price[is_open])
    graph = scipy.sparse.coo_array(
        (np.concatenate(prices), (np.concatenate(starts), np.concatenate(stops))), shape=(cost.size, cost.size)
    ).tocsr()
    source, goal = int(number[first]), int(number[last])
    _, before = scipy.sparse.csgraph.dijkstra(graph, directed=False, indices=source, return_predecessors=True)
    cells = [goal]
    while cells[-1] != source:
        if before[cells[-1]] < 0:
            return None
        cells.append(int(before[cells[-1]]))
    return [divmod(cell, columns) for cell in reversed(cells)]


Place = tuple[slice, slice]


def _pair(down: int, right: int, rows: int, columns: int) -> tuple[Place, Place]:
    """Return where cells and their neighbours one step away lie."""
    if right < 0:
        return (slice(0, rows - down), slice(1, columns)), (slice(down, rows), slice(0, columns - 1))
    return (slice(0, rows - down), slice(0, columns - right)), (slice(down, rows), slice(right, columns))


def _pair_beside(down: int, right: int, rows: int, columns: int) -> tuple[Place, Place]:
    """Return where the two cells beside a diagonal step lie."""
    here, there = _pair(down, right, rows, columns)
    return (here[0], there[1]), (there[0], here[1])


def _pulled(line: shapely.LineString, shut: geodesy.Geometries, cell_m: float) -> BaseGeometry:
    """Return the path with as few bends as it can have without entering a shut zone."""
    tree = shapely.STRtree(shut)
    for tolerance in (2 * cell_m, cell_m, cell_m / 2, cell_m / 4):
        drawn: BaseGeometry = shapely.simplify(line, tolerance)
        if not len(tree.query(drawn, predicate="intersects")):
            return drawn
    return line


def _told(county: Workspace, law: Law | None, line: BaseGeometry, ends: Ends) -> Route:
    """Measure a route and screen it as any line is."""
    shapes: geodesy.Geometries = np.array([line], dtype=object)
    sites = as_sites(["L1"], shapes, path="route", title=Text("备选线路", "route"))
    report = judge_county(county.with_sites(sites), screening_checks(), law=law)
    straight = shapely.LineString(ends)
    return Route(
        line,
        float(geodesy.length_m(shapes)[0]),
        float(distance_m(*(np.array([shapely.Point(end)], dtype=object) for end in straight.coords))[0]),
        _crossings(county, shapes),
        sites,
        report,
    )


def _crossings(county: Workspace, line: geodesy.Geometries) -> pd.DataFrame:
    """Count how often the line enters the zones of each layer; ground it only touches is not entered."""
    rows = []
    for layer, zones in constraint_layers(county):
        pieces = overlap_pieces(line, zones.geometries, folder=zones.folder)
        is_line = shapely.get_dimensions(zones.geometries[pieces["zone"]]) == 1  # a line crosses a line in a point
        entered = pieces[is_line | (pieces["length_m"] > geodesy.COORDINATE_STEP_M)]
        names = (len(entered), entered["zone"].nunique(), float(entered["length_m"].sum()))
        rows.append((layer.declaration.role, *names))
    return pd.DataFrame(rows, columns=["layer", "crossings", "zones", "crossed_m"])
