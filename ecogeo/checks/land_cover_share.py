"""The share of each class of land cover, and of forest and grass, blue-green space and others by their definitions.

Source: cells weighted by the fraction covered, their ground on the ellipsoid; definitions 口径 in
data/cover_definitions.csv, each with its own source. 林草覆盖率: 国家生态文明建设示范区建设指标（2021修订版）,
indicator 10.
"""

from __future__ import annotations

from ecogeo.check import Outcome, check
from ecogeo.finding import Finding, ResultTable, Severity
from ecogeo.landuse.book import NOTHING, LandBook
from ecogeo.landuse.cover import COLUMNS, NODATA, CoverShares, cover_shares
from ecogeo.landuse.units import units_of
from ecogeo.layer import Layer
from ecogeo.raster import Raster
from ecogeo.wording import Text, list_en, list_zh

_ROLE = "landcover"


@check(family="land", title=Text("土地覆盖占比", "land cover shares"))
def land_cover_share(  # noqa: PLR0917  layers are handed over by name
    landcover: Raster,
    land_book: LandBook,
    county: Layer | None = None,
    towns: Layer | None = None,
    control_units: Layer | None = None,
    redlines: Layer | None = None,
    project_sites: Layer | None = None,
    *,
    most_nodata_share: float = 0.001,
) -> Outcome:
    """Measure the land cover of the county, its towns, control units, red lines and sites.

    Ground without data, beyond the raster, or of a class that says nothing (未分类) is unknown: it is a share of its
    own, never left out of the whole. A value that neither layers.toml (``classes``) nor the file names is a class
    without a name, which no definition can count.

    Parameters
    ----------
    landcover
        Classes in cells.
    land_book
        What the classes count as.
    county, towns, control_units, redlines, project_sites
        The grounds; of the sites those that are polygons.
    most_nodata_share
        A county or town with a larger share of unknown ground is a finding; the builders' choice.

    Yields
    ------
    Findings; table ``landcover``.
    """
    grounds = units_of(
        {
            "county": county,
            "towns": towns,
            "control_units": control_units,
            "redlines": redlines,
            "project_sites": project_sites,
        }
    )
    shares = cover_shares(grounds, landcover, land_book)
    yield from _unclear_classes(landcover, shares)
    yield from _unknown_ground(landcover, shares, most_nodata_share)
    for frame in (shares.classes, shares.covers):
        yield ResultTable(_ROLE, frame[list(COLUMNS)])


def _unclear_classes(landcover: Raster, shares: CoverShares) -> Outcome:
    """Name the values nobody names, the names nobody knows, and the classes that say nothing."""
    title = landcover.title
    if shares.unnamed:
        yield Finding(
            message=Text(
                f"{title.zh}：值 {list_zh(shares.unnamed, most=20)} 没有类名，不计入任何口径："
                "请在 layers.toml 的 classes 中写明",
                f"{title.en}: the values {list_en(shares.unnamed, most=20)} have no name, so no definition counts "
                "them: give them under classes in layers.toml",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            value=float(len(shares.unnamed)),
            unit="count",
        )
    strange = [f"{value} {one.name}" for value, one in shares.meanings.items() if not one.kind]
    if strange:
        yield Finding(
            message=Text(
                f"{title.zh}：类名 {list_zh(strange, most=20)} 不在 data/land_classes.csv 中，不计入任何口径",
                f"{title.en}: the classes {list_en(strange, most=20)} are not in data/land_classes.csv: no definition "
                "counts them",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            value=float(len(strange)),
            unit="count",
        )
    nothing = [f"{value} {one.name}" for value, one in shares.meanings.items() if one.kind == NOTHING]
    if nothing:
        yield Finding(
            message=Text(
                f"{title.zh}：类 {list_zh(nothing)} 不说明地类，按无数据计",
                f"{title.en}: the classes {list_en(nothing)} say nothing of the ground: they count as no data",
            ),
            severity=Severity.NOTE,
            layer=_ROLE,
            value=float(len(nothing)),
            unit="count",
        )


def _unknown_ground(landcover: Raster, shares: CoverShares, most_nodata_share: float) -> Outcome:
    """List the county and the towns of which too much is unknown."""
    rows = shares.classes[shares.classes["class"] == NODATA]
    listed = rows[rows["unit_kind"].isin(["county", "town"]) & (rows["share"] > most_nodata_share)]
    for row in listed.to_dict("records"):
        name, share = row["unit_name"], row["share"]
        yield Finding(
            message=Text(
                f"{landcover.title.zh}：{name} 有 {share:.2%} 没有数据，各类占比最多还可高出这么多",
                f"{landcover.title.en}: {share:.2%} of {name} has no data; any share could be higher by as much",
            ),
            severity=Severity.WARNING,
            layer=_ROLE,
            feature_id=row["unit_id"],
            feature_name=name,
            value=share,
            unit="share",
        )
