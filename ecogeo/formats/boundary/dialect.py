"""How a 勘测定界界址点 file is written, recognised from its lines and parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from ecogeo.formats.boundary.file import (
    Closing,
    Corner,
    Dialect,
    Numbering,
    Parcel,
    is_closed,
    number_of,
    positions,
    rings_of,
)
from ecogeo.formats.boundary.lines import SEPARATORS, attribute_separator, is_attribute_line, split_attributes
from ecogeo.formats.coordinates import decimals_of, is_angle, zones_of

Item = TypeVar("Item")

_SAMPLE_LINES = 2_000


def recognise_dialect(
    lines: Sequence[str], brackets: Sequence[str], parcels: Sequence[Parcel], column: int | None
) -> Dialect:
    """Tell how a file is written, as far as its decoded lines show it.

    Parameters
    ----------
    lines
        The lines of its parcels, without blanks around them.
    brackets
        The brackets of its sections.
    parcels
        What was read of the lines, the columns of coordinates in their places.
    column
        Where in a point's line the first coordinate stands; None where there are no points.

    Returns
    -------
    The dialect; where lines differ, that of most.
    """
    corners = [corner for parcel in parcels for corner in parcel.corners if corner.is_read]
    attribute_lines = [line for line in lines if is_attribute_line(line)]
    point_lines = [line for line in lines[:_SAMPLE_LINES] if not is_attribute_line(line)]
    areal = [ring for parcel in parcels if parcel.shape == "面" for ring in rings_of(parcel)]
    per_parcel = {_numbering(rings) for rings in map(rings_of, parcels) if len(rings) > 1}
    decimals = {decimals_of(text) for corner in corners for text in (corner.north, corner.east) if not is_angle(text)}
    zones = {int(zone) for zone in zones_of(positions(corners)[:, 0])}
    standard = Dialect()
    return Dialect(
        brackets=most_common(brackets, standard.brackets),
        separator=most_common((attribute_separator(line) or "," for line in attribute_lines), standard.separator),
        point_separator=most_common(map(_point_separator, point_lines), standard.point_separator),
        attribute_count=most_common((len(parcel.fields) for parcel in parcels if parcel.fields), 8),
        trailing_mark=most_common((split_attributes(line)[1] for line in attribute_lines), standard.trailing_mark),
        has_name_column=column is None or column > 0,
        has_ring_column=column is None or column > 1,
        closing=_closing(areal) if areal else standard.closing,
        numbering=per_parcel.pop() if len(per_parcel) == 1 else ("other" if per_parcel else "running"),
        decimals=decimals.pop() if len(decimals) == 1 else None,
        zone_prefix=zones.pop() if len(zones) == 1 and 0 not in zones else None,
    )


def _point_separator(line: str) -> str:
    return next((sign for sign in (*SEPARATORS, " ") if sign in line), ",")


def _closing(rings: Sequence[Sequence[Corner]]) -> Closing:
    """Tell how most rings of a file are closed."""
    closed = [ring for ring in rings if is_closed(ring)]
    if 2 * len(closed) < len(rings) or not closed:
        return "absent"
    renamed = sum(ring[-1].name != ring[0].name for ring in closed)
    return "new name" if 2 * renamed > len(closed) else "first name"


def _numbering(rings: Sequence[Sequence[Corner]]) -> Numbering:
    """Tell whether the numbers of points run on from ring to ring within a parcel, or restart."""
    numbers = [[number_of(corner.name) for corner in ring] for ring in rings]
    if any(number is None for ring in numbers for number in ring):
        return "other"
    firsts = [ring[0] for ring in numbers]
    if len(firsts) > 1 and all(first == firsts[0] for first in firsts[1:]):
        return "per ring"
    return "running"


def most_common(items: Iterable[Item], otherwise: Item) -> Item:
    """Return what occurs most often, the first of equals."""
    ranked = Counter(items).most_common(1)
    return ranked[0][0] if ranked else otherwise
