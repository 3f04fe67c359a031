"""Ground steeper than 25° must not be opened for crops, nor taken as new permanent basic farmland.

Source: 水土保持法第20条.
From memory, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, Severity
from ecogeo.hits import Cases, screen_role
from ecogeo.placing import corridor_widths_m, placed_within_m
from ecogeo.raster import Raster
from ecogeo.terrain import HIGHEST_M, LOWEST_M, SteepGround, distance_as_seen, steep_ground, steep_layer
from ecogeo.wording import Text


@check(family="screening", title=Text("项目用地涉及陡坡地", "project site on steep ground"))
def site_on_steep_slope(
    cases: Cases,
    dem: Raster,
    *,
    over_deg: float = 25.0,
    search_m: float = 500.0,
    least_m2: float = 1.0,
    least_width_m: float = 0.1,
) -> Outcome:
    """Answer for every project whether it lies on steep ground, by the slope of each cell of a terrain model.

    Ground without a slope (no data, the edge of the model) is unknown, never flat: it clears no site. What is smaller
    than a cell cannot be seen, so that outlines are as coarse as the cells; a finding says so.

    Parameters
    ----------
    cases
        The sites, with projects, law and towns.
    dem
        Heights in metres.
    over_deg
        Ground is steep above this slope, degrees.
    search_m
        Terrain is read up to this far beyond the accuracy of a site and the corridor of a line, metres; ``distance_m``
        is empty where steep ground is farther away.
    least_m2, least_width_m
        Pieces of a smaller area or mean width are ledgered, not counted.

    Yields
    ------
    Findings; tables ``screening``, ``screening_zones``, ``judgements`` and ``dropped``.

    Raises
    ------
    UnusableFileError
        Where the file is damaged.
    """
    sites = cases.sites
    reach_m = np.nan_to_num(placed_within_m(sites)) + np.nan_to_num(corridor_widths_m(sites)) / 2 + search_m
    ground = steep_ground(dem, sites.geometries, reach_m, over_deg=over_deg)
    yield from _limits(dem, ground)
    zones = steep_layer(dem, ground, over_deg=over_deg)
    as_seen = partial(distance_as_seen, search_m=search_m)
    yield from screen_role(cases, zones, least_m2=least_m2, least_width_m=least_width_m, amend=as_seen)


def _limits(dem: Raster, ground: SteepGround) -> Outcome:
    """Say what the terrain model cannot show, and which of its cells cannot be true."""
    width, height = ground.cell_m
    unit = (
        Text("", "")
        if dem.unit
        else Text("；文件未写明高程单位，按米计", "; it names no unit of height, metres are assumed")
    )
    yield Finding(
        message=Text(
            f"{dem.title.zh}：坡度按 {width:.0f} 米 × {height:.0f} 米格网计算（Horn 1981），小于一个格网的陡坡看不出，"
            f"图斑边界只精确到一个格网{unit.zh}",
            f"{dem.title.en}: slopes are those of cells of {width:.0f} m × {height:.0f} m (Horn 1981); what is smaller "
            f"cannot be seen, and outlines are no finer than a cell{unit.en}",
        ),
        severity=Severity.NOTE,
        layer=dem.declaration.role,
    )
    if count := ground.impossible_cells:
        yield Finding(
            message=Text(
                f"{dem.title.zh}：有 {count} 个格网的高程不在 {LOWEST_M:g} 至 {HIGHEST_M:g} 米之间，按无数据处理："
                "请为栅格写明 nodata",
                f"{dem.title.en}: {count} cells hold heights outside {LOWEST_M:g} to {HIGHEST_M:g} m; they count as no "
                "data: declare the raster's nodata value",
            ),
            severity=Severity.FAULT,
            layer=dem.declaration.role,
            value=float(count),
            unit="count",
        )
