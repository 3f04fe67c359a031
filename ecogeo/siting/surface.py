"""How good ground is, cell by cell: where nothing blocks, where something does, and where nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo.finding import Verdict
from ecogeo.geodesy import Floats
from ecogeo.law import Law
from ecogeo.raster import Window
from ecogeo.siting.constraints import Constraint, constraints_of
from ecogeo.siting.criteria import Criterion
from ecogeo.siting.grid import Flags, Grid, burnt
from ecogeo.siting.measures import has_source, measurable, measured, near_features
from ecogeo.siting.sampled import Sampled
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

UNKNOWN, BLOCKED, FREE, OUTSIDE = 0, 1, 2, 3
LEVELS = 250
NO_LEVEL = 255
_STEEP_DEG = 25.0
"""The threshold of the check `ecogeo.checks.site_on_steep_slope`, which has the last word."""

_STRIP_ROWS = 512

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Scores and states of the cells of a grid.

    Parameters
    ----------
    grid
        The cells.
    state
        Shape of the grid: `UNKNOWN`, `BLOCKED` or `FREE`; `OUTSIDE` where the ground was not to be searched.
    criteria
        What was scored.
    levels
        Shape (criteria, rows, columns): scores in 250 steps from 0 to 1, 255 where unknown.
    blind
        Layers that can clear no ground, and were left out of `state` because the user said so.
    unmeasured
        Criteria that count nothing here (weight 0 in `criteria`), because the county has nothing to measure them by.
    """

    grid: Grid
    state: npt.NDArray[np.uint8]
    criteria: tuple[Criterion, ...]
    levels: npt.NDArray[np.uint8]
    blind: tuple[Text, ...]
    unmeasured: tuple[Criterion, ...] = ()

    def scores(self, weights: Sequence[float] | None = None) -> npt.NDArray[np.float32]:
        """Return the weighted score of every cell, NaN where it is unknown or not free.

        Parameters
        ----------
        weights
            One of each criterion; None takes its own.
        """
        chosen = [one.weight for one in self.criteria] if weights is None else weights
        total: npt.NDArray[np.float32] = np.zeros(self.grid.shape, dtype=np.float32)
        whole = sum(chosen)
        for level, weight in zip(self.levels, chosen, strict=True):
            if weight > 0:
                steps = np.arange(NO_LEVEL + 1, dtype=np.float32) * np.float32(weight / whole / LEVELS)
                steps[NO_LEVEL] = np.nan
                for rows in _strips(self.grid.rows):
                    total[rows] += steps[level[rows]]
        for rows in _strips(self.grid.rows):
            total[rows][self.state[rows] != FREE] = np.nan
        return total

    def parts_at(self, cells: Flags, window: Window) -> Floats:
        """Return the mean score of each criterion over some cells of a window; NaN where none of them has one."""
        levels = self.levels[:, window.top : window.bottom, window.left : window.right][:, cells]
        is_known = levels != NO_LEVEL
        counts = is_known.sum(axis=1)
        sums = np.where(is_known, levels, 0).sum(axis=1, dtype=np.float64)
        means: Floats = np.full(len(counts), np.nan)
        np.divide(sums, counts * LEVELS, out=means, where=counts > 0)
        return means

    def unvalued(self, window: Window) -> Flags:
        """Tell which cells of a window lack the value of a criterion that counts."""
        counted = [at for at, one in enumerate(self.criteria) if one.weight > 0]
        levels = self.levels[counted, window.top : window.bottom, window.left : window.right]
        lacking: Flags = (levels == NO_LEVEL).any(axis=0)
        return lacking


def _strips(rows: int) -> Iterator[slice]:
    """Yield rows in strips, so that what is worked out of a large surface at a time stays small."""
    for top in range(0, rows, _STRIP_ROWS):
        yield slice(top, top + _STRIP_ROWS)


def build_surface(
    county: Workspace,
    ground: BaseGeometry,
    grid: Grid,
    law: Law | None,
    criteria: Sequence[Criterion],
    *,
    allowed: Collection[Verdict] = (),
    left_out: Collection[str] = (),
    progress: Progress = lambda _name, _done, _of: None,
) -> Surface:
    """Score the ground of a county.

    Parameters
    ----------
    county
        The county; features beyond its line count.
    ground
        The ground searched, in the plane of the grid.
    grid
        The cells.
    law
        What tells the verdict of each zone for the project's type; None where every zone blocks.
    criteria
        What makes ground good.
    allowed
        Verdicts that do not block; such ground is never clear, and the screening of a candidate says so.
    left_out
        Roles of layers that are not asked.
    progress
        Told the step, the windows done and their number.

    Returns
    -------
    The surface. A cell is free where its centre lies in the ground, in no zone that blocks, on no slope above 25°, and
    in the coverage of every layer; unknown where a layer does not cover it or a criterion that counts has no value.
    """
    constraints, blind = constraints_of(county, grid, law, allowed, left_out)
    criteria, unmeasured = measurable(county, criteria)
    near = {
        one.source: near_features(county, one.source, grid)
        for one in criteria
        if one.measure == "distance_m" and has_source(county, one.source)
    }
    dem = None if "dem" in left_out else county.raster_of_role("dem")
    state = np.full(grid.shape, OUTSIDE, dtype=np.uint8)
    levels = np.full((len(criteria), *grid.shape), NO_LEVEL, dtype=np.uint8)
    windows = list(grid.windows())
    for number, window in enumerate(windows):
        progress("surface", number, len(windows))
        place = (slice(window.top, window.bottom), slice(window.left, window.right))
        rasters = Sampled(county, grid, window)
        state[place] = _state(grid, window, ground, constraints, rasters.slope_deg() if dem is not None else None)
        for at, criterion in enumerate(criteria):
            score = criterion.score(measured(criterion, grid, window, near, rasters))
            quantised = np.where(np.isnan(score), NO_LEVEL, np.round(score * LEVELS))
            levels[(at, *place)] = quantised.astype(np.uint8)
            if criterion.weight > 0:
                state[place][(levels[(at, *place)] == NO_LEVEL) & (state[place] == FREE)] = UNKNOWN
    progress("", len(windows), len(windows))
    return Surface(grid, state, criteria, levels, blind, unmeasured)


def _state(
    grid: Grid, window: Window, ground: BaseGeometry, constraints: Sequence[Constraint], slope: Floats | None
) -> npt.NDArray[np.uint8]:
    transform, box = grid.transform_of(window), grid.box_of(window)
    is_ours = grid.centres_in(shapely.clip_by_rect(ground, *box), window)
    is_known, is_blocked = is_ours.copy(), np.zeros(window.shape, dtype=bool)
    for one in constraints:
        is_blocked |= burnt(one.blocking.within(box), transform, window.shape)
        is_known &= grid.centres_in(shapely.clip_by_rect(one.coverage, *box), window)
    if slope is not None:
        is_blocked |= slope > _STEEP_DEG
        is_known &= ~np.isnan(slope)
    state = np.where(is_blocked, BLOCKED, np.where(is_known, FREE, UNKNOWN)).astype(np.uint8)
    state[~is_ours] = OUTSIDE
    return state
