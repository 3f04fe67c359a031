"""Candidates for a project: places grown on cells, cut by exact outlines, screened like any site, and scored."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.catalog import ZONING_ROLES, LayerDeclaration
from ecogeo.finding import Answer, Verdict
from ecogeo.judging import judge_county
from ecogeo.law import Law
from ecogeo.layer import Layer
from ecogeo.raster import Window
from ecogeo.siting.blocked import Blocker, look_around, only_near, screening_checks
from ecogeo.siting.cutting import joined, without
from ecogeo.siting.grid import Grid
from ecogeo.siting.ground import blocked_ground, in_plane
from ecogeo.siting.growing import Grown, grow_sites
from ecogeo.siting.surface import Progress, Surface
from ecogeo.siting.trimming import TrimOptions, trim
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

_CANDIDATES = Text("备选用地", "candidates")

_SPARE = (1.15, 1.5, 2.0)
"""Sites are grown so much larger than asked for, and larger the next time: exact outlines take some of their cells."""

_MARGIN_M = 0.05
_RIM = 3
_MOST_TRIES = 8
"""Places tried for each candidate asked for, before the search gives up."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What is looked for.

    Parameters
    ----------
    area_m2
        Least area of a site, on the ellipsoid.
    count
        How many candidates.
    cell_m
        Side of a cell, metres.
    least_width_m
        Places of a site that are narrower are cut off, metres.
    allowed
        Verdicts that may lie under a site. Empty: nothing that any layer shows.
    left_out
        Roles of layers that are not asked; what they would say stays open.
    """

    area_m2: float
    count: int = 10
    cell_m: float = 30.0
    least_width_m: float = 30.0
    allowed: tuple[Verdict, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place for a project.

    Parameters
    ----------
    site_id
        ``C1`` …, by rank.
    site
        One polygon, longitude and latitude.
    area_m2
        On the ellipsoid.
    score
        Weighted mean of `parts`, 0 to 1.
    parts
        Mean score of each criterion over its cells.
    compactness
        4 π area ÷ perimeter², 1 for a circle.
    """

    site_id: str
    site: BaseGeometry
    area_m2: float
    score: float
    parts: tuple[float, ...]
    compactness: float


def find_candidates(
    county: Workspace, surface: Surface, law: Law | None, options: SearchOptions, progress: Progress
) -> tuple[list[Candidate], int]:
    """Grow places, cut them exactly, and keep those that are large enough, until there are enough of them.

    Returns
    -------
    The candidates, the best first; and how many places were given up.
    """
    scores = surface.scores()
    taken = np.zeros(surface.grid.shape, dtype=bool)
    kept: list[tuple[BaseGeometry, Grown]] = []
    refused = 0
    for spare in _SPARE:
        places = grow_sites(surface, scores, options.area_m2 * spare, taken)
        tries = itertools.islice(places, options.count * _MOST_TRIES)
        while len(kept) < options.count:
            progress("candidates", len(kept), options.count)
            batch: list[Grown] = []
            for grown in tries:
                place = (slice(grown.window.top, grown.window.bottom), slice(grown.window.left, grown.window.right))
                if (taken[place] & grown.cells).any():
                    continue
                taken[place] |= grown.cells
                batch.append(grown)
                if len(batch) >= options.count - len(kept):
                    break
            if not batch:
                break
            cuts = _cut(county, surface, batch, law, options, is_wide=spare > _SPARE[0])
            cuts = _cleared(county, cuts, law, options)
            for grown, site in zip(batch, cuts, strict=True):
                if site is None:
                    place = (slice(grown.window.top, grown.window.bottom), slice(grown.window.left, grown.window.right))
                    taken[place] &= ~grown.cells
                    refused += 1
                else:
                    kept.append((site, grown))
        if len(kept) >= options.count:
            break
    progress("", options.count, options.count)
    measured = [_measured(surface, site, grown) for site, grown in kept]
    ranked = sorted(measured, key=lambda one: -one.score)[: options.count]
    return [Candidate(f"C{rank}", *_fields(one)) for rank, one in enumerate(ranked, start=1)], refused


def _fields(one: Candidate) -> tuple[BaseGeometry, float, float, tuple[float, ...], float]:
    return one.site, one.area_m2, one.score, one.parts, one.compactness


