"""Areas and lengths of a whole layer on the ellipsoid, against a loop over pyproj.Geod: in memory, one process."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable

import numpy as np
import shapely

from benchmark.agreement import CUT_LEAST, CUT_RELATIVE, LEAST, RELATIVE, Agreement
from benchmark.cases import SEED
from benchmark.comparing import Row, Say
from benchmark.outlines import Floats, fractal_polygons
from ecogeo import cgcs2000, geodesy, kernel

POLYGONS = 20_000
VERTICES = 50
_SITE_M2 = 50_000.0
OURS, _OURS_SHAPES = "ecogeo, flat arrays", "ecogeo, shapely geometries"
_LOOP = "a loop over pyproj.Geod"
_SHORT_DEG = 1e-4
_BOX = (108.92, 24.0, 109.55, 24.5)


def time_geodesy(measure: str, *, sites: int | None, repeat: int, say: Say) -> list[Row]:
    """Time what measures every polygon of a layer, or every outline.

    Parameters
    ----------
    measure
        ``area_m2`` or ``length_m``.
    sites
        How many polygons; None for 20,000.
    repeat
        How many rounds; before them each runs once, uncounted.
    say
        Told of every run.

    Returns
    -------
    One row per way, each held against Geod on edges of no more than some 10 m, where a geodesic and a straight edge in
    longitude and latitude are the same. The loop takes edges as drawn for geodesics, all others for straight: some are
    hundreds of metres long, so the loop is held as other programs that do so.
    """
    count = sites or POLYGONS
    random = np.random.default_rng((SEED, 3))
    places = random.uniform(_BOX[:2], _BOX[2:], (count, 2))
    polygons = fractal_polygons(random, places, np.full(count, _SITE_M2), VERTICES)
    outlines = shapely.boundary(polygons)
    ways: dict[str, Callable[[], Floats]]
    if measure == "area_m2":
        flat = kernel.Polygons.of(polygons)
        ways = {
            OURS: lambda: kernel.area_m2(flat),
            _OURS_SHAPES: lambda: geodesy.area_m2(polygons),
            _LOOP: lambda: _geod_areas(polygons),
        }
        wanted = _geod_areas(shapely.segmentize(polygons, _SHORT_DEG))
    else:
        lines = kernel.Lines.of(outlines)
        ways = {
            OURS: lambda: kernel.length_m(lines),
            _OURS_SHAPES: lambda: geodesy.length_m(outlines),
            _LOOP: lambda: _geod_lengths(outlines),
        }
        wanted = _geod_lengths(shapely.segmentize(outlines, _SHORT_DEG))
    return _rows(ways, wanted, measure, repeat=repeat, say=say)


def _geod_areas(polygons: cgcs2000.Geometries) -> Floats:
    return np.abs([geodesy.GEOD.geometry_area_perimeter(polygon)[0] for polygon in polygons])


def _geod_lengths(outlines: cgcs2000.Geometries) -> Floats:
    return np.array([geodesy.GEOD.geometry_length(outline) for outline in outlines])


def _rows(ways: dict[str, Callable[[], Floats]], wanted: Floats, measure: str, *, repeat: int, say: Say) -> list[Row]:
    """Run ways in turn, round by round."""
    found = {title: way() for title, way in ways.items()}
    seconds: dict[str, list[float]] = {title: [] for title in ways}
    worked: dict[str, list[float]] = {title: [] for title in ways}
    for number in range(repeat):
        for title, way in ways.items():
            began, worked_s = time.perf_counter(), time.process_time()
            way()
            seconds[title].append(time.perf_counter() - began)
            worked[title].append(time.process_time() - worked_s)
            say(f"{number + 1}/{repeat} {title}: {seconds[title][-1]:.4f} s")
    versions = {title: importlib.metadata.version("pyproj" if title == _LOOP else "ecogeo") for title in ways}
    return [
        Row(
            title,
            versions[title],
            tuple(seconds[title]),
            cpu_s=float(np.median(worked[title])),
            agreement=_agreement(found[title], wanted, measure, is_geodesic=title == _LOOP),
        )
        for title in ways
    ]


def _agreement(given: Floats, wanted: Floats, measure: str, *, is_geodesic: bool) -> Agreement:
    """Compare figure by figure: to 1e-6 of it, or 0.01 m² and 1 mm; geodesics as `agreement` holds them."""
    difference = np.abs(given - wanted)
    relative, least = (CUT_RELATIVE, CUT_LEAST) if is_geodesic else (RELATIVE, LEAST)
    is_same = bool((difference <= np.maximum(least[measure], relative * wanted)).all())
    return Agreement(len(given), float(given.sum()), 0, float(difference.max()), is_same)
