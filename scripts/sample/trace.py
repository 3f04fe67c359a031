"""From labelled cells to smooth polygons that share their borders.

Borders between labels are taken once, as lines, smoothed with their ends held, and noded with each other; polygons are
then put together from the faces. So neighbours have the same vertices on a common border, without gaps or overlaps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from rasterio import features

from sample.frame import Floats, Grid, Ints, Shape, Shapes, shapes_of
from sample.noise import displaced

LONGEST_EDGE_M = 200.0
_ROUGH_SCALE_M = 380.0


def borders(
    labels: Ints, grid: Grid, *, smooth_cells: float = 2.2, tolerance_m: float = 4.0, rough_m: float = 0.0
) -> list[shapely.LineString]:
    """Return the smoothed lines between cells of different label.

    Parameters
    ----------
    labels
        One whole number per cell.
    grid
        Where the cells lie.
    smooth_cells
        Standard deviation of the smoothing along a line, in cells.
    tolerance_m
        How far the thinned line may stray from the smoothed one.
    rough_m
        How far a smoothed line is moved again by fine noise; the same everywhere, so that lines that meet still do.
    """
    patches = [shapely.geometry.shape(shape) for shape, _ in features.shapes(labels, transform=grid.affine)]
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(patches)))
    smooth = shapes_of([_smoothed(line, grid.cell_m, smooth_cells) for line in shapely.get_parts(lines)])
    rough = shapely.transform(
        smooth, lambda xy: displaced(xy, by_m=rough_m, scale_m=_ROUGH_SCALE_M, octaves=3, seed=150)
    )
    return list(shapely.segmentize(shapely.simplify(rough, tolerance_m), LONGEST_EDGE_M))


def _smoothed(line: shapely.LineString, cell_m: float, smooth_cells: float) -> shapely.LineString:
    """Return a stepped line smoothed along itself; its ends stay, a closed line is smoothed all round."""
    steps = max(4, int(line.length / (cell_m / 2)))
    points = resampled(shapely.get_coordinates(line), steps)
    sigma = smooth_cells * 2.0
    reach = min(int(4 * sigma), steps - 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    if line.is_closed:
        padded = np.concatenate([points[-reach - 1 : -1], points, points[1 : reach + 1]])
    else:
        head = 2 * points[0] - points[reach:0:-1]
        tail = 2 * points[-1] - points[-2 : -reach - 2 : -1]
        padded = np.concatenate([head, points, tail])
    smooth = np.column_stack([np.convolve(column, kernel, mode="valid") for column in padded.T])
    smooth[-1] = smooth[0] if line.is_closed else points[-1]
    if not line.is_closed:
        smooth[0] = points[0]
    return shapely.LineString(smooth)


def resampled(points: Floats, steps: int) -> Floats:
    """Return a line's points anew, `steps` equal steps along it, both ends kept."""
    along = _along(points)
    return _at(points, along, np.linspace(0.0, along[-1], steps + 1))


def stretch(line: shapely.LineString, start_m: float, end_m: float) -> shapely.LineString:
    """Return the part of a line between two distances along it, the vertices between kept."""
    points = shapely.get_coordinates(line)
    along = _along(points)
    between = along[(along > start_m) & (along < end_m)]
    return shapely.LineString(_at(points, along, np.concatenate([[start_m], between, [end_m]])))


def _along(points: Floats) -> Floats:
    """Return the distance of each point along its line."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])


def _at(points: Floats, along: Floats, wanted: Floats) -> Floats:
    """Return the points at some distances along a line."""
    return np.column_stack([np.interp(wanted, along, column) for column in points.T])


def faces(lines: Sequence[Shape], within: shapely.Polygon) -> Shapes:
    """Return the faces that lines cut a polygon into, the polygon's own ring included."""
    noded = shapely.union_all([*lines, within.exterior])
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.contains(within, shapely.point_on_surface(found))
    kept: Shapes = found[inside]
    return kept


def united(pieces: Shapes, labels: Ints, label: int) -> Shape:
    """Return the union of the faces of one label, every vertex kept."""
    return shapely.coverage_union_all(pieces[labels == label])


def polygons_of(mask: Ints, grid: Grid, *, least_m2: float) -> Shapes:
    """Return the smoothed polygons of the cells that are not 0, without those smaller than `least_m2`."""
    lines = borders(mask, grid)
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    row, column = grid.cells_at(shapely.point_on_surface(found))
    kept = found[(mask[row, column] != 0)]
    merged = shapely.get_parts(shapely.union_all(kept))
    return shapes_of([patch for patch in merged if patch.area >= least_m2])