def _cut(
    county: Workspace,
    surface: Surface,
    batch: Sequence[Grown],
    law: Law | None,
    options: SearchOptions,
    *,
    is_wide: bool,
) -> list[BaseGeometry | None]:
    """Cut grown places by all that the screening finds in them; None for one of which too little is left."""
    grid = surface.grid
    rough = [grid.cells_of(one.cells, one.window) for one in batch]
    outlines = np.array([shapely.simplify(shape, grid.cell_m * 0.75) for shape in rough], dtype=object)
    if is_wide:
        outlines = shapely.buffer(outlines, grid.cell_m, join_style="mitre")
    outlines = np.array(
        [_with_values(surface, shape, one.window) for shape, one in zip(outlines, batch, strict=True)], dtype=object
    )
    sites = as_sites([f"S{number}" for number in range(1, len(batch) + 1)], geodesy.to_lonlat(outlines, grid.crs))
    verdicts = [verdict for verdict in Verdict if verdict not in options.allowed]
    near = only_near(county, sites.geometries)
    around = look_around(near, sites, law, reach_m=_MARGIN_M, verdicts=verdicts)
    least = TrimOptions(_MARGIN_M, 0.0, options.area_m2, options.least_width_m)
    cut: list[BaseGeometry | None] = []
    for key, outline in zip(sites.ids, outlines, strict=True):
        blockers = [one for one in around.blockers[key] if _cuts(one, options)]
        grounds = blocked_ground([one.ground for one in blockers], grid.crs)
        pieces = shapely.get_parts(trim(outline, joined(grounds), least).kept)
        lonlat = geodesy.to_lonlat(pieces, grid.crs)
        areas = geodesy.area_m2(lonlat)
        best = int(np.argmax(areas)) if len(areas) else -1
        cut.append(lonlat[best] if best >= 0 and areas[best] >= options.area_m2 else None)
    return cut


def _with_values(surface: Surface, outline: BaseGeometry, window: Window) -> BaseGeometry:
    """Return an outline without the cells that lack the value of a criterion: nobody knows what they are worth."""
    part = _widened(window, surface.grid)
    lacking = surface.unvalued(part)
    return without(outline, surface.grid.cells_of(lacking, part)) if lacking.any() else outline


def _cleared(
    county: Workspace, sites: Sequence[BaseGeometry | None], law: Law | None, options: SearchOptions
) -> list[BaseGeometry | None]:
    """Screen sites as any are, and return those that every layer clears; the others as None."""
    there = [at for at, site in enumerate(sites) if site is not None]
    if not there:
        return list(sites)
    layer = as_sites([f"S{at}" for at in there], np.array([sites[at] for at in there], dtype=object))
    near = only_near(county, layer.geometries)
    report = judge_county(near.with_sites(layer), screening_checks(), law=law)
    rows = report.tables["screening"]
    verdicts = [str(verdict) for verdict in options.allowed]
    is_open = (rows["answer"] != str(Answer.CLEAR)) & ~rows["layer"].isin([*ZONING_ROLES, *options.left_out])
    is_open &= ~((rows["answer"] == str(Answer.INVOLVED)) & rows["verdict"].isin(verdicts))
    is_open |= rows["layer"].isin(ZONING_ROLES) & (rows["verdict"] == str(Verdict.PROHIBITED))
    refused = set(rows.loc[is_open, "site_id"])
    return [None if f"S{at}" in refused else site for at, site in enumerate(sites)]


def _widened(window: Window, grid: Grid) -> Window:
    """Return a window with some cells around it: where an outline may reach."""
    return Window(
        max(window.top - _RIM, 0),
        min(window.bottom + _RIM, grid.rows),
        max(window.left - _RIM, 0),
        min(window.right + _RIM, grid.columns),
    )


def _cuts(blocker: Blocker, options: SearchOptions) -> bool:
    """Tell whether ground is cut off a candidate: of layers that divide the county, only what is prohibited."""
    if blocker.layer in ZONING_ROLES:
        return blocker.verdict is Verdict.PROHIBITED
    return blocker.layer not in options.left_out


def as_sites(
    ids: Sequence[str], lonlat: geodesy.Geometries, *, path: str = "candidates", title: Text = _CANDIDATES
) -> Layer:
    """Return shapes that were found, not surveyed, as sites the checks take."""
    frame = gpd.GeoDataFrame(
        {
            "site_id": list(ids),
            "site_name": list(ids),
            "project_id": "",
            "accuracy_m": 0.0,
            "location_basis": "surveyed polygon",
        },
        geometry=gpd.GeoSeries(lonlat, crs=geodesy.LONLAT),
    )
    declared = LayerDeclaration(
        role="project_sites",
        path=path,
        key="site_id",
        name="site_name",
        title=title.zh,
        title_en=title.en,
    )
    return Layer(name="project_sites", declaration=declared, frame=frame, sound=frame)


def _measured(surface: Surface, site: BaseGeometry, grown: Grown) -> Candidate:
    """Score a site by the cells whose centres lie in it."""
    grid = surface.grid
    shape = in_plane(np.array([site], dtype=object), grid.crs)[0]
    window = _widened(grown.window, grid)
    cells = grid.centres_in(shape, window)
    parts = surface.parts_at(cells, window)
    weights = np.array([one.weight for one in surface.criteria])
    area_m2 = float(geodesy.area_m2(np.array([site], dtype=object))[0])
    round_ = float(4 * np.pi * shape.area / shape.length**2)
    score = float(np.average(parts[weights > 0], weights=weights[weights > 0]))
    return Candidate("", site, area_m2, score, tuple(float(part) for part in parts), round_)
