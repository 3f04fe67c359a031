"""The ground of one mine as a small drawing: the outlines of its parts on a plane of metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.mines.ground import mines_of
from ecogeo.mines.words import Part

_MARGIN = 0.06
_LEAST_M = 20.0
_MOST_CORNERS = 4000
"""A drawing of more corners is thinned to what a screen shows."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A mine drawn to scale, north up.

    Parameters
    ----------
    width_m, height_m
        Size of the drawing on the ground.
    parts
        ``disturbed``, ``restored`` or ``unclear``, and the outline as an SVG path in metres from the upper left corner.
    bar_m
        A round length for a scale bar.
    """

    width_m: float
    height_m: float
    parts: tuple[tuple[str, str], ...]
    bar_m: float


def outline_of(mines: Layer, mine_id: str) -> Outline | None:
    """Draw the parts of one mine.

    Parameters
    ----------
    mines
        As `ecogeo.mines.mines_of` takes them.
    mine_id
        Number of the mine.

    Returns
    -------
    The drawing; None where there is no such mine, or where it has no ground.
    """
    found = mines_of(mines)
    rows = np.flatnonzero(found.rows["mine_id"].to_numpy() == mine_id)
    if not len(rows):
        return None
    own = np.flatnonzero((found.mine == rows[0]) & (shapely.get_dimensions(mines.geometries) == 2))
    if not len(own):
        return None
    shapes = mines.geometries[own]
    plane = geodesy.local_plane(float(shapely.get_x(shapely.centroid(shapes[0]))))
    flat = plane.to_plane(shapes)
    west, south, east, north = (float(value) for value in shapely.total_bounds(flat))
    margin = max(_LEAST_M, _MARGIN * max(east - west, north - south))
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    if shapely.get_num_coordinates(flat).sum() > _MOST_CORNERS:
        flat = shapely.simplify(flat, (east - west) / 1000.0)
    kinds = {Part.DISTURBED: "disturbed", Part.RESTORED: "restored"}
    order = np.argsort([part == Part.DISTURBED for part in found.part[own]], kind="stable")
    parts = tuple((kinds.get(found.part[own[at]], "unclear"), _path(flat[at], west, north)) for at in order)
    width_m = east - west
    return Outline(round(width_m, 1), round(north - south, 1), parts, _round_length(width_m / 4))


def _path(shape: shapely.Geometry, west: float, north: float) -> str:
    """Return the rings of polygons as an SVG path, decimetres kept."""
    rings = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            corners = shapely.get_coordinates(ring)[:-1] - (west, north)
            rings.append("M" + "L".join(f"{x:.1f} {-y:.1f}" for x, y in corners) + "Z")
    return "".join(rings)


def _round_length(metres: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20 … that is no longer.

    Examples
    --------
    >>> _round_length(340.0), _round_length(19.0)
    (200.0, 10.0)
    """
    power = 10.0 ** np.floor(np.log10(metres))
    return float(max(step * power for step in (1, 2, 5) if step * power <= metres))
