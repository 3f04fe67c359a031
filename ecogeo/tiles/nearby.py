"""A county with its large layers cut to the features that can matter to some sites: the answers are those of all.

What a site is screened for hangs on the features it touches, on those within its reach, and on the nearest one. They
are found by their boxes, which are kept on disk (`ecogeo.tiles.rows`); no layer of a million parcels is held for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo import geodesy
from ecogeo.catalog import LayerDeclaration
from ecogeo.corridor import corridors
from ecogeo.layer import Layer
from ecogeo.nearness import around
from ecogeo.placing import corridor_widths_m, placed_within_m
from ecogeo.tiles.apart import LARGE_FEATURES
from ecogeo.tiles.laying import laid_out
from ecogeo.tiles.opening import features_declared
from ecogeo.tiles.places import known_digest
from ecogeo.tiles.rows import NO_GEOMETRY, Rows, RowStore
from ecogeo.workspace import Workspace

LOCAL_ROLES = frozenset(
    {
        *("redlines", "reserves", "farmland", "control_units", "water_sources", "river_management", "shorelines"),
        *("mines", "receptors", "landuse"),
    }
)
"""Roles whose features matter to the sites near them alone. The urban boundary is not: what lies outside it does."""

USUAL_BUFFER_M = 1000.0
"""More than any screening looks around a site unless the layer declares a distance of its own."""

_MORE = 1.1
_MOST_LESSER = 10_000
_SEARCHED = 20_000

Boxes = geodesy.Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """The ground of sites, and how far around each of them features matter, metres."""

    shapes: geodesy.Geometries
    reach_m: geodesy.Floats


def large_local_layers(county: Workspace) -> tuple[str, ...]:
    """Return the layers of a county that are too large to hold, and can be cut to what lies near."""
    names = county.catalog.layers.items()
    return tuple(
        name
        for name, declared in names
        if declared.role in LOCAL_ROLES and (features_declared(county, name) or 0) > LARGE_FEATURES
    )


def county_near(county: Workspace, sites: Layer, *, room: float = 0.0) -> Workspace:
    """Return a county whose large layers hold only the features that can matter to sites.

    Parameters
    ----------
    county
        The county; nothing in it is changed, and its large layers are not read into memory.
    sites
        With ``accuracy_m``; those without geometry matter to nothing.
    room
        How much more ground around each site is kept, in widths of it: what a map of it shows.

    Returns
    -------
    The county, the layers that are not large as they were. A layer that is cut knows how many of its features cannot
    be measured and where it is complete, as the whole one does; features of a lesser dimension than most stay in it,
    and so does one in the ground it covers.

    Raises
    ------
    EcogeoError
        Where a large layer cannot be used.
    """
    near = county
    for name in large_local_layers(county):
        near = near.with_layer(_layer_near(county, name, _ground(sites, county.catalog.layers[name], room)))
    return near


def make_rows(county: Workspace) -> None:
    """Have the large layers of a county laid out on disk, which takes half a minute for a million features.

    Raises
    ------
    EcogeoError
        With everything that cannot be used.
    """
    county.require([partial(laid_out, county, name) for name in large_local_layers(county)])


def _ground(sites: Layer, declared: LayerDeclaration, room: float) -> _Ground:
    shapes, width_m = sites.geometries.copy(), corridor_widths_m(sites)
    has_corridor = (shapely.get_dimensions(shapes) == 1) & (width_m > 0)
    shapes[has_corridor] = corridors(shapes[has_corridor], width_m[has_corridor])
    reach_m = np.nan_to_num(placed_within_m(sites)) + max(declared.buffer_m or 0.0, USUAL_BUFFER_M)
    if room:
        west, south, east, north = shapely.bounds(shapes).T
        reach_m += room * (2.0 * reach_m + np.maximum(east - west, north - south) * 111_320.0)
    return _Ground(shapes, reach_m * _MORE)


def _layer_near(county: Workspace, name: str, ground: _Ground) -> Layer:
    declared = county.catalog.layers[name]
    store = laid_out(county, name)
    rows = _near(store, ground)
    most = np.bincount(store.dimensions[store.dimensions != NO_GEOMETRY]).argmax()
    lesser = np.flatnonzero(store.dimensions < most)[:_MOST_LESSER]
    rows = np.union1d(rows, lesser)
    coverage = None
    if declared.coverage != declared.role:
        coverage = county.coverage_of(declared)
        rows = np.union1d(rows, list(_witness(store, rows, coverage)))
    frame = store.take(rows.astype(np.int64))
    if declared.coverage == declared.role:
        shapes = np.asarray(frame.geometry.array, dtype=object)
        coverage = shapely.union_all(shapes[shapely.get_dimensions(shapes) == 2])
    return Layer(
        name=name,
        declaration=declared,
        frame=frame,
        sound=frame,
        set_aside=store.set_aside,
        repairs=store.repairs,
        doubts=store.doubts,
        sha256=known_digest(county.layer_folder / declared.path),
        coverage=coverage,
    )


def _near(store: RowStore, ground: _Ground) -> Rows:
    """Return the features within reach of any site, and the nearest of each."""
    there = np.flatnonzero(~(shapely.is_missing(ground.shapes) | shapely.is_empty(ground.shapes)))
    shapes, reach_m = ground.shapes[there], ground.reach_m[there]
    if not len(there):
        return np.flatnonzero(store.dimensions != NO_GEOMETRY)[:1]
    site, row = _meeting(store.boxes, shapely.bounds(around(shapely.envelope(shapes), reach_m)))
    found = [row]
    has_near = _has_within(store, shapes, reach_m, site, row)
    for place in np.flatnonzero(~has_near):
        enough_m = _enough_m(store, shapes[place])
        box = shapely.bounds(around(shapely.envelope(shapes[place : place + 1]), np.array([enough_m])))
        found.append(_meeting(store.boxes, box)[1])
    return np.unique(np.concatenate(found))


def _meeting(boxes: Boxes, wanted: Boxes) -> tuple[npt.NDArray[np.int64], Rows]:
    """Return the pairs of a wanted box and a feature whose box meets it."""
    west, south = wanted[:, :2].min(axis=0)
    east, north = wanted[:, 2:].max(axis=0)
    near = np.flatnonzero(
        (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    )
    if len(wanted) == 1:
        return np.zeros(len(near), dtype=np.int64), near
    tree = shapely.STRtree(np.asarray(shapely.box(*wanted.T)))
    row, site = tree.query(shapely.box(*np.asarray(boxes[near]).T))
    return site.astype(np.int64), near[row]


def _has_within(
    store: RowStore, shapes: geodesy.Geometries, reach_m: geodesy.Floats, site: npt.NDArray[np.int64], row: Rows
) -> npt.NDArray[np.bool_]:
    """Tell which sites have a feature within their reach: then none that is nearer can have been missed.

    A feature's box may reach where it does not; so the features of a site are looked at until one is near enough.
    """
    has_near = np.zeros(len(shapes), dtype=bool)
    order = np.argsort(site, kind="stable")
    starts = np.searchsorted(site[order], np.arange(len(shapes) + 1))
    for place in range(len(shapes)):
        own = np.sort(row[order[starts[place] : starts[place + 1]]])
        for some in np.array_split(own, max(1, len(own) // 1000)):
            if len(some) and _least_m(store, shapes[place], some) <= reach_m[place] / _MORE:
                has_near[place] = True
                break
    return has_near


def _enough_m(store: RowStore, shape: shapely.Geometry) -> float:
    """Return a distance within which the nearest feature of a site lies: that to one whose box is nearest."""
    west, south, east, north = shapely.bounds(shape)
    boxes, narrow = store.boxes, float(np.cos(np.radians((south + north) / 2)))
    aside = np.maximum(np.maximum(boxes[:, 0] - east, west - boxes[:, 2]), 0.0) * narrow
    along = np.maximum(np.maximum(boxes[:, 1] - north, south - boxes[:, 3]), 0.0)
    return _least_m(store, shape, np.array([np.nanargmin(np.hypot(aside, along))])) * _MORE + 1.0


def _least_m(store: RowStore, shape: shapely.Geometry, rows: Rows) -> float:
    """Return how near the nearest of some features comes, metres, or a little more."""
    shapes = np.asarray(store.take(rows).geometry.array, dtype=object)
    nearest = shapes[shapely.distance(shapes, shape).argmin()]
    return float(geodesy.length_m(np.array([shapely.shortest_line(nearest, shape)], dtype=object))[0])


def _witness(store: RowStore, rows: Rows, coverage: shapely.Geometry | None) -> Iterator[int]:
    """Yield a feature in the ground a layer covers, unless there is one among those taken: it clears nobody else."""
    if coverage is None or shapely.is_empty(coverage):
        return
    west, south, east, north = shapely.bounds(coverage)
    boxes = store.boxes
    may_meet = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    shapely.prepare(coverage)
    others = np.flatnonzero(may_meet)
    for some in (rows[may_meet[rows]], *np.array_split(others, max(1, len(others) // _SEARCHED))):
        if len(some):
            shapes = np.asarray(store.take(some).geometry.array, dtype=object)
            is_met = shapely.intersects(coverage, shapes)
            if is_met.any():
                yield int(some[is_met.argmax()])
                return
