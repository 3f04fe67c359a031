"""A whole layer of polygons as flat arrays, without an object per feature."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import cgcs2000
from ecogeo.kernel.compiled import Flags, Floats, Ints, compiled
from ecogeo.kernel.ellipsoid import ring_areas
from ecogeo.kernel.wkb import Bytes, read_all

VERTICES_AT_ONCE = 1 << 14
"""How many are copied out of shapely's geometries at a time, so that they are still at hand when they are measured."""


@dataclass(frozen=True)
class Polygons:
    """Polygons and multipolygons of one layer: shells run anticlockwise, holes clockwise, every ring is closed.

    Parameters
    ----------
    lonlat
        Shape (vertices, 2), longitude and latitude in degrees on CGCS2000.
    ring_start
        Shape (rings + 1,), int64: where each ring begins in `lonlat`.
    ring_is_hole
        Shape (rings,): a hole belongs to the last shell before it.
    feature_start
        Shape (features + 1,), int64: where each feature begins among the rings. A feature that is missing, empty or no
        polygon has no ring.
    """

    lonlat: Floats
    ring_start: Ints
    ring_is_hole: Flags
    feature_start: Ints

    @classmethod
    def of(cls, geometries: cgcs2000.Geometries) -> Polygons:
        """Lay out shapely geometries; lines, points, empty and missing ones become features without a ring.

        Parameters
        ----------
        geometries
            Shape (n,), longitude and latitude in degrees. Z and M are left behind.
        """
        rings = _rings_of(geometries)
        return cls.laid_out(
            shapely.get_coordinates(rings.atoms), rings.ring_start, rings.ring_is_hole, rings.feature_start
        )

    @classmethod
    def from_wkb(cls, data: Bytes, offsets: Ints, is_missing: Flags) -> Polygons:
        """Read the buffers of a column of well-known binary: a row that is no polygon becomes a feature without a ring.

        Parameters
        ----------
        data
            The bytes of all rows.
        offsets
            Shape (n + 1,): where each row begins.
        is_missing
            Shape (n,).

        Raises
        ------
        ValueError
            If a row is not whole, or of a kind well-known binary has no polygon for; it names the row.
        """
        return cls._read(data, np.asarray(offsets, np.int64), is_missing, 0)

    @classmethod
    def from_arrow(cls, column: Any, *, first_row: int = 0) -> Polygons:  # noqa: ANN401  pyarrow has no types
        """Read a pyarrow column of well-known binary, chunk by chunk; see `from_wkb`.

        Parameters
        ----------
        column
            An array or chunked array, binary or large binary.
        first_row
            What its first row is called where one is named.
        """
        chunks = getattr(column, "chunks", [column])
        if len(chunks) == 1:
            return cls._from_chunk(chunks[0], first_row)
        return cls._from_chunks(chunks, 0, first_row)

    @classmethod
    def from_batches(cls, batches: Iterable[Any], *, vertices: int = 0) -> Polygons:
        """Read pyarrow record batches of one column of well-known binary, one at a time; see `from_wkb`.

        Parameters
        ----------
        batches
            Each is let go before the next is asked for.
        vertices
            About how many there will be, if known: room for them is made once.
        """
        return cls._from_chunks((batch.column(0) for batch in batches), vertices)

    @classmethod
    def _from_chunks(cls, chunks: Iterable[Any], vertices: int, first_row: int = 0) -> Polygons:
        """Read chunks one after another into room for so many vertices: what is not written to takes no memory."""
        lonlat, nowhere, used, rows = np.empty((vertices, 2)), np.empty((0, 2)), 0, first_row
        parts = [cls.of(np.empty(0, dtype=object))]
        for chunk in chunks:
            part = cls._from_chunk(chunk, rows)
            if (needed := used + len(part.lonlat)) > len(lonlat):
                lonlat = np.concatenate([lonlat[:used], np.empty((2 * needed - used, 2))])
            lonlat[used:needed] = part.lonlat
            parts.append(replace(part, lonlat=nowhere))
            used, rows = needed, rows + len(part)
        return replace(cls.joined(parts), lonlat=lonlat[:used])

    @classmethod
    def _from_chunk(cls, chunk: Any, first_row: int) -> Polygons:  # noqa: ANN401
        kind = np.int64 if str(chunk.type).startswith("large") else np.int32
        valid, offsets, data = chunk.buffers()
        begins = np.frombuffer(offsets, dtype=kind)[chunk.offset : chunk.offset + len(chunk) + 1].astype(np.int64)
        raw = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, np.uint8)
        raw.flags.writeable = False  # as it is in every other column: `read_all` is compiled once
        is_missing = np.zeros(len(chunk), dtype=bool)
        if valid is not None:  # a bit each; pyarrow's own conversion would import pandas
            bits = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), bitorder="little")
            is_missing = bits[chunk.offset : chunk.offset + len(chunk)] == 0
        return cls._read(raw, begins, is_missing, first_row)

    @classmethod
    def _read(cls, data: Bytes, offsets: Ints, is_missing: Flags, first_row: int) -> Polygons:
        raw, ring_start, is_hole, feature_start, broken = read_all(data, offsets, is_missing)
        if broken >= 0:
            raise ValueError(f"row {first_row + broken} is not a whole geometry in well-known binary")
        return cls.laid_out(raw.view(np.float64).reshape(-1, 2), ring_start, is_hole, feature_start)

    @classmethod
    def laid_out(cls, lonlat: Floats, ring_start: Ints, ring_is_hole: Flags, feature_start: Ints) -> Polygons:
        """Take flat arrays as they are (see the class) and turn the rings that run the wrong way round."""
        flat = np.ascontiguousarray(lonlat, dtype=np.float64)
        starts = np.ascontiguousarray(ring_start, dtype=np.int64)
        areas = np.empty(len(ring_is_hole))
        ring_areas(flat, starts, areas)
        wrong = np.flatnonzero(np.where(ring_is_hole, areas > 0.0, areas < 0.0))
        if len(wrong):
            flat = flat.copy()
            _turn(flat, starts, wrong)
        return cls(flat, starts, np.asarray(ring_is_hole, dtype=bool), np.ascontiguousarray(feature_start, np.int64))

    def __len__(self) -> int:
        return len(self.feature_start) - 1

    @property
    def vertex_start(self) -> Ints:
        """Where each feature begins in `lonlat`, shape (features + 1,)."""
        return self.ring_start[self.feature_start]

    def shapes(self, rows: Ints) -> cgcs2000.Geometries:
        """Build shapely geometries of some features, in the order asked for: multipolygons, valid or not.

        Parameters
        ----------
        rows
            Positions of features.
        """
        taken = self.take(rows)
        if not len(taken.ring_is_hole):
            return np.array([shapely.MultiPolygon()] * len(rows), dtype=object)
        part_start = np.append(np.flatnonzero(~taken.ring_is_hole), len(taken.ring_is_hole))
        feature_parts = np.searchsorted(part_start, taken.feature_start)
        return shapely.from_ragged_array(
            shapely.GeometryType.MULTIPOLYGON, taken.lonlat, (taken.ring_start, part_start, feature_parts)
        )

    def take(self, rows: Ints) -> Polygons:
        """Return some features, in the order asked for.

        Parameters
        ----------
        rows
            Positions of features.
        """
        rings, feature_start = _ranges(self.feature_start, np.asarray(rows, dtype=np.int64))
        vertices, ring_start = _ranges(self.ring_start, rings)
        return Polygons(self.lonlat[vertices], ring_start, self.ring_is_hole[rings], feature_start)

    @classmethod
    def joined(cls, layers: Sequence[Polygons]) -> Polygons:
        """Return the features of several layers, one after another."""
        return cls(
            np.concatenate([layer.lonlat for layer in layers]),
            _chained([layer.ring_start for layer in layers]),
            np.concatenate([layer.ring_is_hole for layer in layers]),
            _chained([layer.feature_start for layer in layers]),
        )


