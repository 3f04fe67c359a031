"""Which features are asked for: within a box, with certain properties, so many from a place on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from ecogeo.errors import UsageError
from ecogeo.features.collections import Collection
from ecogeo.tiles.rows import RowStore
from ecogeo.wording import Text

USUAL_FEATURES = 100
MOST_FEATURES = 10_000
_MOST_DIGITS = 9

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_OWN = {"bbox", "bbox-crs", "crs", "limit", "offset", "datetime", "f", "lang"}

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which features are asked for.

    Parameters
    ----------
    boxes
        West, south, east, north, degrees: features that touch any of them; none for all.
    limit, offset
        How many, and how many before them are left out.
    equal
        The value of each property named, as text.
    """

    boxes: tuple[Box, ...] = ()
    limit: int = USUAL_FEATURES
    offset: int = 0
    equal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a collection's features.

    Parameters
    ----------
    places
        Where they stand in the collection, in its order.
    matched
        How many there are in all.
    """

    places: npt.NDArray[np.intp]
    matched: int


def read_asked(told: Mapping[str, str], fields: tuple[str, ...]) -> Asked:
    """Read what an address asks for: ``bbox``, ``limit``, ``offset`` and properties by name.

    Parameters
    ----------
    told
        The entries of the address. ``crs`` and ``bbox-crs`` may say CRS84 alone; ``datetime`` meets every feature:
        none has a time.
    fields
        Names of the properties there are.

    Raises
    ------
    UsageError
        With everything that cannot be understood.

    Notes
    -----
    Source: OGC API - Features - Part 1: Core, 17-069r4, 7.15 (features) and 7.15.5 (filters by property).

    Examples
    --------
    >>> read_asked({"bbox": "109,24,110,25", "limit": "2", "name": "a"}, ("name",))
    Asked(boxes=((109.0, 24.0, 110.0, 25.0),), limit=2, offset=0, equal={'name': 'a'})
    """
    problems: list[Text] = []
    boxes = _boxes(told["bbox"], problems) if "bbox" in told else ()
    limit = _whole(told, "limit", USUAL_FEATURES, problems, least=1)
    offset = _whole(told, "offset", 0, problems, least=0)
    problems += [
        Text(f"{name} 只能是 {CRS84}", f"{name} may be {CRS84} alone")
        for name in ("crs", "bbox-crs")
        if told.get(name, CRS84) != CRS84
    ]
    others = {name: value for name, value in told.items() if name not in _OWN}
    problems += [
        Text(f"没有参数或属性“{name[:40]}”", f"there is no parameter or property “{name[:40]}”")
        for name in sorted(set(others) - set(fields))
    ]
    if problems:
        raise UsageError(problems)
    return Asked(boxes, min(limit, MOST_FEATURES), offset, others)


def features_asked(held: Collection, asked: Asked) -> Page:
    """Return the features that are asked for, in the order of the collection."""
    if held.rows is not None:
        return _of_rows(held.rows, asked)
    is_meant = np.ones(len(held.ids), dtype=bool)
    if asked.boxes:
        is_meant[:] = False
        for box in asked.boxes:
            is_meant[held.tree.query(shapely.box(*box), predicate="intersects")] = True
    for name, value in asked.equal.items():
        is_meant &= (held.words[name] == value).to_numpy(dtype=bool)
    found = np.flatnonzero(is_meant)
    return Page(found[asked.offset : asked.offset + asked.limit], len(found))


def _of_rows(rows: RowStore, asked: Asked) -> Page:
    """Return the features that are asked for, of a layer that is not held."""
    is_meant = rows.having(asked.equal)
    if asked.boxes:
        is_meant &= np.any([rows.meeting(*box) for box in asked.boxes], axis=0)
    found = np.flatnonzero(is_meant)
    return Page(found[asked.offset : asked.offset + asked.limit], len(found))


def _boxes(text: str, problems: list[Text]) -> tuple[Box, ...]:
    """Return the boxes of a text; one across the antimeridian is two, heights do not count."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    is_box = len(numbers) == 4 and all(math.isfinite(number) for number in numbers) and numbers[1] <= numbers[3]
    if not is_box:
        problems.append(
            Text("bbox 应为 西,南,东,北（度）", "bbox is west,south,east,north in degrees, such as 109,24,110,25")
        )
        return ()
    west, south, east, north = numbers
    if west <= east:
        return ((west, south, east, north),)
    return ((west, south, 180.0, north), (-180.0, south, east, north))


def _whole(told: Mapping[str, str], name: str, usual: int, problems: list[Text], *, least: int) -> int:
    text = told.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) >= least):
        problems.append(Text(f"{name} 应为不小于 {least} 的整数", f"{name} is a whole number from {least}"))
        return usual
    return int(text)


def places_in_turn(held: Collection, most: int) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the places of all features, some at a time."""
    for start in range(0, held.count, most):
        yield np.arange(start, min(start + most, held.count))
