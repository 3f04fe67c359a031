"""Corners that a person typed or drew on a map, as a file like any other."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo.errors import UnusableFileError
from ecogeo.formats.coordinates import clean, coordinate, numeral
from ecogeo.intake.parts import Part, shown_name
from ecogeo.wording import Text

Shape = Literal["polygon", "line", "points"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
LEAST_CORNERS = {"polygon": 3, "line": 2, "points": 1}
MOST_CORNERS = 20_000
DEGREES_CRS = "urn:ogc:def:crs:EPSG::4490"
"""Longitude and latitude that a person gives here are CGCS2000, and the page says so."""

_PARTED = re.compile(r"[\s,，;；、|]+")
_MOST_PROBLEMS = 20

_Corners = npt.NDArray[np.float64]


def typed_part(text: str, shape: Shape, *, name: str) -> Part:
    """Read corners and return them as a GeoJSON file to be taken in.

    Parameters
    ----------
    text
        A corner a line: two coordinates, in front of them its number if it has one. A blank line parts rings, lines
        or nothing. Angles may be written 109°18′36″. Longitude before latitude is CGCS2000; in which order and CRS
        other coordinates stand is found out by whoever reads the file.
    shape
        What the corners are of. A ring inside another is a hole.
    name
        What the site is called.

    Raises
    ------
    UnusableFileError
        With every line that cannot be read, too few or too many corners, and rings that cross each other.
    """
    shown = f"{shown_name(name)}.geojson"
    runs, problems = _runs(text)
    least = LEAST_CORNERS[shape]
    if not problems and sum(map(len, runs)) > MOST_CORNERS:
        problems.append(Text(f"最多 {MOST_CORNERS} 个点", f"at most {MOST_CORNERS} corners"))
    if not problems and shape == "polygon":
        runs = [run[:-1] if len(run) > 1 and (run[0] == run[-1]).all() else run for run in runs]
    if not problems and any(len(run) < least for run in runs):
        problems.append(Text(f"每一段至少要有 {least} 个点，用空行分段", f"each part needs at least {least} corners"))
    if not problems and not runs:
        problems.append(Text("没有输入坐标", "no coordinates were given"))
    if problems:
        raise UnusableFileError(shown, problems[:_MOST_PROBLEMS])
    geometry = _drawn(runs, shape, shown)
    feature = {"type": "Feature", "properties": {"name": shown_name(name)}, "geometry": geometry}
    corners = np.abs(np.concatenate(runs))
    are_degrees = bool((corners <= (180.0, 90.0)).all())
    stated = {"crs": {"type": "name", "properties": {"name": DEGREES_CRS}}} if are_degrees else {}
    collection = {"type": "FeatureCollection", **stated, "features": [feature]}
    return Part(shown, json.dumps(collection, ensure_ascii=False).encode())


def _runs(text: str) -> tuple[list[_Corners], list[Text]]:
    """Return the corners between blank lines, and what is wrong."""
    runs: list[list[tuple[float, float]]] = [[]]
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        words = [word for word in _PARTED.split(clean(line)) if word]
        if not words:
            runs.append([])
            continue
        pair = _pair(words)
        if pair is None:
            problems.append(
                Text(
                    f"第 {number} 行读不出两个坐标：{line.strip()[:60]}",
                    f"line {number} holds no two coordinates: {line.strip()[:60]}",
                )
            )
        else:
            runs[-1].append(pair)
    return [np.array(run) for run in runs if run], problems


def _pair(words: Sequence[str]) -> tuple[float, float] | None:
    """Return the two coordinates of a line, behind the corner's number where there is one."""
    if len(words) not in (2, 3):
        return None
    first, second = numeral(words[-2]), numeral(words[-1])
    if first is None or second is None:
        return None
    return coordinate(first), coordinate(second)


def _drawn(runs: Sequence[_Corners], shape: Shape, shown: str) -> object:
    """Return corners as a GeoJSON geometry."""
    lists = [run.tolist() for run in runs]
    if shape == "points":
        return {"type": "MultiPoint", "coordinates": [corner for run in lists for corner in run]}
    if shape == "line":
        return {"type": "MultiLineString", "coordinates": lists}
    rings = [[*run, run[0]] for run in lists]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings}
    polygons = np.array([shapely.Polygon(ring) for ring in rings])
    return {"type": "MultiPolygon", "coordinates": _nested(polygons, rings, shown)}


def _nested(polygons: npt.NDArray[np.object_], rings: Sequence[object], shown: str) -> list[list[object]]:
    """Return rings as polygons with their holes: a ring inside an odd number of others is a hole of the smallest."""
    if not shapely.is_valid(polygons).all():
        problem = Text("有的环自相交，请改正后再输入", "a ring crosses itself: put it right")
        raise UnusableFileError(shown, problem)
    tree = shapely.STRtree(polygons)
    inner, outer = tree.query(polygons, predicate="within")
    apart = inner != outer
    inner, outer = inner[apart], outer[apart]
    one, other = tree.query(polygons, predicate="overlaps")
    if len(one):
        a, b = sorted((int(one[0]) + 1, int(other[0]) + 1))
        problem = Text(f"第 {a} 段与第 {b} 段互相交叉", f"rings {a} and {b} cross each other")
        raise UnusableFileError(shown, problem)
    depth = np.bincount(inner, minlength=len(rings))
    areas = shapely.area(polygons)
    parts: dict[int, list[object]] = {at: [ring] for at, ring in enumerate(rings) if depth[at] % 2 == 0}
    for at in np.flatnonzero(depth % 2 == 1).tolist():
        around = outer[inner == at]
        parts[int(around[np.argmin(areas[around])])].append(rings[at])
    return list(parts.values())