def blocks_of(vertex_start: Ints, vertices: int) -> list[tuple[int, int]]:
    """Return first and last feature (exclusive) of consecutive blocks of about so many vertices each."""
    marks = np.arange(0, max(vertex_start[-1], 1), vertices)
    bounds = np.unique([*np.searchsorted(vertex_start[:-1], marks), len(vertex_start) - 1])
    return [(int(first), int(last)) for first, last in pairwise(bounds)]


def areas_m2(geometries: cgcs2000.Geometries) -> Floats:
    """Measure shapely geometries on the ellipsoid, whatever direction their rings run in; see `geodesy.area_m2`."""
    drawn = _rings_of(geometries)
    rings = np.empty(len(drawn.ring_is_hole))
    for first, last in blocks_of(drawn.vertex_start, VERTICES_AT_ONCE):
        lonlat = shapely.get_coordinates(drawn.atoms[first:last])
        ends = np.searchsorted(drawn.ring_start, drawn.vertex_start[[first, last]])
        ring_start = drawn.ring_start[ends[0] : ends[1] + 1]
        ring_areas(lonlat, ring_start - ring_start[0], rings[ends[0] : ends[1]])
    counted = np.where(drawn.ring_is_hole, -np.abs(rings), np.abs(rings))
    owner = np.repeat(np.arange(len(geometries)), np.diff(drawn.feature_start))
    return np.bincount(owner, weights=counted, minlength=len(geometries)).astype(np.float64)


