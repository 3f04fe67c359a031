"""Candidates for a project anywhere in the county: searched on cells, cut by exact outlines, screened like any site."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.catalog import ZONING_ROLES, LayerDeclaration
from ecogeo.errors import UsageError
from ecogeo.finding import Answer, Report, Verdict
from ecogeo.gauss import home_plane
from ecogeo.judging import judge_county
from ecogeo.law import Law
from ecogeo.layer import Layer
from ecogeo.raster import Window
from ecogeo.siting.blocked import Blocker, look_around, make_ready, only_near, screening_checks
from ecogeo.siting.criteria import Criterion
from ecogeo.siting.cutting import joined, without
from ecogeo.siting.grid import Grid
from ecogeo.siting.ground import blocked_ground, in_plane
from ecogeo.siting.growing import Grown, grow_sites
from ecogeo.siting.surface import BLOCKED, FREE, UNKNOWN, Progress, Surface, build_surface
from ecogeo.siting.trimming import TrimOptions, trim
from ecogeo.siting.weighing import sensitivity_rows
from ecogeo.wording import Text
from ecogeo.workspace import Workspace

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


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What a search found.

    Parameters
    ----------
    surface
        What it was made on.
    candidates
        The best first.
    sites
        The candidates as sites; None where there are none.
    report
        What the screening says of them; None where there are none.
    sensitivity
        How the ranking moves with the weights.
    refused
        How many places were given up because exact outlines left too little of them.
    """

    surface: Surface
    candidates: tuple[Candidate, ...]
    sites: Layer | None
    report: Report | None
    sensitivity: pd.DataFrame
    refused: int = 0
    notes: tuple[Text, ...] = field(default=())

    @property
    def screening(self) -> pd.DataFrame:
        """What the screening says of each candidate and layer, with verdict, clause and next step."""
        return self._table("screening")

    @property
    def judgements(self) -> pd.DataFrame:
        """The rules behind it, with their open questions."""
        return self._table("judgements")

    def _table(self, name: str) -> pd.DataFrame:
        return pd.DataFrame() if self.report is None else self.report.tables.get(name, pd.DataFrame())


def search_sites(
    county: Workspace,
    law: Law | None,
    criteria: Sequence[Criterion],
    options: SearchOptions,
    *,
    within: BaseGeometry | None = None,
    progress: Progress = lambda _name, _done, _of: None,
) -> Search:
    """Find the best sites for a project.

    Parameters
    ----------
    county
        The county.
    law
        What judges zones, for the project's type.
    criteria
        What makes ground good, with weights.
    options
        What is looked for.
    within
        Where to look, longitude and latitude; None for the whole county. Ground outside the county is never searched.
    progress
        Told the step, the steps done and their number.

    Returns
    -------
    The candidates. None of them touches ground that blocks, or that a layer does not cover: their outlines are cut
    by what the screening finds around them, and they are screened again.

    Raises
    ------
    UsageError
        Where the county has no outline, or the ground to look in lies outside of it.
    """
    ground, crs = _searched(county, within)
    make_ready(county)
    grid = Grid.over(ground, crs, options.cell_m)
    surface = build_surface(
        county, ground, grid, law, criteria, allowed=options.allowed, left_out=options.left_out, progress=progress
    )
    found, refused = _candidates(county, surface, law, options, progress)
    sites = None
    if found:
        sites = _as_layer([one.site_id for one in found], np.array([one.site for one in found], dtype=object))
    return Search(
        surface,
        tuple(found),
        sites,
        None if sites is None else judge_county(county.with_sites(sites), screening_checks(), law=law),
        sensitivity_rows([one.parts for one in found], surface.criteria),
        refused,
        tuple(_notes(surface, found, options)),
    )


def _searched(county: Workspace, within: BaseGeometry | None) -> tuple[BaseGeometry, pyproj.CRS]:
    """Return the ground to search and its plane."""
    outline = county.of_role("county")
    if outline is None:
        raise UsageError(Text("本县没有县界图层，无法选址", "the county has no outline: nothing can be searched"))
    whole = shapely.union_all(outline.geometries)
    ground = whole if within is None else shapely.intersection(whole, within)
    if ground.is_empty or ground.area == 0:
        raise UsageError(Text("给定范围不在本县", "the ground to look in lies outside the county"))
    crs = home_plane(float(shapely.centroid(whole).x))
    return in_plane(np.array([ground], dtype=object), crs)[0], crs


def _candidates(
    county: Workspace, surface: Surface, law: Law | None, options: SearchOptions, progress: Progress
) -> tuple[list[Candidate], int]:
    """Grow places, cut them exactly, and keep those that are large enough, until there are enough of them."""
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
    sites = _as_layer([f"S{number}" for number in range(1, len(batch) + 1)], geodesy.to_lonlat(outlines, grid.crs))
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
    layer = _as_layer([f"S{at}" for at in there], np.array([sites[at] for at in there], dtype=object))
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


def _as_layer(ids: Sequence[str], lonlat: geodesy.Geometries) -> Layer:
    """Return polygons as sites."""
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
        path="candidates",
        key="site_id",
        name="site_name",
        title="备选用地",
        title_en="candidates",
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


def touched(search: Search) -> pd.DataFrame:
    """Return what the screening does not clear of the candidates; layers that divide the county apart."""
    rows = search.screening
    if not len(rows):
        return rows
    is_open = (rows["answer"] != str(Answer.CLEAR)) & ~rows["layer"].isin(ZONING_ROLES)
    return rows[is_open].reset_index(drop=True)


def state_areas_ha(surface: Surface) -> tuple[float, float, float]:
    """Return how much ground is free, blocked and unknown, hectares of cells."""
    cell_ha = surface.grid.cell_m**2 / geodesy.M2_PER_HA
    counts = np.bincount(surface.state.ravel(), minlength=4)
    free, blocked, unknown = (float(counts[state] * cell_ha) for state in (FREE, BLOCKED, UNKNOWN))
    return free, blocked, unknown


def _notes(surface: Surface, found: Sequence[Candidate], options: SearchOptions) -> list[Text]:
    """Say what the search could not see, and why there are fewer candidates than asked for."""
    free_ha, blocked_ha, unknown_ha = state_areas_ha(surface)
    notes = [
        Text(
            f"可选 {free_ha:,.0f} 公顷，受限 {blocked_ha:,.0f} 公顷，无法判断 {unknown_ha:,.0f} 公顷（按格网计）",
            f"{free_ha:,.0f} ha are free, {blocked_ha:,.0f} ha blocked, {unknown_ha:,.0f} ha unknown (by cells)",
        )
    ]
    notes += [
        Text(f"没有考虑{title.zh}：按要求略去", f"{title.en} was not asked, as told: what it would say stays open")
        for title in surface.blind
    ]
    notes += [
        Text(
            f"本县没有“{one.title.zh}”所需的数据（{one.source}），该准则未计分",
            f"“{one.title.en}” was not scored: the county lacks {one.source}",
        )
        for one in surface.unmeasured
    ]
    if len(found) < options.count:
        notes.append(
            Text(
                f"只找到 {len(found)} 处（要求 {options.count} 处）：没有更多足够大的可选地块",
                f"{len(found)} candidates, {options.count} were asked for: there is no more free ground large enough",
            )
        )
    return notes
