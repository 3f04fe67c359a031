"""Vertices written as text, and the shapes built of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

_MULTIPART = {
    "Point": shapely.multipoints,
    "LineString": shapely.multilinestrings,
    "Polygon": shapely.multipolygons,
}


def read_vertices(text: str) -> npt.NDArray[np.float64]:
    """Read vertices such as ``109.2,24.2,0 109.3,24.2,0``; blanks around commas are allowed.

    Parameters
    ----------
    text
        Vertices set off by blanks, their ordinates by commas.

    Returns
    -------
    Shape (n, 2) or (n, 3); the third ordinate is kept where every vertex has one.

    Raises
    ------
    ValueError
        Where an ordinate is no finite number, or a vertex has fewer than two.

    Examples
    --------
    >>> read_vertices("109.2, 24.2 109.3,24.2").tolist()
    [[109.2, 24.2], [109.3, 24.2]]
    """
    even = " ".join(text.split()).replace(" ,", ",").replace(", ", ",")
    tuples = [vertex.split(",") for vertex in even.split()]
    size = 3 if all(len(vertex) > 2 for vertex in tuples) else 2
    vertices = np.array([[float(ordinate) for ordinate in vertex[:size]] for vertex in tuples], dtype=float)
    if vertices.ndim != 2 or vertices.shape[1] < 2 or not np.isfinite(vertices).all():
        raise ValueError(text.strip()[:40] or "empty")
    return vertices


def ring(vertices: npt.NDArray[np.float64]) -> tuple[shapely.LinearRing, bool]:
    """Return a ring through vertices, closed where it is not, and whether it was closed.

    Examples
    --------
    >>> ring(np.array([[0, 0], [1, 0], [1, 1]]))
    (<LINEARRING (0 0, 1 0, 1 1, 0 0)>, False)
    """
    return shapely.LinearRing(vertices), bool((vertices[0] == vertices[-1]).all())


def collected(parts: Sequence[BaseGeometry]) -> BaseGeometry | None:
    """Return parts as one geometry: the only one, a multipart of one type, or a collection; None of nothing.

    Examples
    --------
    >>> collected([shapely.Point(0, 0), shapely.Point(1, 1)])
    <MULTIPOINT ((0 0), (1 1))>
    """
    if len(parts) < 2:
        return parts[0] if parts else None
    kinds = {part.geom_type for part in parts}
    gather: Any = _MULTIPART.get(kinds.pop(), shapely.geometrycollections) if len(kinds) == 1 else None
    whole: BaseGeometry = (gather or shapely.geometrycollections)(list(parts))
    return whole


def has_stroked_arcs(geometries: npt.NDArray[np.object_], *, turn_deg: float = 0.5, least_pieces: int = 8) -> bool:
    """Whether lines or rings hold runs of short equal pieces that turn by equal small angles, as stroked arcs do.

    Parameters
    ----------
    geometries
        Shape (n,), in any coordinates; missing ones are left out.
    turn_deg
        The most an arc turns from piece to piece, in degrees.
    least_pieces
        Pieces in a row that make an arc.

    Examples
    --------
    >>> circle = shapely.Point(0, 0).buffer(100, quad_segs=180)
    >>> has_stroked_arcs(np.array([circle])), has_stroked_arcs(np.array([shapely.box(0, 0, 1, 1)]))
    (True, False)
    """
    rings = shapely.get_parts(shapely.get_parts(geometries))
    polygons = shapely.get_type_id(rings) == shapely.GeometryType.POLYGON
    lines = np.concatenate([shapely.get_rings(rings[polygons]), rings[~polygons]])
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    if len(vertices) < least_pieces + 2:
        return False
    step = np.diff(vertices, axis=0)
    before, after = step[:-1], step[1:]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turn = np.degrees(np.arctan2(cross, (before * after).sum(axis=1)))
    length = np.hypot(after[:, 0], after[:, 1])
    even = np.abs(length[1:] - length[:-1]) <= 1e-4 * length[1:]
    same = (
        (line[3:] == line[:-3])
        & even
        & (np.abs(turn[1:]) <= turn_deg * 1.001)
        & (np.abs(turn[1:]) > 0.05 * turn_deg)
        & (np.abs(turn[1:] - turn[:-1]) <= 1e-3)
    )
    breaks = np.flatnonzero(~np.concatenate([[False], same, [False]]))
    return bool((np.diff(breaks) > least_pieces - 2).any())
