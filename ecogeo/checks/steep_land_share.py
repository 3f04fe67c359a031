"""The share of ground steeper than 25°, and the cropland on it, by town.

Source: slope by Horn (1981) from the true size of the cells; 25° is the limit of 水土保持法第20条 above which no land
may be opened for crops. From memory, not checked against the issuer's own copy: unverified.
"""

from __future__ import annotations

import pandas as pd

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.landuse.book import LandBook
from ecogeo.landuse.patches import read_patches
from ecogeo.landuse.steep import SteepShares, steep_shares
from ecogeo.landuse.units import units_of
from ecogeo.layer import Layer
from ecogeo.raster import Raster
from ecogeo.rounding import Rounding, rounded
from ecogeo.terrain import HIGHEST_M, LOWEST_M
from ecogeo.wording import Text

_SOURCES = {"landcover": Text("土地覆盖", "the land cover"), "landuse": Text("地类图斑", "the patches")}


@check(family="land", title=Text("陡坡地与陡坡耕地", "steep land and cropland on it"))
def steep_land_share(  # noqa: PLR0917  layers are handed over by name
    dem: Raster,
    land_book: LandBook,
    rounding: Rounding,
    county: Layer | None = None,
    towns: Layer | None = None,
    landcover: Raster | None = None,
    landuse: Layer | None = None,
    *,
    over_deg: float = 25.0,
    least_cropland_m2: float = 10_000.0,
    most_cliff_share: float = 0.25,
) -> Outcome:
    """Measure steep ground and steep cropland of the county and its towns.

    Ground without a slope (no data, the rim of the model) is unknown, never flat. Cropland is that of the land cover
    and that of the patches of the national survey (01), each in a row of its own where the county has both.

    Parameters
    ----------
    dem
        Heights in metres.
    land_book
        What the classes count as.
    rounding
        How the figures in sentences are rounded.
    county, towns
        The grounds.
    landcover, landuse
        What tells cropland.
    over_deg
        Ground is steep above this slope, degrees.
    least_cropland_m2
        A town with at least this much steep cropland is a finding; the builders' choice.
    most_cliff_share
        A larger share of ground over 45° is a doubt about the unit of the heights; the builders' choice.

    Yields
    ------
    Findings; table ``slope``.
    """
    patches = None if landuse is None else read_patches(landuse, land_book)
    shares = steep_shares(
        units_of({"county": county, "towns": towns}),
        dem,
        over_deg=over_deg,
        landcover=landcover,
        book=land_book,
        cropland=None if patches is None else patches.shapes[patches.is_cropland],
    )
    yield from _impossible_heights(dem, shares)
    yield from _too_steep(dem, shares, most_cliff_share)
    yield from _steep_cropland(shares.rows, over_deg, least_cropland_m2, rounding)
    yield ResultTable("slope", shares.rows)


def _impossible_heights(dem: Raster, shares: SteepShares) -> Outcome:
    if not shares.impossible_cells:
        return
    yield Finding(
        message=Text(
            f"{dem.title.zh}：有 {shares.impossible_cells} 个格网的高程不在 {LOWEST_M:g} 至 {HIGHEST_M:g} 米之间，"
            "按无数据处理：请为栅格写明 nodata",
            f"{dem.title.en}: {shares.impossible_cells} cells hold heights outside {LOWEST_M:g} to {HIGHEST_M:g} m; "
            "they count as no data: declare the raster's nodata value",
        ),
        severity=Severity.FAULT,
        layer="dem",
        value=float(shares.impossible_cells),
        unit="count",
    )


def _too_steep(dem: Raster, shares: SteepShares, most_share: float) -> Outcome:
    """Doubt the unit of heights that make most of the ground a cliff; nothing is corrected."""
    if shares.cliff_share <= most_share:
        return
    yield Finding(
        message=Text(
            f"{dem.title.zh}：有 {shares.cliff_share:.2%} 的格网坡度超过 45°，少有这样的地形：高程单位可能不是米"
            "（英尺、分米、厘米），文件没有写明；未作换算，请核实后为栅格写明单位",
            f"{dem.title.en}: {shares.cliff_share:.2%} of the cells are steeper than 45°, as hardly any ground is: the "
            "heights may not be in metres (feet, decimetres, centimetres), and the file does not say; nothing was "
            "converted: verify, and declare the raster's unit",
        ),
        severity=Severity.WARNING,
        layer="dem",
        value=shares.cliff_share,
        unit="share",
    )


def _steep_cropland(rows: pd.DataFrame, over_deg: float, least_m2: float, law: Rounding) -> Outcome:
    """List the towns with cropland on steep ground."""
    listed = rows[(rows["unit_kind"] == "town") & (rows["steep_cropland_m2"] >= least_m2)]
    for row in listed.to_dict("records"):
        hectares, share = rounded(row["steep_cropland_m2"] / 10_000, 4, law), row["steep_cropland_share"]
        source = _SOURCES[row["cropland_source"]]
        yield Finding(
            message=Text(
                f"{row['unit_name']}：坡度大于 {over_deg:g}° 的耕地 {hectares:.4f} 公顷，占耕地的 {share:.2%}"
                f"（耕地依据：{source.zh}）",
                f"{row['unit_name']}: {hectares:.4f} ha of cropland steeper than {over_deg:g}°, {share:.2%} of its "
                f"cropland (by {source.en})",
            ),
            severity=Severity.WARNING,
            layer="dem",
            feature_id=row["unit_id"],
            feature_name=row["unit_name"],
            town=row["unit_name"],
            value=hectares,
            unit="ha",
        )
