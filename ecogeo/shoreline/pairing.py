"""Banks that are features of their own, each with its own id: put together by river, side and place.

Source: the builders' choice.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely

from ecogeo import geodesy
from ecogeo.layer import Layer
from ecogeo.shoreline.banks import Drawn, Side, banks_of
from ecogeo.shoreline.figures import words_of

_SUFFIX = re.compile(
    r"(?P<stem>.*?)[-_\s(（]*(?P<side>左岸|右岸|左|右|left|right|(?<=[-_\s\d])[lr])[)）]*", re.IGNORECASE
)
_SIDES = {
    **dict.fromkeys(("左岸", "左", "left", "l"), Side.LEFT),
    **dict.fromkeys(("右岸", "右", "right", "r"), Side.RIGHT),
}
_FIELDS = ("bank", "side", "岸别")


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """Reaches, the banks of which were put together.

    Parameters
    ----------
    reaches
        The layer; a pair has the place and the id of its left bank, drawn downstream.
    other_id
        The id of each right bank that was put to a left one, and that one's.
    single
        Ids of features that are called a bank and have no partner beside them.
    """

    reaches: Layer
    other_id: Mapping[str, str]
    single: tuple[str, ...]


def with_banks_paired(reaches: Layer) -> Paired:
    """Put left and right banks together that are features of their own.

    Parameters
    ----------
    reaches
        The reaches; ``river`` and ``basin``. A feature is a bank where its field ``bank``, ``side`` or 岸别 says so, or
        its id or name ends with 左岸, 右岸, L or R; and where it is an open line without a width.

    Returns
    -------
    The reaches. Two are paired that are of one river and basin, of one stem of their ids where they have one, the one
    left and the other right, and lie side by side, each beside no other.
    """
    told = [_told(*words) for words in zip(*_words(reaches), strict=True)]
    is_line = shapely.get_dimensions(reaches.geometries) == 1
    wide = [bool(word) for word in words_of(reaches, "width_m")]
    rows = {
        side: [row for row, (_, own) in enumerate(told) if own is side and is_line[row] and not wide[row]]
        for side in (Side.LEFT, Side.RIGHT)
    }
    ids = reaches.ids.to_numpy()
    keys = list(zip(words_of(reaches, "river"), words_of(reaches, "basin"), (stem for stem, _ in told), strict=True))
    found = {
        (left, right): shape
        for left in rows[Side.LEFT]
        for right in rows[Side.RIGHT]
        if keys[left] == keys[right]
        and (shape := _side_by_side(reaches.geometries[left], reaches.geometries[right])) is not None
    }
    lefts, rights = ([pair[at] for pair in found] for at in (0, 1))
    clear = {
        (left, right): shape
        for (left, right), shape in found.items()
        if lefts.count(left) == 1 and rights.count(right) == 1
    }
    paired = {row for pair in clear for row in pair}
    single = tuple(str(ids[row]) for side in rows.values() for row in side if row not in paired)
    if not clear:
        return Paired(reaches, {}, single)
    shapes = reaches.geometries.copy()
    for (left, _), shape in clear.items():
        shapes[left] = shape
    keep = np.ones(len(shapes), dtype=bool)
    keep[[right for _, right in clear]] = False
    sound = reaches.sound.set_geometry(gpd.GeoSeries(shapes, index=reaches.sound.index, crs=geodesy.LONLAT))[keep]
    other_id = {str(ids[right]): str(ids[left]) for left, right in clear}
    return Paired(dataclasses.replace(reaches, sound=sound), other_id, single)


def _words(reaches: Layer) -> tuple[list[str], list[str], list[str]]:
    """Return what the field of the side says, the ids and the names."""
    field = next((name for name in _FIELDS if reaches.declaration.fields.get(name, name) in reaches.sound.columns), "")
    told = words_of(reaches, field) if field else [""] * len(reaches.sound)
    return told, reaches.ids.tolist(), reaches.names.tolist()


def _told(word: str, reach_id: str, name: str) -> tuple[str, Side | None]:
    """Return the stem of a reach's id, where it ends with a side, and the side it is called; None for none.

    Examples
    --------
    >>> _told("", "R1-左岸", "甲河"), _told("右岸", "R2", "甲河"), _told("", "R3", "甲河")
    (('R1', <Side.LEFT: 'left'>), ('', <Side.RIGHT: 'right'>), ('', None))
    """
    plain, of_id, of_name = (unicodedata.normalize("NFKC", text).strip() for text in (word, reach_id, name))
    ending = _SUFFIX.fullmatch(of_id)
    stem = ending["stem"] if ending else ""
    side = _SIDES.get(plain.lower())
    if side is None and ending:
        side = _SIDES[ending["side"].lower()]
    named = _SUFFIX.fullmatch(of_name)
    if side is None and named:
        side = _SIDES[named["side"].lower()]
    return stem, side


def _side_by_side(left: shapely.Geometry, right: shapely.Geometry) -> shapely.Geometry | None:
    """Return two banks as one shape, the left one drawn downstream; None where they are no banks of one reach."""
    for first in (left, shapely.reverse(left)):
        parts = shapely.get_parts(np.array([first, right], dtype=object))
        whole: geodesy.Geometries = np.array([shapely.multilinestrings(parts)], dtype=object)
        banks = banks_of(whole, np.array([np.nan]))
        if banks.drawn[0] != Drawn.BANKS:
            return None
        middle = shapely.line_interpolate_point(parts[0], 0.5, normalized=True)
        own = int(np.argmin(shapely.distance(banks.lines, middle)))
        if banks.side[own] == Side.LEFT:
            found: shapely.Geometry = whole[0]
            return found
    return None
