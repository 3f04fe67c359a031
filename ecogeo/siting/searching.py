"""A search for ground: the best sites for a project anywhere in the county, and what the search could not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from ecogeo import geodesy
from ecogeo.catalog import ZONING_ROLES
from ecogeo.errors import UsageError
from ecogeo.finding import Answer, Report
from ecogeo.gauss import home_plane
from ecogeo.judging import judge_county
from ecogeo.law import Law
from ecogeo.layer import Layer
from ecogeo.siting.blocked import make_ready, screening_checks
from ecogeo.siting.candidates import Candidate, SearchOptions, as_sites, find_candidates
from ecogeo.siting.criteria import Criterion
from ecogeo.siting.grid import Grid
from ecogeo.siting.ground import in_plane
from ecogeo.siting.surface import BLOCKED, FREE, UNKNOWN, Progress, Surface, build_surface
from ecogeo.siting.weighing import sensitivity_rows
from ecogeo.wording import Text
from ecogeo.workspace import Workspace


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
    found, refused = find_candidates(county, surface, law, options, progress)
    sites = None
    if found:
        sites = as_sites([one.site_id for one in found], np.array([one.site for one in found], dtype=object))
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