class _Rings(NamedTuple):
    """The polygons that are not empty, where each begins among their vertices, and the arrays of `Polygons`."""

    atoms: cgcs2000.Geometries
    vertex_start: Ints
    ring_start: Ints
    ring_is_hole: Flags
    feature_start: Ints


def _rings_of(geometries: cgcs2000.Geometries) -> _Rings:
    """Find where rings begin, as they run; an object is made for a ring of a polygon with a hole alone."""
    atoms, owner = cgcs2000.atoms_of(geometries)
    vertices = shapely.get_num_coordinates(atoms)
    keep = (shapely.get_type_id(atoms) == shapely.GeometryType.POLYGON) & (vertices > 0)
    atoms, vertices, owner = atoms[keep], vertices[keep], owner[keep]
    rings = 1 + shapely.get_num_interior_rings(atoms)
    sizes, is_hole = vertices, np.zeros(len(atoms), dtype=bool)
    if (rings > 1).any():
        atom = np.repeat(np.arange(len(atoms)), rings)
        is_hole = np.ones(len(atom), dtype=bool)
        is_hole[np.cumsum(rings) - rings] = False
        sizes, is_pierced = vertices[atom], rings > 1
        sizes[is_pierced[atom]] = shapely.get_num_coordinates(shapely.get_rings(atoms[is_pierced]))
        is_drawn = sizes > 0  # an empty hole is none
        sizes, is_hole, owner = sizes[is_drawn], is_hole[is_drawn], owner[atom[is_drawn]]
    feature_start = starts_of(np.bincount(owner, minlength=len(geometries)))
    return _Rings(atoms, starts_of(vertices), starts_of(sizes), is_hole, feature_start)


def starts_of(sizes: npt.NDArray[np.integer]) -> Ints:
    """Return where each of some ranges that follow one another begins, and where the last ends."""
    starts = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def _ranges(starts: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Return the positions inside some of the ranges that `starts` bounds, and where each range begins among them."""
    lengths = starts[rows + 1] - starts[rows]
    begins = starts_of(lengths)
    return np.arange(begins[-1]) + np.repeat(starts[rows] - begins[:-1], lengths), begins


def _chained(starts: Sequence[Ints]) -> Ints:
    return starts_of(np.concatenate([np.diff(start) for start in starts]))


@compiled
def _turn(lonlat: Floats, ring_start: Ints, rings: Ints) -> None:
    for ring in rings:
        low, high = ring_start[ring], ring_start[ring + 1] - 1
        while low < high:
            for axis in range(2):
                lonlat[low, axis], lonlat[high, axis] = lonlat[high, axis], lonlat[low, axis]
            low, high = low + 1, high - 1
