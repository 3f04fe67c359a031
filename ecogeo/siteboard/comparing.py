"""Two searches side by side: which ground both found, and how its rank moved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

SAME_SHARE = 0.5
"""Candidates that share half of the smaller one are taken for the same place: the builders' choice."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A place in two searches.

    Parameters
    ----------
    before, after
        Its id in each; empty where a search did not find it.
    rank_before, rank_after
        Its rank in each, from 1; None where a search did not find it.
    score_before, score_after
        Its score in each.
    share
        How much of the smaller of both outlines they share.
    """

    before: str
    after: str
    rank_before: int | None
    rank_after: int | None
    score_before: float | None
    score_after: float | None
    share: float | None

    @property
    def ranks_moved(self) -> int | None:
        """How many places it rose; negative where it fell, None where only one search found it."""
        if self.rank_before is None or self.rank_after is None:
            return None
        return self.rank_before - self.rank_after


def compare_found(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> tuple[Moved, ...]:
    """Compare the candidates of two searches.

    Parameters
    ----------
    before, after
        Candidates by rank, each with ``id``, ``score`` and ``geometry`` (GeoJSON).

    Returns
    -------
    The later search's candidates by rank, then those only the earlier one found. Those that share most of their ground
    are matched first; no candidate is matched twice.

    Examples
    --------
    >>> def square(x): return json.loads(shapely.to_geojson(shapely.box(x, 0, x + 1, 1)))
    >>> a = [{"id": "C1", "score": 0.9, "geometry": square(0)}, {"id": "C2", "score": 0.8, "geometry": square(5)}]
    >>> b = [{"id": "C1", "score": 0.7, "geometry": square(5.2)}]
    >>> [(one.before, one.after, one.ranks_moved) for one in compare_found(a, b)]
    [('C2', 'C1', 1), ('C1', '', None)]
    """
    shapes_before, shapes_after = _shapes(before), _shapes(after)
    shared: dict[int, tuple[int, float]] = {}
    taken: set[int] = set()
    for share, old, new in sorted(_overlaps(shapes_before, shapes_after), key=lambda one: (-one[0], one[1], one[2])):
        if old not in taken and new not in shared:
            taken.add(old)
            shared[new] = (old, share)
    rows = [
        _moved(before, after, shared[new][0], new, shared[new][1])
        if new in shared
        else _moved(before, after, None, new, None)
        for new in range(len(after))
    ]
    return (*rows, *(_moved(before, after, old, None, None) for old in range(len(before)) if old not in taken))


def _shapes(found: Sequence[Mapping[str, Any]]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    shapes = np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in found], dtype=object)
    return shapely.make_valid(shapes) if len(shapes) else shapes


def _overlaps(before: Any, after: Any) -> list[tuple[float, int, int]]:  # noqa: ANN401  arrays of shapes
    if not len(before) or not len(after):
        return []
    new, old = shapely.STRtree(before).query(after, predicate="intersects")
    common = shapely.area(shapely.intersection(before[old], after[new]))
    least = np.minimum(shapely.area(before[old]), shapely.area(after[new]))
    share = np.divide(common, least, out=np.zeros_like(common), where=least > 0)
    pairs = zip(share.tolist(), old.tolist(), new.tolist(), strict=True)
    return [(round(one, 6), a, b) for one, a, b in pairs if one >= SAME_SHARE]


def _moved(
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    old: int | None,
    new: int | None,
    share: float | None,
) -> Moved:
    was = None if old is None else before[old]
    now = None if new is None else after[new]
    return Moved(
        "" if was is None else str(was["id"]),
        "" if now is None else str(now["id"]),
        None if old is None else old + 1,
        None if new is None else new + 1,
        None if was is None else float(was["score"]),
        None if now is None else float(now["score"]),
        share,
    )
