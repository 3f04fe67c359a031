"""The county's outline, and what divides it: towns, red lines and control units, in one net of shared vertices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from rasterio import features
from shapely.affinity import scale

from sample.facts import COUNTY_AREA_KM2, OUTLINE, SUMMIT_LONLAT, TOWNS
from sample.frame import Bools, Floats, Grid, Ints, Shapes, ellipsoidal_m2, plane_point, plane_points, shapes_of
from sample.noise import blurred, displaced, fractal, smoothstep
from sample.relief import burnt, hilliness
from sample.trace import borders, faces, resampled, united

CELL_M = 60.0
REDLINE_SHARE = 0.245
_SPLINTER_M2 = 12_000.0

SOIL, WATER, OTHER = 1, 2, 3
KEY_TOWN, KEY_PARK, GENERAL = 4, 5, 6


@dataclass(frozen=True, slots=True)
class Partition:
    """The county in faces, each with its town, its red-line unit (0 = none) and its control unit."""

    outline: shapely.Polygon
    faces: Shapes
    town: Ints
    redline: Ints
    unit: Ints

    @property
    def county(self) -> shapely.Polygon:
        """The county with every vertex that a town, red line or control unit has on its border."""
        county = shapely.coverage_union_all(self.faces)
        if not isinstance(county, shapely.Polygon):
            raise TypeError("the county must be one piece")
        return county

    def towns(self) -> Shapes:
        """Return the towns in the order of `facts.TOWNS`."""
        return shapes_of([united(self.faces, self.town, number) for number in range(len(TOWNS))])

    def units(self) -> Shapes:
        """Return the six control units."""
        return shapes_of([united(self.faces, self.unit, number) for number in range(SOIL, GENERAL + 1)])


def draw_outline() -> shapely.Polygon:
    """Return the county's outline: the facts' rough ring rounded, made irregular and scaled to the area on record."""
    ring = plane_points(OUTLINE)
    ring = np.vstack([ring, ring[:1]])
    for _ in range(3):
        ring = _corners_cut(ring)
    ring = resampled(ring, 2_400)
    ring = displaced(ring, by_m=1_300, scale_m=9_000, octaves=7, seed=201)
    ring[-1] = ring[0]
    outline = shapely.simplify(shapely.Polygon(ring), 5.0)
    middle = outline.centroid
    for _ in range(4):
        factor = np.sqrt(COUNTY_AREA_KM2 * 1e6 / ellipsoidal_m2(np.array([outline], dtype=object))[0])
        outline = scale(outline, factor, factor, origin=middle)
    return shapely.segmentize(outline, 200.0)


def _corners_cut(ring: Floats) -> Floats:
    """Return a closed ring with each corner cut (Chaikin)."""
    start, end = ring[:-1], ring[1:]
    cut = np.empty((2 * len(start), 2))
    cut[0::2], cut[1::2] = 0.82 * start + 0.18 * end, 0.18 * start + 0.82 * end
    return np.vstack([cut, cut[:1]])


def draw_partition(outline: shapely.Polygon, grid: Grid, urban: Shapes, industrial: Shapes) -> Partition:
    """Divide the county.

    Parameters
    ----------
    outline
        The county.
    grid
        Cells of `CELL_M` around it.
    urban, industrial
        Built-up areas that no red line enters and that control units follow.
    """
    inside = burnt(shapes_of([outline]), grid, touched=False)
    town = town_labels(grid, inside)
    redline_mask = redline_cells(grid, inside, urban)
    priority = _grown(redline_mask, 4)
    unit_of_cell = _unit_labels(grid, priority)
    unit = np.full(grid.shape, GENERAL, dtype=np.int32)
    unit[_grown(burnt(urban, grid), 8)] = KEY_TOWN
    unit[_grown(burnt(industrial, grid), 10)] = KEY_PARK
    unit[priority] = unit_of_cell[priority]
    lines = [
        *borders(town, grid, smooth_cells=3.0, rough_m=110.0),
        *borders(redline_mask.astype(np.int32), grid, smooth_cells=1.7, tolerance_m=2.5, rough_m=90.0),
        *borders(unit, grid, smooth_cells=2.5),
    ]
    pieces = faces(lines, outline)
    row, column = grid.cells_at(shapely.point_on_surface(pieces))
    home = _larger_neighbour(pieces)
    redline = np.where(redline_mask, unit_of_cell, 0).astype(np.int32)
    return Partition(outline, pieces, *(labels[row, column][home] for labels in (town, redline, unit)))


def _larger_neighbour(pieces: Shapes) -> Ints:
    """Return for each face its own number, for a splinter between two smoothed lines that of its largest neighbour."""
    home = np.arange(len(pieces), dtype=np.int32)
    area_m2 = shapely.area(pieces)
    tree = shapely.STRtree(pieces)
    for number in np.flatnonzero(area_m2 < _SPLINTER_M2):
        beside = tree.query(pieces[number], predicate="intersects")
        shared = shapely.length(shapely.intersection(pieces[beside], shapely.boundary(pieces[number])))
        beside = beside[(shared > 0) & (area_m2[beside] >= _SPLINTER_M2)]
        home[number] = beside[np.argmax(area_m2[beside])]
    return home


def town_labels(grid: Grid, inside: Bools) -> Ints:
    """Return the town of each cell: a power diagram in displaced coordinates, its weights fitted to the areas."""
    x, y = np.broadcast_arrays(*grid.centres())
    moved = displaced(np.column_stack([x.ravel(), y.ravel()]), by_m=2_600, scale_m=9_000, octaves=5, seed=211)
    middles = plane_points(tuple(town.middle for town in TOWNS))
    wanted_m2 = np.array([town.drawn_km2 for town in TOWNS]) * 1e6
    county = inside.ravel()
    some = np.flatnonzero(county)[::7]
    squared = ((moved[some, np.newaxis, :] - middles) ** 2).sum(axis=2)
    weights = np.zeros(len(TOWNS))
    cell_m2 = wanted_m2.sum() / len(some)
    for _ in range(300):
        area_m2 = np.bincount(np.argmin(squared - weights, axis=1), minlength=len(TOWNS)) * cell_m2
        weights += 0.25 * (wanted_m2 - area_m2)
    nearest = np.full(moved.shape[0], np.inf)
    labels = np.zeros(moved.shape[0], dtype=np.int32)
    for number, (middle, weight) in enumerate(zip(middles, weights, strict=True)):
        power = ((moved - middle) ** 2).sum(axis=1) - weight
        labels[power < nearest] = number
        nearest = np.minimum(nearest, power)
    sieved: Ints = features.sieve(labels.reshape(grid.shape), size=400)
    return sieved


def redline_cells(grid: Grid, inside: Bools, urban: Shapes) -> Bools:
    """Return the cells of the red lines: the hilliest part of the county, broken up by noise, clear of towns."""
    x, y = grid.centres()
    broken = fractal(x, y, scale_m=3_600, octaves=5, seed=221, gain=0.6)
    valleys = fractal(x, y, scale_m=5_200, octaves=4, seed=223)
    summit = plane_point(SUMMIT_LONLAT)
    reserve = np.exp(-((np.hypot(x - summit[0], y - summit[1]) / 3_600) ** 4))
    score = (
        smoothstep(hilliness(x, y), 0.1, 0.75) + 0.75 * broken + 2.0 * reserve - 1.3 * np.exp(-((valleys / 0.08) ** 2))
    )
    score = blurred(score, 1.2) - 5.0 * _grown(burnt(urban, grid), 6)
    limit = np.quantile(score[inside], 1 - REDLINE_SHARE)
    cells: Bools = features.sieve((score > limit).astype(np.int32), size=45).astype(bool)
    return cells


def _unit_labels(grid: Grid, priority: Bools) -> Ints:
    """Return the red-line unit of each cell; one connected stretch of priority land belongs to one unit."""
    x = np.broadcast_to(grid.centres()[0], grid.shape)
    west = plane_point((109.19, 24.2))[0]
    labels = np.where(x < west, SOIL, WATER).astype(np.int32)
    stretches = [shape for shape, _ in features.shapes(priority.astype(np.int32), mask=priority, transform=grid.affine)]
    numbers = features.rasterize(
        [(shape, number) for number, shape in enumerate(stretches, start=1)],
        out_shape=grid.shape,
        transform=grid.affine,
        dtype="int32",
    )
    size = np.bincount(numbers.ravel(), minlength=len(stretches) + 1)
    mean_x = np.bincount(numbers.ravel(), weights=x.ravel(), minlength=len(size)) / np.maximum(size, 1)
    of_stretch = np.where(mean_x < west, SOIL, WATER).astype(np.int32)
    of_stretch[(size < 2_000) & (mean_x > west - 6_000) & (np.arange(len(size)) % 2 == 0)] = OTHER
    labels[priority] = of_stretch[numbers[priority]]
    return labels


def _grown(mask: Bools, cells: int) -> Bools:
    """Return a mask grown by about a number of cells on all sides."""
    return blurred(mask.astype(np.float64), cells / 1.5) > 0.06
