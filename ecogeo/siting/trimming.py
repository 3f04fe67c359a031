"""The part of a site that is clear of what blocks it, as an outline one can build in."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.geodesy import COORDINATE_STEP_M
from ecogeo.siting.cutting import GRID_M, joined, overlap, widened, without

_CREASE_M2 = 1.0
"""What opening a shape takes off at its corners is no narrow place if it is smaller: the builders' choice."""

_CREASE_M = 0.02


@dataclass(frozen=True, slots=True)
class TrimOptions:
    """What a trimmed site must be; all are the builders' choices, to be replaced by the project's own.

    Parameters
    ----------
    margin_m
        Distance kept from what blocks, metres.
    smooth_m
        New edges may run so much farther from it, so that they have few corners, metres.
    least_piece_m2, least_width_m
        Pieces of a smaller area, and places that are narrower, are left out.
    """

    margin_m: float = 1.0
    smooth_m: float = 1.0
    least_piece_m2: float = 100.0
    least_width_m: float = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Trimmed:
    """A site parted into what is kept and what is lost, and why; together they are the site.

    Parameters
    ----------
    kept
        Polygons of the plane; empty where nothing is left.
    blocked
        What is blocked itself.
    beside
        Margin and smoothing.
    narrow
        Clear ground that is too narrow.
    small
        Clear pieces that are too small.
    """

    kept: BaseGeometry
    blocked: BaseGeometry
    beside: BaseGeometry
    narrow: BaseGeometry
    small: BaseGeometry

    @property
    def kept_pieces(self) -> int:
        """How many polygons are kept."""
        return int((shapely.area(shapely.get_parts(self.kept)) > 0).sum())

    @property
    def is_whole(self) -> bool:
        """Whether nothing had to be taken off."""
        return all(part.is_empty for part in (self.blocked, self.beside, self.narrow, self.small))


def trim(site: BaseGeometry, blocked: BaseGeometry, options: TrimOptions, *, accuracy_m: float = 0.0) -> Trimmed:
    """Take off a site what is blocked, with a margin, and what cannot be used of the rest.

    Edges and corners of the site that nothing blocks stay as they are, to the last digit. New edges never come nearer
    to blocked ground than the margin.

    Parameters
    ----------
    site
        Polygons of a plane in metres, valid.
    blocked
        Polygons of the same plane; empty where nothing blocks.
    options
        Margin, smoothing, least piece and width.
    accuracy_m
        How far the site may really lie from where it is drawn, metres; it is added to the margin. A site that nothing
        blocks within it stays whole, however near: the margin is for new edges.

    Examples
    --------
    A field of 100 m × 100 m whose western 20 m are blocked keeps 79 m beyond a margin of 1 m:

    >>> field, line = shapely.box(0, 0, 100, 100), shapely.box(-50, -50, 20, 150)
    >>> trim(field, line, TrimOptions(margin_m=1.0, smooth_m=0.0)).kept.area
    7900.0
    """
    nothing = shapely.Polygon()
    if not blocks(site, blocked, accuracy_m):
        return Trimmed(site, nothing, nothing, nothing, nothing)
    is_blocked = overlap(site, blocked)
    clear = without(site, _kept_off(blocked, options.margin_m + accuracy_m, options.smooth_m))
    beside = without(without(site, is_blocked), clear)
    narrow = _narrow(clear, options.least_width_m)
    pieces = shapely.get_parts(without(clear, narrow))
    is_small = shapely.area(pieces) < options.least_piece_m2
    kept, small = joined(pieces[~is_small]), joined(pieces[is_small])
    return Trimmed(kept, is_blocked, beside, narrow, small)


def blocks(site: BaseGeometry, blocked: BaseGeometry, accuracy_m: float) -> bool:
    """Tell whether blocked ground lies in a site wherever it may really lie; a boundary both share does not count."""
    reached = shapely.buffer(blocked, accuracy_m) if accuracy_m > 0 else blocked
    within = shapely.buffer(overlap(site, reached), -COORDINATE_STEP_M / 2)
    return not within.is_empty


def _kept_off(blocked: BaseGeometry, margin_m: float, smooth_m: float) -> BaseGeometry:
    """Return what is to be kept off: all within the margin, under an outline of few corners that never cuts into it."""
    near = widened(blocked, margin_m)
    if smooth_m <= GRID_M:
        return near
    return joined([shapely.simplify(widened(near, smooth_m), smooth_m), near])


def _narrow(clear: BaseGeometry, width_m: float) -> BaseGeometry:
    """Return the places no disc of that width fits in: spikes, necks and strips, but not the corners."""
    if width_m <= 0:
        return shapely.Polygon()
    half = width_m / 2
    core = shapely.buffer(clear, -half, join_style="mitre", mitre_limit=5.0)
    opened = shapely.buffer(core, half + _CREASE_M, join_style="mitre", mitre_limit=5.0)
    places = shapely.get_parts(without(clear, opened))
    return joined(places[shapely.area(places) >= _CREASE_M2])
